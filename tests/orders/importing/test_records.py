"""Rows into orders, without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.importing.mapping import Layout, load, recognise
from orders.importing.records import MOST_ROWS_OF_ORDER, Records, Step
from orders.importing.seen import NEW, SAME, Seen
from orders.importing.steps import judge_steps
from orders.importing.values import Moment, Setting
from tests.clock import NOW

HEADER = ["order_no", "placed_at", "name", "sku", "qty", "tracking_number", "carrier"]
PLACED = "2026-11-01 10:00"


def read(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER) -> tuple[list[Step], Records]:
    mapping = load("generic")
    layout = recognise(mapping, header, "orders.csv")
    assert isinstance(layout, Layout)
    records = Records(layout, mapping, Setting(ZoneInfo("Asia/Shanghai"), NOW, nulls=mapping.nulls), Seen())
    steps = list(records.steps(enumerate(rows, start=2)))
    return steps, records


def row(number: str = "A1", sku: str = "X", qty: str = "1", parcel: str = "", **cells: str) -> list[str]:
    given = {"order_no": number, "placed_at": PLACED, "name": "王小明", "sku": sku, "qty": qty}
    given |= {"tracking_number": parcel, "carrier": "sf" if parcel else ""} | cells
    return [given[name] for name in HEADER]


def codes(records: Records) -> list[tuple[int, str]]:
    return [(problem.row, problem.code) for problem in records.told.rejected]


def test_rows_of_one_order_become_one_order_with_its_lines() -> None:
    steps, records = read([row(sku="X"), row(sku="Y", qty="3"), row("A2")])
    assert [[line["sku"] for _, line in step.order.lines] for step in steps if step.order] == [["X", "Y"], ["X"]]
    assert records.told.rejected == []


def test_the_orders_own_cells_may_be_blank_after_its_first_row() -> None:
    steps, records = read([row(), row(sku="Y", placed_at="", name="")])
    assert [len(step.order.lines) for step in steps if step.order] == [2]
    assert records.told.rejected == []


def test_a_row_that_says_something_else_about_its_order_is_rejected_alone() -> None:
    steps, records = read([row(), row(sku="Y", name="李四")])
    assert codes(records) == [(3, "conflict")]
    assert records.told.rejected[0].value == "李*"
    assert [len(step.order.lines) for step in steps if step.order] == [1]


def test_an_order_that_comes_again_further_down_may_add_lines_and_may_not_change() -> None:
    steps, records = read([row(), row("A2"), row(sku="Y"), row("A3"), row(sku="Z", name="李四")])
    assert [step.order.lines[0][1]["sku"] for step in steps if step.order] == ["X", "X", "Y", "X"]
    assert codes(records) == [(6, "conflict")]


def test_the_same_row_twice_counts_once() -> None:
    steps, records = read([row(), row(), row("A2"), row()])
    assert sum(len(step.order.lines) for step in steps if step.order) == 2
    assert records.told.counted["repeated"] == 2
    assert records.told.rejected == []


def test_an_article_that_comes_twice_with_different_numbers_is_rejected_the_second_time() -> None:
    _, records = read([row(qty="1"), row(qty="2")])
    assert codes(records) == [(3, "conflict_line")]
    assert "line_no" in records.told.rejected[0].remedy()


def test_one_article_in_two_parcels_is_one_line_and_two_parcels() -> None:
    steps, records = read([row(parcel="SF1"), row(parcel="SF2")])
    order = steps[0].order
    assert order is not None
    assert (len(order.lines), [values["number"] for _, values, _ in order.parcels]) == (1, ["SF1", "SF2"])
    assert records.told.rejected == []


def test_one_wrong_cell_rejects_every_row_of_the_order_and_no_other() -> None:
    steps, records = read([row(), row(sku="Y", qty="-1"), row("A2")])
    assert codes(records) == [(2, "other_row"), (3, "quantity")]
    assert [step.order is None for step in steps] == [True, False]


def test_a_row_without_an_order_number_stands_and_falls_alone() -> None:
    steps, records = read([row(""), row(""), row("A2")])
    assert codes(records) == [(2, "missing"), (3, "missing")]
    assert steps[-1].order is not None


def test_a_row_that_lost_or_gained_a_separator_is_rejected() -> None:
    _, records = read([row()[:-1], [*row("A2"), "more"], [*row("A3"), "", ""]])
    assert codes(records) == [(2, "cells"), (3, "cells")]


def test_an_order_with_too_many_rows_is_rejected_to_its_last_row() -> None:
    rows = [row(sku=f"S{number}") for number in range(MOST_ROWS_OF_ORDER + 50)]
    steps, records = read([*rows, row("A2")])
    assert {code for _, code in codes(records)} == {"many_rows"}
    assert [step.order is not None for step in steps][-1]
    assert sum(step.order is not None for step in steps) == 1


def test_personal_cells_are_masked_where_they_are_rejected() -> None:
    _, records = read([row(name="王小明" * 100)])
    assert records.told.rejected[0].value == "王****"


def test_a_delivery_before_its_order_is_rejected_with_both_columns() -> None:
    header = ["order_no", "placed_at", "delivered_at"]
    _, records = read([["A1", PLACED, "2026-10-31 10:00"]], header)
    problem = records.told.rejected[0]
    assert (problem.code, problem.column, problem.params["before"]) == ("sequence", "delivered_at", "placed_at")


def test_a_day_without_a_clock_time_is_not_earlier_than_an_hour_of_that_day() -> None:
    _, records = read([["A1", PLACED, "2026-11-01"]], ["order_no", "placed_at", "delivered_at"])
    assert records.told.rejected == []


def at(day: int) -> Moment:
    return Moment(datetime(2026, 11, day, tzinfo=UTC))


FINAL = {"cancelled": "cancelled", "delivered": "delivered", "shipped": "shipped"}


def test_a_cancellation_without_a_time_is_dated_at_the_last_known_one() -> None:
    steps = judge_steps({"placed_at": at(1), "paid_at": at(2), "status_word": "Cancelled"}, FINAL, NOW)
    assert steps.values["cancelled_at"] == at(2).at
    assert steps.values["status_word"] == "Cancelled (time unknown)"
    assert steps.warnings == ["cancelled_without_time"]


def test_a_delivery_without_a_time_never_looks_overdue() -> None:
    told = {"placed_at": at(1), "shipped_at": at(3), "status_word": "delivered"}
    promised = judge_steps({**told, "promised_delivery_at": at(9).at}, FINAL, NOW)
    missed = judge_steps({**told, "promised_delivery_at": at(2).at}, FINAL, NOW)
    ahead = judge_steps({**told, "promised_delivery_at": NOW + timedelta(days=3)}, FINAL, NOW)
    assert [each.values["delivered_at"] for each in (promised, missed, ahead)] == [at(9).at, at(3).at, at(3).at]


def test_a_word_changes_nothing_where_the_time_is_known() -> None:
    steps = judge_steps({"placed_at": at(1), "delivered_at": at(4), "status_word": "delivered"}, FINAL, NOW)
    assert (steps.values["delivered_at"], steps.values["status_word"], steps.warnings) == (at(4).at, "delivered", [])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=40))
def test_who_spoke_first_is_right_and_is_remembered(told: list[tuple[int, int]]) -> None:
    first: dict[int, tuple[int, int]] = {}
    with Seen() as seen:
        for line, (key, said) in enumerate(told, start=1):
            earlier = first.setdefault(key, (said, line))
            expected = NEW if earlier[1] == line else SAME if earlier[0] == said else earlier[1]
            assert seen.tell(("k", key), said, line) == expected


def test_notes_made_in_vain_are_forgotten_and_saved_ones_survive(tmp_path) -> None:
    with Seen(tmp_path / "seen") as seen:
        seen.tell(("a",), 1, 1)
        with pytest.raises(RuntimeError), seen.undone_on_error():
            seen.tell(("b",), 1, 2)
            raise RuntimeError
        seen.save("0:1")
        seen.tell(("c",), 1, 3)
    with Seen(tmp_path / "seen") as again:
        assert again.position() == "0:1"
        assert [again.knows((key,)) for key in "abc"] == [True, False, False]


def test_damaged_notes_and_notes_that_somebody_holds_are_made_anew(tmp_path) -> None:
    (tmp_path / "damaged").write_bytes(b"no database at all" * 99)
    with Seen.at(tmp_path / "damaged") as seen:
        assert seen.position() == ""
    with Seen(tmp_path / "held") as holder:
        holder.tell(("a",), 1, 1)
        with Seen.at(tmp_path / "held") as seen:
            assert seen.tell(("a",), 1, 1) == NEW
