"""Whole stories: a surge, a container, a silent feed, a buyer let down again; from scans to tickets and back."""

import random
from datetime import datetime, timedelta

import pytest

from orders.models import (
    Anomaly,
    DetectorSetting,
    Endpoint,
    Exposure,
    Incident,
    Order,
    ParcelFeed,
    SegmentHour,
    Shop,
    SurgeLook,
)
from orders.services import feed_incidents, surging
from orders.services.judging import judge_orders
from orders.services.segments import hour_of
from orders.services.tracking import record_scans
from orders.timeline import Scan
from sla.defaults import setup_defaults
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from tickets import incidents, intake, services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
CITY = "CN/Guangdong/Shenzhen"


@pytest.fixture(autouse=True)
def promises(db) -> None:
    setup_defaults()


@pytest.fixture
def shop() -> Shop:
    made = make.shop()
    DetectorSetting.objects.create(shop=made, detector="buyer_data", enabled=False)  # nobody here has an address
    return made


@pytest.fixture
def head():
    team = make.team("front_line")
    team.head = make.user(team, role="supervisor")
    team.save()
    return team.head


def usual(shop: Shop, code: str, mean: float, phi: float = 2.0) -> None:
    """Four weeks in which `code` was found `mean` times an hour in one city, scattered `phi` times more than chance."""
    rng = random.Random(3)
    start = hour_of(NOW) - 28 * 24 * HOUR
    rows = []
    for number in range(28 * 24):
        x = sum(rng.random() < 0.5 for _ in range(round(2 * mean))) * (1 if rng.random() < 0.8 else round(phi))
        for kind, key in (("shop", ""), ("city", CITY)):
            if x:
                rows.append(
                    SegmentHour(shop=shop, code=code, kind=kind, key=key, hour=start + HOUR * number, x=x, orders=x)
                )
    SegmentHour.objects.bulk_create(rows)
    SurgeLook.objects.create(shop=shop, watched_since=start, seen_at=NOW, judged_to=hour_of(NOW) - HOUR)
    for kind, key, n in (("shop", "", 5000), ("city", CITY, 400)):
        Exposure.objects.create(shop=shop, kind=kind, key=key, n=n, at=NOW)


def failed_parcels(shop: Shop, number: int) -> list[Order]:
    """So many orders to the city whose delivery failed a moment ago; two of each buyer."""
    by, orders = make.carrier(), []
    for n in range(number):
        buyer = make.customer(shop) if n % 2 == 0 else orders[-1].customer
        order = make.order(
            shop, customer=buyer, paid_at=ago(60), placed_at=ago(61), shipped_at=ago(50), dest_country="CN",
            dest_region="Guangdong", dest_city="Shenzhen", promised_delivery_at=ahead(24), total=100 + n,
        )  # fmt: skip
        make.shipment(
            order, by=by, status="attempt_failed", sub_status="other", flags="E", attempts=1, announced_at=ago(50),
            picked_up_at=ago(49), first_scan_at=ago(49), last_scan_at=NOW, last_physical_at=NOW, status_at=NOW,
        )  # fmt: skip
        orders.append(order)
    return orders


def judged(shop: Shop, orders: list[Order], at: datetime) -> None:
    judge_orders(shop.pk, [order.pk for order in orders], now=at)


def swept(shop: Shop, at: datetime) -> None:
    """What the desk's loops do in a minute."""
    surging.sweep_until_idle(now=at)
    incidents.sweep_until_idle()
    intake.sweep_until_idle()


def children() -> list[Ticket]:
    return list(Ticket.objects.filter(parent__isnull=False, anomaly_code="delivery_failed"))


def test_sixty_failed_deliveries_in_one_city_are_one_incident_with_sixty_muted_children(shop, head) -> None:
    usual(shop, "delivery_failed", 4)
    judged(shop, failed_parcels(shop, 60), ahead(0.1))
    swept(shop, ahead(0.2))
    incident, parent = Incident.objects.get(), Ticket.objects.get(incident__isnull=False)
    assert (incident.kind, incident.key, incident.code, incident.affected) == ("city", CITY, "delivery_failed", 60)
    assert (parent.grade, parent.scope, parent.assignee) == (1, "systemic", head)
    assert len(children()) == 60
    assert all(child.muted and child.parent == parent and child.due_by is None for child in children())
    assert set(Ticket.objects.live().filter(anomaly_code="delivery_failed")) == {parent}


def test_tickets_raised_before_anybody_saw_the_surge_join_it_and_their_clocks_stand_still(shop, head) -> None:
    usual(shop, "delivery_failed", 4)
    orders = failed_parcels(shop, 40)
    for part in (orders[:15], orders[15:30], orders[30:]):  # in portions that call nobody's attention
        judged(shop, part, ahead(0.1))
        intake.sweep_until_idle()
    assert Ticket.objects.live().filter(anomaly_code="delivery_failed", due_by__isnull=False).count() == 40
    swept(shop, ahead(0.3))
    assert len(children()) == 40
    assert all(child.muted and child.paused for child in children())
    assert {event.kind for event in children()[0].events.all()} == {"opened", "join_incident"}


