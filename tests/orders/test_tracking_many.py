"""Scans of many parcels at once: the same rows as one parcel after the other, for a fixed number of statements."""

import pytest

from orders.models import Shipment
from orders.projection import Scan
from orders.services.tracking import record_many, record_scans
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago

pytestmark = pytest.mark.django_db
JOURNEY = [
    Scan(ago(30), "picked_up", "accepted", "generic", text="picked up", city="Hangzhou"),
    Scan(ago(20), "in_transit", "moving", "generic", text="on its way"),
    Scan(ago(1), "delivered", "signed", "generic", text="signed"),
]
SAME = ("status", "sub_status", "picked_up_at", "last_scan_at", "delivered_at", "events_count", "place", "version")


def parcels(count: int) -> list[Shipment]:
    shop = make.shop()
    return [make.shipment(make.order(shop, placed_at=ago(40), paid_at=ago(39))) for _ in range(count)]


def test_many_parcels_get_the_rows_that_each_would_get_alone() -> None:
    alone, *together = parcels(4)
    record_scans(shipment=alone, scans=JOURNEY, now=NOW)
    told = {parcel.pk: JOURNEY for parcel in together}
    assert record_many(shop_id=alone.shop_id, told=told, now=NOW) == 9
    assert len(set(Shipment.objects.values_list(*SAME))) == 1
    assert {parcel.orders.get().status for parcel in together} == {"delivered"}


def test_a_parcel_with_nothing_new_is_left_alone() -> None:
    first, second = parcels(2)
    record_scans(shipment=first, scans=JOURNEY, now=NOW)
    assert record_many(shop_id=first.shop_id, told={first.pk: JOURNEY, second.pk: JOURNEY[:1]}, now=NOW) == 1
    first.refresh_from_db()
    assert first.version == 2


def test_thirty_parcels_cost_as_many_statements_as_three(django_assert_max_num_queries) -> None:
    few, many = parcels(3), parcels(30)
    with django_assert_max_num_queries(25) as first:
        record_many(shop_id=few[0].shop_id, told={parcel.pk: JOURNEY for parcel in few}, now=NOW)
    with django_assert_max_num_queries(len(first)):
        record_many(shop_id=many[0].shop_id, told={parcel.pk: JOURNEY for parcel in many}, now=NOW)
