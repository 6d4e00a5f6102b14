"""Stock: reserved at confirmation, never twice, taken away by shipping, let go by cancelling, served oldest first."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from orders.models import Allocation, Anomaly, Incoming, Order, OrderLine, StockLevel, StockWait
from orders.services.ordering import Told as ToldOrder
from orders.services.ordering import record_facts, record_order
from orders.services.stocking.settling import settle
from orders.services.stocking.sweep import sweep_until_idle
from orders.services.stocking.telling import Delivery, Told, tell
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make.shop()


def stock(shop, *entries, incoming=()):
    told = [Told(place, sku, on_hand=qty, incoming=incoming or None) for place, sku, qty in entries]
    return tell(shop=shop, told=told, now=NOW)


def ordered(shop, *lines, number=None, **columns):
    """A paid order of (SKU, quantity) lines, told through the service."""
    told = [{"line_no": no, "sku": sku, "qty": qty} for no, (sku, qty) in enumerate(lines, start=1)]
    given = {"placed_at": ago(2), "paid_at": ago(1), **columns}
    number = number or f"S-{Order.objects.count()}"
    return record_order(shop=shop, channel="web", external_no=number, told=ToldOrder(given, lines=told), now=NOW)[0]


def level(place, sku="TEA") -> tuple[int, int]:
    row = StockLevel.objects.get(warehouse__code=place, sku=sku)
    return row.on_hand, row.reserved


def held(order) -> dict[tuple[str, str], int]:
    rows = Allocation.objects.filter(order=order, state="reserved").select_related("level__warehouse")
    return {(row.level.warehouse.code, row.level.sku): row.qty for row in rows}


def found(order) -> list[str]:
    return list(Anomaly.objects.filter(order=order, closed_at=None).values_list("code", flat=True))


def test_a_paid_order_reserves_and_an_unpaid_one_does_not(shop):
    stock(shop, ("A", "TEA", 10))
    ordered(shop, ("TEA", 3), paid_at=None)
    assert level("A") == (10, 0)
    ordered(shop, ("TEA", 3))
    assert level("A") == (10, 3)


def test_an_order_that_comes_confirmed_without_a_payment_reserves(shop):
    stock(shop, ("A", "TEA", 10))
    ordered(shop, ("TEA", 3), paid_at=None, source_status="Confirmed")
    assert level("A") == (10, 3)


def test_the_warehouse_that_can_serve_the_whole_order_does(shop):
    stock(shop, ("A", "TEA", 9), ("A", "CUP", 0), ("B", "TEA", 3), ("B", "CUP", 3))
    assert held(ordered(shop, ("TEA", 2), ("CUP", 1))) == {("B", "TEA"): 2, ("B", "CUP"): 1}


def test_else_it_is_split(shop):
    stock(shop, ("A", "TEA", 2), ("B", "TEA", 3))
    assert held(ordered(shop, ("TEA", 4))) == {("B", "TEA"): 3, ("A", "TEA"): 1}


def test_a_shortage_is_known_at_once_with_its_options(shop):
    stock(shop, ("A", "TEA", 3), incoming=[Delivery(5, ahead(48), "PO-1")])
    order = ordered(shop, ("TEA", 5), promised_ship_at=ahead(24))
    anomaly = Anomaly.objects.get(order=order, code="stock_out")
    assert "after the promised" in anomaly.why and anomaly.department == "purchasing"
    assert anomaly.evidence["enough_at"] == ahead(48).isoformat()
    assert (anomaly.evidence["part_ready"], anomaly.evidence["to_cancel"]) == ("3 / 5", 2)
    assert level("A") == (3, 3)


def test_a_shop_without_stock_is_left_alone_and_costs_one_look(shop):
    order = ordered(shop, ("TEA", 5))
    with (
        CaptureQueriesContext(
            connection,
        ) as queries,
        transaction.atomic(),
    ):
        settle(shop.pk, [order.pk], present=NOW)
    assert len([each for each in queries if "SAVEPOINT" not in each["sql"]]) == 1
    assert found(order) == [] and not StockWait.objects.exists()


def test_articles_that_no_warehouse_lists_are_not_missed(shop):
    stock(shop, ("A", "TEA", 1))
    assert found(ordered(shop, ("POT", 5))) == []


def test_shipping_takes_it_away_and_cancelling_lets_it_go(shop):
    stock(shop, ("A", "TEA", 10))
    one, other = ordered(shop, ("TEA", 3)), ordered(shop, ("TEA", 2))
    record_facts(order=one, facts={"shipped_at": NOW}, now=NOW)
    assert level("A") == (7, 2)
    record_facts(order=other, facts={"cancelled_at": NOW}, now=NOW)
    assert level("A") == (7, 0)
    assert set(Allocation.objects.values_list("order", "state")) == {(one.pk, "shipped"), (other.pk, "released")}


def test_of_an_order_that_leaves_in_parts_only_what_left_is_taken_away(shop):
    stock(shop, ("A", "TEA", 10))
    order = ordered(shop, ("TEA", 4))
    lines = [{"line_no": 1, "sku": "TEA", "qty": 4, "shipped_qty": 1}]
    told = ToldOrder({"placed_at": order.placed_at, "shipped_at": NOW}, lines=lines)
    for _ in range(2):  # told twice, taken once
        record_order(shop=shop, channel="web", external_no=order.external_no, told=told, now=NOW)
    assert level("A") == (9, 3)


def test_a_line_that_is_taken_out_lets_its_stock_go(shop):
    stock(shop, ("A", "TEA", 10), ("A", "CUP", 10))
    order = ordered(shop, ("TEA", 4), ("CUP", 1), number="X")
    ordered(shop, ("CUP", 1), number=order.external_no)
    assert (level("A"), level("A", "CUP")) == ((10, 0), (10, 1))


def test_cancelling_the_short_lines_clears_the_anomaly(shop):
    stock(shop, ("A", "TEA", 1), ("A", "CUP", 1))
    order = ordered(shop, ("TEA", 4), ("CUP", 1), number="X")
    assert found(order) == ["stock_out"]
    ordered(shop, ("CUP", 1), number="X")
    assert Anomaly.objects.get(order=order).close_reason == "in_stock"


def test_stock_that_comes_in_serves_the_oldest_promise_first(shop):
    stock(shop, ("A", "TEA", 0))
    late = ordered(shop, ("TEA", 2), promised_ship_at=ahead(90))
    early = ordered(shop, ("TEA", 2), promised_ship_at=ahead(30))
    stock(shop, ("A", "TEA", 3))
    assert sweep_until_idle(now=NOW) == 2
    assert (held(early), held(late)) == ({("A", "TEA"): 2}, {("A", "TEA"): 1})
    assert (found(early), found(late)) == ([], ["stock_out"])
    assert sweep_until_idle(now=NOW) == 0


def test_a_new_order_does_not_overtake_those_who_wait(shop):
    stock(shop, ("A", "TEA", 0))
    old = ordered(shop, ("TEA", 2), promised_ship_at=ahead(30))
    stock(shop, ("A", "TEA", 2))
    new = ordered(shop, ("TEA", 2), promised_ship_at=ahead(90))
    assert (level("A"), found(new)) == ((2, 0), [])
    sweep_until_idle(now=NOW)
    assert (held(old), found(new)) == ({("A", "TEA"): 2}, ["stock_out"])


def test_what_one_order_lets_go_serves_another(shop):
    stock(shop, ("A", "TEA", 2))
    first, second = ordered(shop, ("TEA", 2)), ordered(shop, ("TEA", 2))
    record_facts(order=first, facts={"cancelled_at": NOW}, now=NOW)
    sweep_until_idle(now=NOW)
    assert held(second) == {("A", "TEA"): 2} and found(second) == []


def test_an_announced_delivery_changes_the_open_anomalys_words(shop):
    stock(shop, ("A", "TEA", 0))
    order = ordered(shop, ("TEA", 2), promised_ship_at=ahead(30))
    tell(shop=shop, told=[Told("A", "TEA", incoming=[Delivery(2, ahead(20))])], now=NOW)
    sweep_until_idle(now=NOW)
    assert "before the promised" in Anomaly.objects.get(order=order).why


def test_incoming_goods_are_counted_for_those_who_wait_longer(shop):
    stock(shop, ("A", "TEA", 0), incoming=[Delivery(2, ahead(20)), Delivery(2, ahead(99))])
    first = ordered(shop, ("TEA", 2), promised_ship_at=ahead(10))
    second = ordered(shop, ("TEA", 2), promised_ship_at=ahead(10) + timedelta(days=2))
    expected = {wait.order_id: wait.short[0]["expected_at"] for wait in StockWait.objects.all()}
    assert expected == {first.pk: ahead(20).isoformat(), second.pk: ahead(99).isoformat()}


def test_when_less_is_there_than_was_promised_the_latest_promise_lets_go(shop):
    stock(shop, ("A", "TEA", 5))
    late = ordered(shop, ("TEA", 3), promised_ship_at=ahead(90))
    early = ordered(shop, ("TEA", 2), promised_ship_at=ahead(30))
    stock(shop, ("A", "TEA", 3))
    assert level("A") == (3, 3)
    sweep_until_idle(now=NOW)
    assert (held(early), held(late)) == ({("A", "TEA"): 2}, {("A", "TEA"): 1})
    assert (found(early), found(late)) == ([], ["stock_out"])


def test_orders_that_were_there_before_their_article_was_kept_are_served_as_well(shop):
    order = ordered(shop, ("TEA", 2))
    stock(shop, ("A", "TEA", 5))
    sweep_until_idle(now=NOW)
    assert held(order) == {("A", "TEA"): 2}


def test_telling_the_same_stock_again_changes_nothing(shop):
    coming = [Delivery(5, ahead(48), "PO-1")]
    assert stock(shop, ("A", "TEA", 3), incoming=coming) == ["new"]
    assert stock(shop, ("A", "TEA", 3), incoming=coming) == ["same"]
    assert stock(shop, ("A", "TEA", 4), incoming=coming) == ["changed"]
    assert Incoming.objects.count() == 1


def test_the_database_itself_refuses_to_reserve_what_is_not_there(shop):
    stock(shop, ("A", "TEA", 3))
    with pytest.raises(IntegrityError), transaction.atomic():
        StockLevel.objects.update(reserved=4)


def test_settling_many_orders_takes_as_many_statements_as_settling_few(shop):
    stock(shop, ("A", "S0", 500), ("A", "S1", 30), ("B", "S1", 500), ("A", "S2", 0))

    def statements(count: int) -> int:
        orders = [make.order(shop, paid_at=ago(1)) for _ in range(count)]
        OrderLine.objects.bulk_create(
            OrderLine(order=order, line_no=no, sku=f"S{no}", qty=2) for order in orders for no in range(3)
        )
        with CaptureQueriesContext(connection) as queries:
            settle(shop.pk, [order.pk for order in orders], present=NOW)
        return len(queries)

    statements(2)
    assert statements(12) == statements(40)


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_sell_more_than_there_is():
    shop = make.shop()
    stock(shop, ("A", "TEA", 7), ("A", "CUP", 7), ("B", "TEA", 4), ("B", "CUP", 5))
    orders = []
    for number in range(12):
        order = make.order(shop, paid_at=ago(1))
        # Half of them name the articles the other way round: whoever locks in that order locks up.
        skus = ("TEA", "CUP") if number % 2 else ("CUP", "TEA")
        OrderLine.objects.bulk_create(OrderLine(order=order, line_no=no, sku=sku, qty=2) for no, sku in enumerate(skus))
        orders.append(order.pk)
    failed: list[BaseException] = []
    start = threading.Barrier(6)

    def work(mine: list[int]) -> None:
        try:
            start.wait(10)
            for pk in mine:
                with transaction.atomic():
                    settle(shop.pk, [pk], present=NOW)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(orders[number::6],)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    sums = {row.pk: sum(each.qty for each in row.allocations.all()) for row in StockLevel.objects.all()}
    assert {row.pk: row.reserved for row in StockLevel.objects.all()} == sums
    # 11 of TEA and 12 of CUP: whatever the race, all of it is reserved and nothing twice.
    assert sum(sums.values()) == 23