def test_what_is_found_while_it_is_open_joins_at_once_and_elsewhere_does_not(shop, head) -> None:
    usual(shop, "delivery_failed", 4)
    judged(shop, failed_parcels(shop, 30), ahead(0.1))
    swept(shop, ahead(0.2))
    late, elsewhere = failed_parcels(shop, 2)
    Order.objects.filter(pk=elsewhere.pk).update(dest_city="Harbin", dest_region="Heilongjiang")
    judged(shop, [late, elsewhere], ahead(0.5))
    intake.sweep_until_idle()
    assert Ticket.objects.get(order=late).muted
    assert not Ticket.objects.get(order=elsewhere).muted


def test_an_ordinary_hour_is_no_incident(shop, head) -> None:
    usual(shop, "delivery_failed", 4)
    judged(shop, failed_parcels(shop, 7), ahead(0.1))
    swept(shop, ahead(0.2))
    assert not Incident.objects.exists()
    assert Ticket.objects.live().filter(anomaly_code="delivery_failed").count() == 7


def test_looking_again_and_again_changes_nothing(shop, head) -> None:
    usual(shop, "delivery_failed", 4)
    judged(shop, failed_parcels(shop, 30), ahead(0.1))
    for minutes in (12, 13, 14, 20):
        swept(shop, ahead(minutes / 60))
    assert (Incident.objects.count(), Ticket.objects.filter(incident__isnull=False).count()) == (1, 1)
    assert SegmentHour.objects.filter(hour=hour_of(NOW), kind="city").values_list("x", "held").get() == (30, 30)


def test_three_quiet_hours_close_it_and_nobody_is_lost(shop, head) -> None:
    usual(shop, "delivery_failed", 4)
    orders = failed_parcels(shop, 30)
    judged(shop, orders, ahead(0.1))
    swept(shop, ahead(0.2))
    asked, over = Ticket.objects.get(order=orders[0]), Ticket.objects.get(order=orders[1])
    services.customer_message(ticket=asked, now=ahead(0.5), body="Where is it?")
    for order in orders[:2]:
        order.shipments.update(status="delivered", sub_status="delivered", delivered_at=ahead(1), flags="T")
        Order.objects.filter(pk=order.pk).update(delivered_at=ahead(1), status="delivered")
    judged(shop, orders[:2], ahead(1.2))
    for hours in (1.3, 2.3, 3.3, 4.3):
        swept(shop, ahead(hours))
    incident = Incident.objects.get()
    assert (incident.state, incident.close_reason) == ("closed", "quiet")
    assert [window["quiet"] for window in incident.windows[-3:]] == [True] * 3
    asked.refresh_from_db(), over.refresh_from_db()
    assert asked.is_live and not asked.muted and asked.due_by is not None  # somebody owes an answer
    assert over.status == "closed"
    back = Ticket.objects.live().filter(parent__isnull=False).exclude(pk=asked.pk)
    assert back.count() == 28
    assert all(ticket.due_by is not None and ticket.events.filter(kind="leave_incident").exists() for ticket in back)


def test_closing_its_ticket_by_hand_gives_the_children_back(shop, head) -> None:
    usual(shop, "delivery_failed", 4)
    judged(shop, failed_parcels(shop, 30), ahead(0.1))
    swept(shop, ahead(0.2))
    parent = Ticket.objects.get(incident__isnull=False)
    services.close(ticket=parent, by=head, now=ahead(1), why="carrier says it is over")
    incidents.sweep_until_idle()
    assert Incident.objects.get().close_reason == "by_hand"
    assert Ticket.objects.live().filter(parent=parent).count() == 30


def test_a_customer_who_writes_wakes_his_ticket(shop, head) -> None:
    usual(shop, "delivery_failed", 4)
    orders = failed_parcels(shop, 30)
    judged(shop, orders, ahead(0.1))
    swept(shop, ahead(0.2))
    services.customer_message(ticket=Ticket.objects.get(order=orders[3]), now=ahead(0.4), body="Hello?")
    woken = Ticket.objects.get(order=orders[3])
    assert (woken.muted, woken.parent is not None, woken.due_by is not None) == (False, True, True)


def scan(status: str, sub_status: str, at: datetime) -> Scan:
    return Scan(
        occurred_at=at, source="own", raw_code=sub_status, status=status, sub_status=sub_status, text=sub_status
    )


