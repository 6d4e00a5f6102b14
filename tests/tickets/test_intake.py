"""From an anomaly to a ticket, once."""

import pytest

from orders.models import Anomaly, AnomalyChange, Order
from orders.services.judging import judge_orders
from orders.services.sweep import sweep_until_idle
from tests import factories as make
from tests.factories import NOW, ago, ahead
from tickets import intake, services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def judged(order: Order, hours: float = 0, **changes: object) -> None:
    """Change the order's facts, judge it so many hours after NOW, and take in what changed."""
    Order.objects.filter(pk=order.pk).update(**changes)
    judge_orders(order.shop_id, [order.pk], now=ahead(hours))
    intake.sweep_until_idle()


def unshipped(**columns: object) -> Order:
    return make.order(make.shop(), **{"placed_at": ago(60), "paid_at": ago(50)} | columns)


def test_an_order_not_shipped_in_time_becomes_one_graded_ticket_of_the_warehouse() -> None:
    warehouse = make.team("warehouse")
    worker = make.user(warehouse)
    order = unshipped()
    sweep_until_idle(now=NOW)
    intake.sweep_until_idle()
    ticket = Ticket.objects.get()
    assert (ticket.order, ticket.anomaly_code, ticket.grade) == (order, "not_shipped", 2)
    assert (ticket.team, ticket.assignee, ticket.holder) == (warehouse, worker, "warehouse")
    assert ticket.opened_at == NOW


def test_sweeping_again_raises_nothing_again() -> None:
    unshipped()
    for hours in (0, 0, 5, 10):
        sweep_until_idle(now=ahead(hours))
        intake.sweep_until_idle()
    assert (Anomaly.objects.count(), Ticket.objects.count(), AnomalyChange.objects.count()) == (1, 1, 0)


def test_a_ticket_is_regraded_when_its_anomaly_grows_worse() -> None:
    order = unshipped()
    judged(order)
    judged(order, hours=22)
    ticket = Ticket.objects.get()
    assert ticket.grade == 1
    assert [event.kind for event in ticket.events.order_by("id")] == ["opened", "regrade"]


def test_a_ticket_that_nobody_touched_closes_when_its_cause_is_over() -> None:
    order = unshipped()
    judged(order)
    judged(order, hours=1, shipped_at=ahead(1))
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.closed_at) == ("closed", ahead(1))
    assert ticket.events.last().data["why"] == "shipped"


def test_a_ticket_that_somebody_works_on_stays_open_and_says_that_its_cause_is_over() -> None:
    agent = make.user(make.team("warehouse"))
    order = unshipped()
    judged(order)
    services.accept(ticket=Ticket.objects.get(), by=agent, now=NOW)
    judged(order, hours=1, shipped_at=ahead(1))
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.cause_cleared_at) == ("accepted", ahead(1))


def test_the_same_trouble_on_a_second_parcel_joins_the_open_ticket() -> None:
    shop = make.shop()
    order = make.order(shop, paid_at=ago(90), placed_at=ago(100), shipped_at=ago(80))
    for _ in range(2):
        make.shipment(order, announced_at=ago(80))
    judged(order)
    assert Anomaly.objects.filter(code="no_first_scan").count() == 2
    assert Ticket.objects.get(anomaly_code="no_first_scan").events.filter(kind="anomaly_again").count() == 1


def test_an_anomaly_cleared_before_it_was_taken_in_raises_no_ticket() -> None:
    order = unshipped()
    judge_orders(order.shop_id, [order.pk], now=NOW)
    Order.objects.filter(pk=order.pk).update(shipped_at=NOW)
    judge_orders(order.shop_id, [order.pk], now=NOW)
    intake.sweep_until_idle()
    assert not Ticket.objects.exists()


def test_an_anomaly_that_comes_again_days_after_its_ticket_was_closed_raises_a_new_one() -> None:
    order = unshipped()
    judged(order)
    judged(order, hours=1, shipped_at=ahead(1))
    judged(order, hours=50, shipped_at=None)
    assert sorted(Ticket.objects.values_list("status", flat=True)) == ["closed", "new"]


def test_an_anomaly_that_comes_again_within_two_days_is_the_same_one_on_the_same_ticket() -> None:
    order = unshipped()
    judged(order)
    judged(order, hours=1, shipped_at=ahead(1))
    judged(order, hours=40, shipped_at=None)
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.reopened, ticket.cause_cleared_at) == ("new", 1, None)
    assert (ticket.anomaly.state, ticket.anomaly.reopened) == ("reopened", 1)
    assert [event.kind for event in ticket.events.order_by("id")] == ["opened", "close", "reopen"]


def test_a_vip_with_a_broken_promise_is_an_emergency_and_both_reasons_are_on_the_ticket() -> None:
    shop = make.shop()
    vip = make.customer(shop, tier="vip")
    judged(unshipped(customer=vip, shop=shop, promised_delivery_at=ago(1)))
    ticket = Ticket.objects.get(anomaly_code="not_shipped")
    assert ticket.grade == 1
    assert [factor["code"] for factor in ticket.grade_factors] == ["severity", "vip", "promise_broken"]


def test_five_hundred_anomalies_take_as_many_statements_as_five(django_assert_max_num_queries) -> None:
    shop, team = make.shop(), make.team("warehouse")
    make.user(team, capacity=1000)
    for amount in (5, 500):
        Order.objects.bulk_create(
            Order(shop=shop, external_no=f"B{amount}-{n}", placed_at=ago(60), paid_at=ago(50), total=1)
            for n in range(amount)
        )
        ids = list(Order.objects.filter(external_no__startswith=f"B{amount}-").values_list("id", flat=True))
        judge_orders(shop.pk, ids, now=NOW)
        with django_assert_max_num_queries(45):
            assert intake.take_in() == amount
    assert Ticket.objects.count() == 505
