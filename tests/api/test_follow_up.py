"""Steps and promises for programs."""

import pytest

from orders.models import Order, Promise
from orders.services.milestones import sync_milestones
from sla.defaults import setup_defaults
from tests import factories as make
from tests.api.cast import fields_of, post, with_key
from tests.clock import NOW
from tests.factories import ago, ahead

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    setup_defaults()
    shop = make.shop(present_at=NOW)
    made = make.order(shop, order_type="made_to_order", placed_at=ago(99), promised_delivery_at=ahead(900))
    sync_milestones([made.pk])
    return made


@pytest.fixture
def client():
    return with_key(make.user(make.team()))


PROMISE = {"code": "delivered", "promised_at": ahead(999).isoformat(), "reason": "flood"}


def test_the_steps_of_an_order_can_be_asked_for(client, order):
    steps = client.get(f"/api/v1/orders/{order.pk}/milestones/").json()
    assert [steps[0]["code"], steps[-1]["code"]] == ["order_received", "accepted"]
    assert client.get(f"/api/v1/orders/{order.pk}/").json()["milestones"] == steps


def test_a_promise_sent_twice_under_one_key_is_one_promise(client, order):
    replies = [post(client, f"orders/{order.pk}/promises/", PROMISE, **{"Idempotency-Key": "a"}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].json() == replies[1].json()
    assert Promise.objects.count() == 1
    order.refresh_from_db()
    assert order.promised_delivery_at == ahead(999)
    assert client.get(f"/api/v1/orders/{order.pk}/").json()["promises"][0]["reason"] == "flood"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"code": "packet"}, "code"), ({"code": "departed"}, "code"),
        ({"promised_at": ago(1).isoformat()}, "promised_at"),
        ({"reason": ""}, "reason"), ({"channel": "phone"}, "told_to"), ({"told_to": "Ann"}, "channel"),
        ({"version": 3}, "version"),
    ],
)  # fmt: skip
def test_a_promise_that_cannot_be_is_refused_by_its_field(client, order, change, field):
    reply = post(client, f"orders/{order.pk}/promises/", PROMISE | change)
    assert (reply.status_code, fields_of(reply)) == (400, {field})


def test_a_step_is_done_with_its_evidence(client, order):
    body = {"done_at": ago(2).isoformat(), "evidence": "QC report 118"}
    reply = post(client, f"orders/{order.pk}/milestones/qc_passed/done/", body)
    assert (reply.status_code, reply.json()["evidence"]) == (200, "QC report 118")
    assert order.milestones.get(code="qc_passed").actual_at == ago(2)


def test_a_step_that_the_order_does_not_have_is_not_there_and_one_in_the_future_is_refused(client, order):
    assert post(client, f"orders/{order.pk}/milestones/departed/done/", {}).status_code == 404
    reply = post(client, f"orders/{order.pk}/milestones/packed/done/", {"done_at": "2099-01-01T00:00:00Z"})
    assert (reply.status_code, fields_of(reply)) == (400, {"done_at"})


def test_a_key_without_the_scope_and_a_reader_may_not(order):
    for client in (with_key(make.user(), "orders:read"), with_key(make.user(role="readonly"))):
        assert post(client, f"orders/{order.pk}/promises/", PROMISE).status_code == 403
        assert post(client, f"orders/{order.pk}/milestones/packed/done/", {}).status_code == 403