def test_one_bad_word_on_a_container_is_one_incident_for_everything_in_it(shop, head) -> None:
    box = make.shipment(make.order(shop, placed_at=ago(90)), status="in_transit", sub_status="moving")
    inside = [make.order(shop, placed_at=ago(90), shipped_at=ago(80), customer=make.customer(shop)) for _ in range(12)]
    for order in inside:
        make.shipment(order, parent=box, status="in_transit", sub_status="moving", first_scan_at=ago(20),
                      last_scan_at=ago(3), last_physical_at=ago(3), announced_at=ago(80))  # fmt: skip
    record_scans(shipment=box, scans=[scan("customs", "held", ago(0.1))], now=NOW)
    swept(shop, ahead(0.1))
    incident, parent = Incident.objects.get(), Ticket.objects.get(incident__isnull=False)
    assert (incident.kind, incident.label, incident.affected) == ("batch", box.number, 12)
    assert Ticket.objects.filter(parent=parent, muted=True).count() == 12
    judged(shop, inside, ahead(2))
    assert Anomaly.objects.filter(code="batch_event", closed_at=None).count() == 12
    record_scans(shipment=box, scans=[scan("customs", "released", ahead(3))], now=ahead(3))
    swept(shop, ahead(3.1))
    assert Incident.objects.get().close_reason == "moved_on"
    assert not Ticket.objects.live().filter(anomaly_code="batch_event").exists()


def test_a_feed_that_is_down_is_one_p1_and_no_stalled_parcel(shop, head) -> None:
    technical = make.team("technical")
    door = Endpoint.objects.create(shop=shop, source="aftership", name="AfterShip", last_message_at=ago(2))
    by, orders = make.carrier(), []
    for number in range(40):
        order = make.order(shop, placed_at=ago(200), shipped_at=ago(100), paid_at=ago(110))
        parcel = make.shipment(
            order, by=by, status="in_transit", sub_status="moving", announced_at=ago(100), picked_up_at=ago(99),
            first_scan_at=ago(99), last_scan_at=ago(70 + number % 2), last_physical_at=ago(70 + number % 2),
        )  # fmt: skip
        ParcelFeed.objects.create(shipment=parcel, source="aftership", as_of=ago(3))
        orders.append(order)
    Endpoint.objects.filter(pk=door.pk).update(silent_since=ago(2))
    swept(shop, NOW)
    for hours in (4, 7, 10):  # every one of them passes 72 h
        judged(shop, orders, ahead(hours))
        swept(shop, ahead(hours))
    ticket = Ticket.objects.get()
    assert (ticket.anomaly_code, ticket.grade, ticket.team) == ("feed_silent", 1, technical)
    assert not Anomaly.objects.filter(code="no_update").exists()
    Endpoint.objects.filter(pk=door.pk).update(silent_since=None, last_message_at=ahead(10))
    for order in orders[:35]:
        order.shipments.update(last_scan_at=ahead(10), last_physical_at=ahead(10))
    for hours in (10.5, 11.6, 12.5):
        feed_incidents.follow(now=ahead(hours))
    judged(shop, orders, ahead(13))
    swept(shop, ahead(13))
    assert Incident.objects.get().close_reason == "talks_again"
    assert Anomaly.objects.filter(code="no_update", closed_at=None).count() == 5


def test_the_second_order_delayed_at_once_and_the_third_late_in_a_row_open_one_care_ticket(shop, head) -> None:
    buyer, unlucky = make.customer(shop), make.customer(shop)
    pair = [make.order(shop, customer=buyer, placed_at=ago(60), paid_at=ago(50)) for _ in range(2)]
    for order in pair:
        judged(shop, [order], NOW)
        intake.sweep_until_idle()
    care = Ticket.objects.get(anomaly_code="repeat_victim")
    assert (care.customer, care.grade, care.order) == (buyer, 2, None)
    for days in (30, 20):
        make.order(
            shop, customer=unlucky, placed_at=ago(24 * days + 200), promised_delivery_at=ago(24 * days),
            delivered_at=ago(24 * days - 10), status="delivered",
        )  # fmt: skip
    third = make.order(shop, customer=unlucky, placed_at=ago(200), shipped_at=ago(190), promised_delivery_at=ago(1))
    for hours in (0, 1, 2):
        judged(shop, [third], ahead(hours))
        intake.sweep_until_idle()
    assert Ticket.objects.filter(anomaly_code="repeat_victim").count() == 2
    assert Ticket.objects.get(customer=unlucky, anomaly_code="repeat_victim").is_live


def test_an_order_in_time_between_late_ones_makes_no_victim(shop, head) -> None:
    buyer = make.customer(shop)
    for days, late in ((30, 10), (20, -10)):
        make.order(
            shop, customer=buyer, placed_at=ago(24 * days + 200), promised_delivery_at=ago(24 * days),
            delivered_at=ago(24 * days - late), status="delivered",
        )  # fmt: skip
    third = make.order(shop, customer=buyer, placed_at=ago(200), shipped_at=ago(190), promised_delivery_at=ago(1))
    judged(shop, [third], NOW)
    intake.sweep_until_idle()
    assert not Ticket.objects.filter(anomaly_code="repeat_victim").exists()
