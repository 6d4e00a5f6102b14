"""Anomalies for programs: reported, judged, resolved; and the risk of orders."""

import pytest

from orders.models import Anomaly, Order
from orders.services.sweep import sweep_until_idle
from tests import factories as make
from tests.api.cast import fields_of, post, with_key
from tests.clock import NOW
from tests.factories import ago
from ticketdesk.accounts.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def order() -> Order:
    return make.order(make.shop(present_at=NOW), placed_at=ago(51), paid_at=ago(50))


@pytest.fixture
def client():
    return with_key(make.user(make.team()))


def test_a_report_is_made_once_and_noted_twice(client, order):
    told = {"order": order.pk, "code": "wrong_item", "note": "Red, not blue"}
    first, second = (post(client, "anomalies/", told | {"note": note}) for note in ("Red", "Still red"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert (first.json()["id"], first.json()["state"]) == (second.json()["id"], "open")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"code": "no_update"}, "code"), ({"note": ""}, "note"), ({"order": 9**9}, "order"), ({"parcel": 9**9}, "parcel")],
)
def test_a_report_that_makes_no_sense_names_the_field(client, order, change, field):
    reply = post(client, "anomalies/", {"order": order.pk, "code": "wrong_item", "note": "Red"} | change)
    assert (reply.status_code, fields_of(reply)) == (400, {field})


def test_a_verdict_and_a_resolution(client, order):
    sweep_until_idle(now=NOW)
    found = Anomaly.objects.get()
    assert post(client, f"anomalies/{found.pk}/verdict/", {"verdict": "false"}).json()["verdict"] == "false"
    resolved = post(client, f"anomalies/{found.pk}/resolve/", {"reason": "Agreed"}).json()
    assert (resolved["state"], resolved["close_reason"]) == ("resolved", "by_hand")
    assert post(client, f"anomalies/{found.pk}/resolve/", {"reason": "Agreed"}).status_code == 400


def test_a_frozen_order_has_an_urgent_anomaly_until_it_is_let_go(client, order):
    flagged = post(client, f"orders/{order.pk}/risk/", {"reason": "Chargeback"})
    assert [each["code"] for each in flagged.json()["open_anomalies"]] == ["payment_fraud"]
    assert post(client, f"orders/{order.pk}/risk/", {"reason": "Again"}).status_code == 400
    assert post(client, f"orders/{order.pk}/risk/release/", {}).json()["open_anomalies"] == []
    assert Anomaly.objects.get().close_reason == "released"


def test_who_only_reads_reports_nothing(order):
    reader = with_key(make.user(role=Role.READONLY))
    told = {"order": order.pk, "code": "wrong_item", "note": "Red"}
    assert post(reader, "anomalies/", told).status_code == 403
