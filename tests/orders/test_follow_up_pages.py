import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import MilestoneTemplate, Promise, TrackingEvent
from orders.services.milestones import sync_milestones
from orders.services.tracking import record_scans
from orders.steps import READY
from orders.timeline import Scan
from sla.defaults import setup_defaults
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.models import Role
from tickets.models import Message

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def shop():
    setup_defaults()
    return make.shop(present_at=NOW)


@pytest.fixture
def agent():
    return make.user(make.team())


@pytest.fixture
def page(agent):
    return signed_in(agent)


@pytest.fixture
def order(shop):
    made = make.order(
        shop, order_type="foreign_trade", placed_at=ago(900), paid_at=ago(890), promised_delivery_at=ahead(700)
    )
    sync_milestones([made.pk])
    return made


GIVEN = {
    "code": "delivered",
    "promised_at": "2027-02-01T18:00",
    "reason": "flood",
    "told_to": "",
    "channel": "not_told",
}


def test_the_page_shows_every_step_and_says_which_are_late(page, order):
    text = page.get(reverse("order", args=[order.pk])).content.decode()
    assert text.count('class="chart"') == 2
    assert len(re.findall(r'<tr class="v-', text)) == len(READY["foreign_trade"])
    assert "late so far" in text and "Not recorded" not in text


def test_a_promise_by_form_is_on_record_and_shown(page, order, agent):
    reply = page.post(reverse("order_promise", args=[order.pk]), GIVEN, follow=True)
    assert "flood" in reply.content.decode()
    made = Promise.objects.get()
    assert (made.author, made.before_at, made.promised_at.isoformat()) == (
        agent,
        ahead(700),
        "2027-02-01T10:00:00+00:00",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [({"promised_at": "2020-01-01T00:00"}, "This time has passed"), ({"reason": ""}, "required"),
     ({"channel": "phone"}, "Say who was told"), ({"code": "painted"}, "valid choice")],
)  # fmt: skip
def test_a_promise_that_cannot_be_is_said_beside_the_form(page, order, change, words):
    reply = page.post(reverse("order_promise", args=[order.pk]), GIVEN | change)
    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert Promise.objects.count() == 0


def test_a_step_is_done_by_form_with_its_evidence(page, order, agent):
    done = reverse("order_step_done", args=[order.pk, "risk_cleared"])
    assert page.post(done, {"done_at": "2026-11-01T10:00", "evidence": "score 12"}).status_code == 302
    step = order.milestones.get(code="risk_cleared")
    assert (step.evidence, step.done_by) == ("score 12", agent)
    assert page.post(done, {"done_at": "2026-11-01T10:00"}).status_code == 404  # done already


@pytest.mark.parametrize("role", [Role.READONLY, Role.CONTACT])
def test_who_may_not_promise_sees_no_button_and_is_refused(shop, order, role):
    team = make.team("warehouse")
    make.ticket(shop, team=team, order=order)
    client = signed_in(make.user(team, role=role))
    assert "New promise" not in client.get(reverse("order", args=[order.pk])).content.decode()
    assert client.post(reverse("order_promise", args=[order.pk]), GIVEN).status_code == 403
    assert client.post(reverse("order_step_done", args=[order.pk, "packed"])).status_code == 403


def lines(page, order, **query) -> list[str]:
    text = page.get(reverse("order", args=[order.pk]), query).content.decode()
    return re.findall(r"<li class=\"\w* k-(\w+)\"", text)


def test_one_time_line_holds_everything_and_can_be_narrowed(page, order, agent):
    parcel = make.shipment(order, announced_at=ago(50))
    record_scans(shipment=parcel, scans=[Scan(ago(40), "in_transit", "moving", "generic")], now=NOW)
    ticket = make.ticket(order.shop, order=order, team_id=agent.team_ids[0])
    Message.objects.create(ticket=ticket, kind="customer", body="Where is it?", at=ago(3))
    Message.objects.create(ticket=make.ticket(order.shop, order=order), kind="note", body="Foreign", at=ago(3))
    assert {"milestone", "scan", "ticket", "message"} <= set(lines(page, order))
    assert set(lines(page, order, show="scan")) == {"scan"}
    assert sorted(lines(page, order, show="ticket")) == ["message", "ticket"]
    assert lines(page, order, show="nonsense") == lines(page, order)


