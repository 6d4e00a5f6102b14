"""Mappings and the recognition of files."""

import pytest

from orders.importing.mapping import Layout, MappingError, Skipped, header_key, load, names, parse, recognise
from orders.importing.problems import FILE_PROBLEMS, ROW_PROBLEMS, Refused, Rejection

ONE_FILE = {"name": "orders", "holds": "orders", "requires": ["order.number"], "columns": {"order.number": ["no"]}}


@pytest.mark.parametrize("name", names())
def test_every_mapping_that_is_shipped_can_be_loaded(name: str) -> None:
    assert load(name).files


def test_headers_that_differ_in_width_case_and_spacing_are_the_same() -> None:
    assert {header_key(text) for text in ("Order No.", "order_no", "ＯＲＤＥＲ-NO", " order no ")} == {"order_no"}
    assert header_key("金额（元）") == header_key("金额") == "金额"


@pytest.mark.parametrize(
    "header",
    [
        ["order_no", "placed_at", "name", "tracking_number"],
        ["订单号", "下单时间", "付款时间", "发货时间", "收货人", "手机号", "地址", "快递公司", "运单号", "金额(元)"],
        ["Order Number", "Order Time", "SKU", "Qty"],
    ],
)
def test_english_and_chinese_headers_are_recognised(header: list[str]) -> None:
    layout = recognise(load("generic"), header, "orders.csv")
    assert isinstance(layout, Layout)
    assert layout.unused == ()


def test_a_missing_column_is_named_with_the_names_it_may_have() -> None:
    with pytest.raises(Refused) as caught:
        recognise(load("generic"), ["order_no", "total"], "orders.csv")
    assert "lacks the column placed_at" in str(caught.value)
    assert "下单时间" in str(caught.value)


def test_two_columns_for_the_same_thing_are_refused() -> None:
    with pytest.raises(Refused, match="order_no, 订单号"):
        recognise(load("generic"), ["order_no", "订单号", "placed_at"], "orders.csv")


def test_columns_that_nobody_reads_are_told() -> None:
    layout = recognise(load("generic"), ["order_no", "placed_at", "colour of the box"], "orders.csv")
    assert isinstance(layout, Layout)
    assert layout.unused == ("colour of the box",)


def test_a_known_file_that_is_not_needed_is_skipped() -> None:
    found = recognise(load("olist"), ["review_id", "order_id", "review_score"], "reviews.csv")
    assert found == Skipped("reviews", frozenset({"review_id", "order_id"}))


def test_a_mapping_that_extends_another_replaces_whole_keys() -> None:
    assert load("olist").statuses
    assert load("olist_open").statuses == {}
    assert load("olist_open").files == load("olist").files


def test_an_unknown_mapping_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match="generic"):
        load("../../etc/passwd")


@pytest.mark.parametrize(
    "change",
    [
        {"file": [{**ONE_FILE, "columns": {"order.colour": ["c"], "order.number": ["no"]}}]},
        {"file": [{**ONE_FILE, "holds": "everything"}]},
        {"file": [{**ONE_FILE, "requires": ["order.placed_at"]}]},
        {"file": [ONE_FILE], "statuses": {"lost": "vanished"}},
    ],
)
def test_a_wrong_mapping_says_so_to_whoever_wrote_it(change: dict) -> None:
    with pytest.raises(MappingError):
        parse("wrong", {"title": "wrong", **change})


def test_every_problem_has_a_reason_and_a_remedy() -> None:
    for code, problem in {**ROW_PROBLEMS, **FILE_PROBLEMS}.items():
        assert all(problem), code
    rejection = Rejection(7, "qty", "0", "too_large", {"limit": 5})
    assert (rejection.reason(), rejection.remedy()) == ("Larger than 5.", "Correct the number.")
