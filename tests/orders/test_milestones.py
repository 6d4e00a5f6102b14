"""Milestones follow the order's row; the plan stays what it was."""

from datetime import timedelta

import pytest

from tests.clock import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def order():
    from tests import factories

    return factories.order(factories.shop(), placed_at=NOW, paid_at=NOW + HOUR, promised_delivery_at=NOW + 200 * HOUR)


def sync(order) -> dict:
    from orders.services.milestones import sync_milestones

    sync_milestones([order.pk])
    return {each.code: each for each in order.milestones.all()}


def test_the_four_steps_of_the_row_are_planned_and_told(order) -> None:
    steps = sync(order)
    assert list(steps) == ["order_received", "payment_confirmed", "handed_over", "delivered"]
    assert steps["order_received"].actual_at == NOW
    assert (steps["payment_confirmed"].planned_at, steps["payment_confirmed"].actual_at) == (
        NOW + 24 * HOUR,
        NOW + HOUR,
    )
    assert (steps["handed_over"].promised_at, steps["handed_over"].actual_at) == (NOW + 49 * HOUR, None)
    assert steps["delivered"].forecast_at == steps["delivered"].promised_at == NOW + 200 * HOUR


def test_an_agreed_ship_date_goes_before_the_usual_48_hours(order) -> None:
    order.promised_ship_at = NOW + 90 * HOUR
    order.save()
    assert sync(order)["handed_over"].planned_at == NOW + 90 * HOUR


def test_a_new_promise_moves_the_promise_and_not_the_plan(order) -> None:
    sync(order)
    order.promised_delivery_at = NOW + 300 * HOUR
    order.save()
    delivered = sync(order)["delivered"]
    assert (delivered.planned_at, delivered.promised_at) == (NOW + 200 * HOUR, NOW + 300 * HOUR)
    assert delivered.forecast_at == NOW + 300 * HOUR


def test_a_forecast_from_better_knowledge_stays(order) -> None:
    sync(order)
    order.milestones.filter(code="delivered").update(forecast_at=NOW + 250 * HOUR)
    order.promised_delivery_at = NOW + 300 * HOUR
    order.save()
    assert sync(order)["delivered"].forecast_at == NOW + 250 * HOUR


def test_nothing_is_written_when_nothing_differs(order) -> None:
    from orders.services.milestones import sync_milestones

    assert [sync_milestones([order.pk]), sync_milestones([order.pk]), sync_milestones([])] == [4, 0, 0]


def test_any_number_of_orders_takes_one_statement(order, django_assert_num_queries) -> None:
    from orders.services.milestones import sync_milestones
    from tests import factories

    ids = [order.pk, *(factories.order(order.shop).pk for _ in range(5))]
    with django_assert_num_queries(1):
        assert sync_milestones(ids) == 24