def parcel_with(order, count: int):
    parcel = make.shipment(order, announced_at=ago(99), place="杭州")
    scans = [
        Scan(ago(90 - n / 10), "in_transit", "moving", "generic", text=f"Scan {n}", city="Berlin", country="DE",
             tz_source="location")
        for n in range(count)
    ]  # fmt: skip
    record_scans(shipment=parcel, scans=scans, now=NOW)
    return parcel


def test_a_parcel_has_its_page_with_local_times_and_what_does_not_count(page, order):
    parcel = parcel_with(order, 3)
    TrackingEvent.objects.filter(shipment=parcel, text="Scan 1").update(withdrawn_at=NOW)
    child = make.shipment(order, parent=parcel)
    text = page.get(reverse("parcel", args=[parcel.pk])).content.decode()
    assert "Europe/Berlin" in text and "by the place" in text
    assert text.count('<li class="apart">') == text.count("Withdrawn by its source") == 1
    assert order.external_no in text and child.number in text and "Child waybill" in text


def test_a_scan_that_two_sources_tell_is_shown_twice_and_counted_once(page, order):
    parcel = make.shipment(order, announced_at=ago(99))
    scans = [Scan(ago(40), "in_transit", "moving", source, city="Berlin") for source in ("aftership", "17track")]
    record_scans(shipment=parcel, scans=scans, now=NOW)
    text = page.get(reverse("parcel", args=[parcel.pk])).content.decode()
    assert text.count("Told twice") == text.count('<li class="apart">') == 1


def test_a_parcel_of_orders_that_may_not_be_seen_is_not_there(shop, order):
    contact = signed_in(make.user(make.team("warehouse"), role=Role.CONTACT))
    assert contact.get(reverse("parcel", args=[parcel_with(order, 1).pk])).status_code == 404


def test_the_parcels_page_costs_the_same_for_one_scan_and_for_three_hundred(page, order, django_assert_max_num_queries):
    def cost(parcel) -> tuple[int, float]:
        started = time.perf_counter()
        with django_assert_max_num_queries(20) as counted:
            page.get(reverse("parcel", args=[parcel.pk]))
        return len(counted), time.perf_counter() - started

    small, large = parcel_with(order, 1), parcel_with(order, 300)
    for _ in range(3):
        make.shipment(make.order(order.shop), parent=large)
    first = cost(small)
    assert cost(large)[0] == first[0]


@pytest.fixture
def chief():
    return signed_in(make.user(role=Role.SUPERVISOR))


def filled(kind: str = "pre_sale", **changes) -> dict[str, str]:
    given = {"order_type": kind, "shop": ""}
    for step in READY["pre_sale"]:
        given |= {f"{step.code}-department": step.department, f"{step.code}-amount": str(step.amount)}
        given |= {f"{step.code}-unit": str(step.unit), f"{step.code}-slack": str(step.slack)}
        given |= {f"{step.code}-needed": "on"} if step.needed else {}
    return given | changes


def test_a_supervisor_sees_the_plans_and_publishes_a_new_version(chief):
    assert "comes with the desk" in chief.get(reverse("order_plans")).content.decode()
    assert chief.get(reverse("order_plan_edit"), {"type": "pre_sale"}).status_code == 200
    for amount in ("3", "4"):
        assert chief.post(reverse("order_plan_edit"), filled(**{"packed-amount": amount})).status_code == 302
    versions = MilestoneTemplate.objects.order_by("version")
    assert [next(step for step in each.steps if step["code"] == "packed")["amount"] for each in versions] == [3, 4]
    assert "version 2" in chief.get(reverse("order_plans")).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [({"packed-amount": "-1"}, "whole number from 0 to 999"), ({"packed-slack": "x"}, "whole number"),
     ({"packed-unit": "weeks"}, "valid choice"), ({"order_type": "a/b"}, "letters, digits"),
     ({"shop": "99999"}, "valid choice")],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused_beside_its_field(chief, change, words):
    reply = chief.post(reverse("order_plan_edit"), filled(**change))
    assert (reply.status_code, words in reply.content.decode()) == (422, True)
    assert MilestoneTemplate.objects.count() == 0


def test_agents_neither_see_nor_write_plans(page):
    assert page.get(reverse("order_plans")).status_code == 403
    assert page.post(reverse("order_plan_edit"), filled()).status_code == 403
