"""Documents against the order: what differs, and the laws that hold for any lines."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.matching import Item, Ordered, Paper, compare, digest

SKUS = st.sampled_from(["TEA-250", "CUP-1", "BAG-40", "POT-7"])
ITEMS = st.builds(
    Item, SKUS, st.just(""), st.integers(1, 9), st.decimals("0.01", "999", places=2).map(lambda value: value)
)
LISTS = st.lists(ITEMS, min_size=1, max_size=6)


def item(sku: str, qty: int, amount: str | None = None, name: str = "") -> Item:
    return Item(sku, name, qty, None if amount is None else Decimal(amount))


ORDER = Ordered((item("TEA-250", 2, "199.00", "高山茶"), item("CUP-1", 3, "60.00", "Mug")), Decimal("259.00"), "CNY")
WHOLE = Paper("INV-1", ORDER.items)


def told(*papers: Paper, order: Ordered = ORDER, compares=("names", "quantities", "amounts")):
    found = compare(order, papers, compares).differences
    return [(each.what, each.item, each.ordered, each.stated) for each in found]


def test_a_document_that_says_what_the_order_says_has_no_difference():
    assert told(WHOLE) == []


def test_no_document_is_no_difference():
    assert told() == []


@pytest.mark.parametrize(
    ("lines", "difference"),
    [
        ([item("TEA-250", 2), item("CUP-1", 2)], ("quantity", "CUP-1", "3", "2")),
        ([item("TEA-250", 2, "199.00"), item("CUP-1", 3, "61.00")], ("amount", "CUP-1", "60.00", "61.00")),
        ([item("TEA-250", 2)], ("missing", "CUP-1", "3", "–")),
        ([*ORDER.items, item("POT-7", 1)], ("extra", "POT-7", "–", "1")),
        ([item("TEA-250", 2), item("CUP-1", 3, name="Bowl")], ("name", "CUP-1", "Mug", "Bowl")),
    ],
)
def test_each_kind_of_difference_shows_both_numbers(lines, difference):
    assert told(Paper("INV-1", tuple(lines))) == [difference]


def test_part_shipments_add_up():
    one, other = Paper("P-1", (item("TEA-250", 2),)), Paper("P-2", (item("CUP-1", 3),))
    assert told(one, other) == []


def test_while_more_is_to_follow_only_too_much_is_a_difference():
    assert told(Paper("P-1", (item("TEA-250", 1),), partial=True)) == []
    assert told(Paper("P-1", (item("TEA-250", 5),), partial=True)) == [("quantity", "TEA-250", "2", "5")]


def test_case_width_and_punctuation_of_a_sku_do_not_matter():
    assert told(Paper("P", (item("tea 250", 2), item("ＣＵＰ－１", 3)))) == []


def test_an_item_without_a_sku_is_known_by_its_name():
    assert told(Paper("P", (item("", 2, name="高山茶"), item("", 3, name="MUG")))) == []


def test_a_name_in_another_script_is_a_translation():
    assert told(Paper("P", (item("TEA-250", 2, name="High mountain tea"), item("CUP-1", 3, name="马克杯")))) == []


def test_other_currencies_are_one_difference_and_amounts_are_not_compared():
    assert told(replace(WHOLE, currency="USD", total_amount=Decimal(1))) == [("currency", "", "CNY", "USD")]


def test_freight_stands_on_a_line_of_its_own():
    order = replace(ORDER, freight=Decimal(12))
    assert told(Paper("I", (*ORDER.items, item("", None, "12.00", "运费"))), order=order) == []
    assert told(Paper("I", (*ORDER.items, item("", None, "15.00", "Freight"))), order=order) == [
        ("freight", "", "12", "15.00")
    ]


def test_typed_totals_are_compared_when_there_are_no_lines():
    assert told(Paper("I", total_qty=5, total_amount=Decimal("259.00"))) == []
    assert told(Paper("I", total_qty=4)) == [("total_quantity", "", "5", "4")]
    assert told(Paper("I", total_amount=Decimal(260))) == [("total_amount", "", "259.00", "260")]


def test_a_packing_list_says_nothing_about_money():
    assert told(Paper("P", (item("TEA-250", 2, "1.00"), item("CUP-1", 3))), compares=("names", "quantities")) == []


@given(LISTS)
def test_law_a_copy_of_the_order_never_differs(items):
    order = Ordered(tuple(items), sum((each.amount for each in items), Decimal(0)), "EUR")
    assert compare(order, [Paper("I", tuple(items), total_amount=order.total)]).differences == ()


@given(LISTS, LISTS, st.randoms(use_true_random=False))
def test_law_the_sequence_of_lines_and_documents_does_not_matter(ours, theirs, rng):
    order = Ordered(tuple(ours), Decimal(0), "EUR")
    middle = rng.randint(0, len(theirs))
    parts = [part for part in (theirs[:middle], theirs[middle:]) if part]
    one = compare(order, [Paper("1", tuple(theirs))]).differences
    rng.shuffle(parts)
    shuffled = [Paper("x", tuple(rng.sample(part, len(part)))) for part in parts]
    assert digest(one) == digest(compare(order, shuffled).differences)


@given(LISTS, LISTS)
def test_law_there_is_a_difference_exactly_when_the_sums_differ(ours, theirs):
    def sums(items):
        found = {}
        for each in items:
            qty, amount = found.get(each.sku, (0, Decimal(0)))
            found[each.sku] = (qty + each.qty, amount + each.amount)
        return found

    found = compare(Ordered(tuple(ours), Decimal(0), "EUR"), [Paper("1", tuple(theirs))]).differences
    assert bool(found) == (sums(ours) != sums(theirs))


@given(LISTS, LISTS)
def test_law_what_is_marked_in_the_rows_is_what_is_told(ours, theirs):
    found = compare(Ordered(tuple(ours), Decimal(0), "EUR"), [Paper("1", tuple(theirs))])
    marked = {(what, row.sku) for row in found.rows for what in row.wrong}
    assert marked == {(each.what, each.item) for each in found.differences}
