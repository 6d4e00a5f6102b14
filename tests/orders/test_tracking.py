"""Scans come in, in any order and any number of times."""

from itertools import permutations

import pytest

from orders.models import Anomaly, Shipment, TrackingEvent
from orders.projection import Scan
from orders.services.tracking import record_scans
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago

pytestmark = pytest.mark.django_db


def scan(hours: float, status: str, sub_status: str, text: str = "") -> Scan:
    return Scan(ago(hours), status, sub_status, "generic", text=text or f"{status} {hours}", city="Hangzhou")


JOURNEY = [
    scan(30, "picked_up", "accepted"),
    scan(20, "in_transit", "moving"),
    scan(3, "out_for_delivery", "out"),
    scan(1, "delivered", "signed"),
]


def parcel_of(*orders, **columns) -> Shipment:
    return make.shipment(*orders, announced_at=ago(31), **columns)


def test_scans_move_the_parcel_and_its_order() -> None:
    order = make.order(make.shop(), placed_at=ago(40), paid_at=ago(39))
    parcel = parcel_of(order)
    assert record_scans(shipment=parcel, scans=JOURNEY, now=NOW) == 4
    parcel.refresh_from_db()
    order.refresh_from_db()
    assert (parcel.status, parcel.sub_status, parcel.delivered_at, parcel.events_count) == (
        "delivered",
        "signed",
        ago(1),
        4,
    )
    assert (order.status, order.shipped_at, order.delivered_at) == ("delivered", ago(30), ago(1))
    assert order.milestones.get(code="delivered").actual_at == ago(1)


def test_the_same_scans_again_change_nothing() -> None:
    order = make.order(make.shop(), placed_at=ago(40))
    parcel = parcel_of(order)
    record_scans(shipment=parcel, scans=JOURNEY, now=NOW)
    before = Shipment.objects.values().get()
    assert record_scans(shipment=parcel, scans=JOURNEY + JOURNEY, now=NOW) == 0
    assert Shipment.objects.values().get() == before
    assert TrackingEvent.objects.count() == 4


def test_any_order_of_arrival_gives_the_same_row() -> None:
    rows = set()
    for arrival in permutations(JOURNEY):
        parcel = parcel_of(make.order(make.shop(), placed_at=ago(40)))
        for each in arrival:
            record_scans(shipment=parcel, scans=[each], now=NOW)
        parcel.refresh_from_db()
        rows.add((parcel.status, parcel.sub_status, parcel.picked_up_at, parcel.last_scan_at, parcel.delivered_at))
    assert len(rows) == 1


def test_an_order_of_two_parcels_is_delivered_only_when_both_are() -> None:
    order = make.order(make.shop(), placed_at=ago(40))
    first, second = parcel_of(order), parcel_of(order)
    record_scans(shipment=first, scans=JOURNEY, now=NOW)
    order.refresh_from_db()
    assert (order.status, order.delivered_at) == ("partly_delivered", None)
    record_scans(shipment=second, scans=JOURNEY[:2], now=NOW)
    order.refresh_from_db()
    assert order.delivered_at is None
    record_scans(shipment=second, scans=JOURNEY, now=NOW)
    order.refresh_from_db()
    assert (order.status, order.delivered_at) == ("delivered", ago(1))


def test_a_failed_delivery_opens_an_anomaly_at_once_and_a_later_one_that_succeeds_closes_it() -> None:
    order = make.order(make.shop(), placed_at=ago(40), paid_at=ago(40))
    parcel = parcel_of(order)
    record_scans(shipment=parcel, scans=[*JOURNEY[:2], scan(10, "attempt_failed", "no_one")], now=NOW)
    anomaly = Anomaly.objects.get()
    assert (anomaly.code, anomaly.shipment, anomaly.state) == ("delivery_failed", parcel, "open")
    record_scans(shipment=parcel, scans=JOURNEY[2:], now=NOW)
    anomaly.refresh_from_db()
    assert anomaly.state == "cleared"


def test_a_parcel_with_two_orders_moves_both() -> None:
    shop = make.shop()
    orders = [make.order(shop, placed_at=ago(40)) for _ in range(2)]
    record_scans(shipment=parcel_of(*orders), scans=JOURNEY, now=NOW)
    for order in orders:
        order.refresh_from_db()
        assert order.status == "delivered"
