from datetime import timedelta

import pytest

from orders.models import Milestone, TrackingEvent
from orders.showing import show, stage_of
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


def scan(parcel, hours, status="in_transit", sub_status="moving", **columns):
    given = {"fingerprint": f"{parcel.pk}-{hours}".encode(), "occurred_at": ago(hours), "source": "test"}
    return TrackingEvent.objects.create(
        shipment=parcel, month=parcel.month, status=status, sub_status=sub_status, **given | columns
    )


@pytest.mark.parametrize(
    ("columns", "stage"),
    [
        ({}, "placed"),
        ({"paid_at": ago(2)}, "paid"),
        ({"paid_at": ago(2), "shipped_at": ago(1)}, "shipped"),
        ({"paid_at": ago(2), "shipped_at": ago(1), "delivered_at": ago(0)}, "delivered"),
        ({"delivered_at": ago(1), "cancelled_at": ago(0)}, "cancelled"),
        ({"status": "partly_delivered", "shipped_at": ago(1)}, "partly_delivered"),
    ],
)
def test_an_order_stands_where_its_times_say(shop, columns, stage):
    assert stage_of(make.order(shop, **columns), NOW) == stage


def test_a_replayed_shop_does_not_know_its_future(shop):
    order = make.order(shop, placed_at=ago(90), paid_at=ago(80), delivered_at=ahead(5), status="delivered")
    parcel = make.shipment(
        order, announced_at=ago(70), picked_up_at=ago(60), status="delivered", sub_status="signed", status_at=ahead(5)
    )
    scan(parcel, -5, "delivered", "signed")
    scan(parcel, 60, "picked_up", "accepted")
    shown = show(order, ahead(999))
    assert (shown.present, shown.stage, shown.delivered_at) == (NOW, "paid", None)
    assert (shown.parcels[0].status, len(shown.parcels[0].scans)) == ("picked_up", 1)


def test_a_parcel_that_is_announced_later_is_not_there_yet(shop):
    order = make.order(shop)
    make.shipment(order, announced_at=ahead(1))
    assert show(order, NOW).parcels == []


@pytest.mark.parametrize(("eta_at", "is_over"), [(None, False), (ahead(1), False), (ago(1), True)])
def test_an_estimate_that_has_passed_is_told_as_over(shop, eta_at, is_over):
    parcel = make.shipment(make.order(shop), eta_at=eta_at)
    assert show(parcel.orders.get(), NOW).is_eta_over is is_over


@pytest.mark.parametrize(
    ("columns", "newest"),
    [({}, "order_received"), ({"paid_at": ago(2), "shipped_at": ago(1)}, "handed_over")],
)
def test_the_newest_step_is_the_last_done_and_the_one_in_hand_follows_it(shop, columns, newest):
    steps = show(make.order(shop, **columns), NOW).steps
    [at] = [number for number, step in enumerate(steps) if step.is_newest]
    assert (steps[at].code, steps[at].state, steps[at + 1].state) == (newest, "done", "cur")


def test_scans_come_newest_first_and_withdrawn_ones_not_at_all(shop):
    parcel = make.shipment(make.order(shop))
    scan(parcel, 9, text="old")
    scan(parcel, 1, text="new")
    scan(parcel, 5, text="wrong", withdrawn_at=NOW)
    order = parcel.orders.get()
    assert [line.text for line in show(order, NOW).parcels[0].scans] == ["new", "old"]


def test_lateness_counts_from_the_first_of_arrival_forecast_and_present(shop):
    promised = {"promised_delivery_at": ago(10), "placed_at": ago(90)}
    assert show(make.order(shop, **promised), NOW).late_by == timedelta(hours=10)
    assert show(make.order(shop, **promised, delivered_at=ago(4)), NOW).late_by == timedelta(hours=6)
    assert show(make.order(shop, **promised, cancelled_at=ago(4)), NOW).late_by is None
    late = make.order(shop, promised_delivery_at=ahead(10))
    make.shipment(late, eta_at=ahead(30))
    shown = show(late, NOW)
    assert (shown.late_by, shown.is_overdue) == (timedelta(hours=20), False)


def test_the_step_after_the_last_one_done_is_the_current_one(shop):
    order = make.order(shop, placed_at=ago(9), paid_at=ago(8))
    assert [stage.state for stage in show(order, NOW).stages] == ["done", "done", "cur", ""]


def test_milestones_that_are_stored_come_before_what_the_row_tells(shop):
    order = make.order(shop)
    Milestone.objects.create(order=order, code="packed", seq=30, planned_at=ahead(3))
    assert [stage.code for stage in show(order, NOW).stages] == ["packed"]


def test_showing_an_order_costs_the_same_for_any_number_of_parcels(shop, django_assert_num_queries):
    order = make.order(shop)
    for _ in range(5):
        scan(make.shipment(order), 1)
    with django_assert_num_queries(4):
        show(order, NOW)
