"""The choice of warehouses: whole before split, never more than there is, nothing needed left lying."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orders.allocating import choose, expected, missing, trimmed

RANKED = (1, 2, 3)
SKUS = ("A", "B")
NEEDS = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 6), min_size=1)
FREE = st.dictionaries(st.tuples(st.sampled_from(RANKED), st.sampled_from(SKUS)), st.integers(0, 6))
DAY = datetime(2026, 11, 23, tzinfo=UTC)


def test_the_first_warehouse_that_can_serve_the_whole_order_does():
    free = {(1, "A"): 5, (2, "A"): 5, (2, "B"): 5, (3, "A"): 9, (3, "B"): 9}
    assert choose({"A": 2, "B": 1}, free, RANKED) == {(2, "A"): 2, (2, "B"): 1}


def test_else_the_one_that_can_give_most_begins():
    free = {(1, "A"): 2, (2, "A"): 4, (3, "A"): 1}
    assert choose({"A": 5}, free, RANKED) == {(2, "A"): 4, (1, "A"): 1}


def test_of_two_that_can_give_the_same_the_better_rank_does():
    assert choose({"A": 2}, {(1, "A"): 1, (2, "A"): 1, (3, "A"): 1}, (3, 1, 2)) == {(3, "A"): 1, (1, "A"): 1}


def test_what_is_no_longer_needed_is_let_go_where_the_rank_is_worst():
    held = {(1, "A"): 2, (2, "A"): 2, (2, "B"): 1}
    assert trimmed({"A": 3}, held, RANKED) == {(1, "A"): 2, (2, "A"): 1}


def test_goods_come_in_for_those_who_wait_longer_first():
    incoming = [(DAY + timedelta(days=9), 5), (DAY, 3)]
    assert expected(2, 0, incoming) == DAY
    assert expected(2, 3, incoming) == DAY + timedelta(days=9)
    assert expected(9, 0, incoming) is None


@given(NEEDS, FREE)
def test_law_nobody_gives_what_he_has_not_and_nobody_gets_more_than_he_needs(need, free):
    given_ = choose(need, free, RANKED)
    assert all(0 < qty <= free[place] for place, qty in given_.items())
    short = missing(need, given_)
    for sku, wanted in need.items():
        got = sum(qty for (_, each), qty in given_.items() if each == sku)
        assert got + short.get(sku, 0) == wanted


@given(NEEDS, FREE)
def test_law_something_is_short_only_when_all_warehouses_together_lack_it(need, free):
    short = missing(need, choose(need, free, RANKED))
    for sku, wanted in need.items():
        there = sum(qty for (_, each), qty in free.items() if each == sku)
        assert short.get(sku, 0) == max(0, wanted - there)


@given(NEEDS, FREE)
def test_law_one_parcel_is_enough_when_one_warehouse_has_everything(need, free):
    able = any(all(free.get((place, sku), 0) >= qty for sku, qty in need.items()) for place in RANKED)
    assert (len({place for place, _ in choose(need, free, RANKED)}) == 1) or not able


@given(NEEDS, FREE)
def test_law_trimming_keeps_what_is_needed_and_no_more(need, held):
    kept = trimmed(need, held, RANKED)
    assert all(qty <= held[place] for place, qty in kept.items())
    for sku in SKUS:
        there = sum(qty for (_, each), qty in held.items() if each == sku)
        assert sum(qty for (_, each), qty in kept.items() if each == sku) == min(there, need.get(sku, 0))
