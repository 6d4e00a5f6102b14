from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from orders.facts import OrderFacts, ParcelFacts

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PARCEL = ParcelFacts(
    id=7,
    number="RR123456789CN",
    carrier="ems",
    status="out_for_delivery",
    sub_status="out",
    leg="outbound",
    announced_at=NOW - 50 * HOUR,
    picked_up_at=NOW - 48 * HOUR,
    first_scan_at=NOW - 48 * HOUR,
    last_scan_at=NOW - HOUR,
    last_physical_at=NOW - HOUR,
    status_at=NOW - HOUR,
    delivered_at=None,
    returned_at=None,
    attempts=0,
    eta_at=NOW + 9 * HOUR,
    cross_border=False,
    place="Leeds, GB",
)
ORDER = OrderFacts(
    id=1,
    number="A-1001",
    placed_at=NOW - 90 * HOUR,
    paid_at=NOW - 80 * HOUR,
    shipped_at=NOW - 50 * HOUR,
    delivered_at=None,
    cancelled_at=None,
    promised_ship_at=NOW + HOUR,
    promised_delivery_at=NOW + 20 * HOUR,
    value=Decimal("59.90"),
    currency="EUR",
    vip=False,
    cross_border=False,
    parcels=(PARCEL,),
)


def test_an_order_without_a_future_is_returned_as_it_is():
    assert ORDER.as_of(NOW) is ORDER


def test_what_happens_at_this_very_instant_is_known():
    assert replace(ORDER, delivered_at=NOW).as_of(NOW).delivered_at == NOW


@pytest.mark.parametrize("fact", ["paid_at", "shipped_at", "delivered_at", "cancelled_at"])
def test_a_later_fact_is_hidden_and_promises_stay(fact):
    known = replace(ORDER, **{fact: NOW + HOUR}).as_of(NOW)

    assert getattr(known, fact) is None
    assert (known.promised_ship_at, known.promised_delivery_at) == (NOW + HOUR, NOW + 20 * HOUR)


def test_a_parcel_announced_later_is_left_out():
    later = replace(PARCEL, id=8, announced_at=NOW + HOUR)

    assert replace(ORDER, parcels=(PARCEL, later)).as_of(NOW).parcels == (PARCEL,)


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ({"delivered_at": NOW - 2 * HOUR}, ("delivered", "delivered")),
        ({}, ("in_transit", "moving")),
        ({"picked_up_at": None, "first_scan_at": None}, ("info_received", "label_created")),
    ],
    ids=["delivered before", "scanned before", "only announced before"],
)
def test_a_status_that_begins_later_gives_way_to_what_is_proven(known, status):
    back = replace(PARCEL, status="returned", sub_status="received", leg="return", status_at=NOW + HOUR, **known)
    seen = replace(back, returned_at=NOW + HOUR).as_of(NOW)

    assert (seen.status, seen.sub_status) == status
    assert (seen.leg, seen.returned_at) == ("outbound", None)


def test_a_status_that_holds_is_kept_when_only_a_later_scan_of_it_is_hidden():
    seen = replace(PARCEL, last_scan_at=NOW + HOUR).as_of(NOW)

    assert (seen.status, seen.last_scan_at, seen.place) == ("out_for_delivery", None, "Leeds, GB")


def test_the_next_fact_is_the_earliest_of_order_and_parcels():
    replayed = replace(ORDER, delivered_at=NOW + 9 * HOUR, parcels=(replace(PARCEL, delivered_at=NOW + 8 * HOUR),))

    assert replayed.next_fact_after(NOW) == NOW + 8 * HOUR
    assert replayed.next_fact_after(NOW + 8 * HOUR) == NOW + 9 * HOUR
    assert replayed.next_fact_after(NOW + 9 * HOUR) is None


def test_a_promise_is_no_fact_and_wakes_nobody():
    assert ORDER.next_fact_after(NOW) is None
