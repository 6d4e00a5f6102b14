"""Tables of orders from anywhere, into the database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.clock import NOW
from tests.orders.importing.files import csv_bytes, xlsx_bytes

pytestmark = pytest.mark.django_db
CHINESE = ["订单号", "下单时间", "付款时间", "发货时间", "收货人", "手机号", "地址", "快递公司", "运单号", "金额(元)"]
ORDER = ["DD1", "2026/11/1 10:00", "2026/11/1 10:05", "2026-11-02 09:00:00", "王小明", "13812345678", "杭州市西湖区1号",
         "顺丰", "SF 123-456", "99.50"]  # fmt: skip
HEADER = ["order_no", "placed_at", "sku", "qty", "unit_price", "tracking_number", "carrier"]
PLACED = "2026-11-01 10:00"


def the_order(number: str = "DD1") -> Any:
    from orders.models import Order

    return Order.objects.get(external_no=number)


@pytest.fixture
def sf(db: None) -> Any:
    from orders.models import Carrier

    return Carrier.objects.create(code="sf", name="SF Express", name_zh="顺丰")


@pytest.mark.parametrize("encode", [csv_bytes, xlsx_bytes, lambda rows: csv_bytes(rows, encoding="gb18030")])
def test_a_chinese_table_becomes_an_order_with_its_parcel(bring, sf, encode: Callable[..., bytes]) -> None:
    bring(encode([CHINESE, ORDER]))
    order = the_order()
    assert (order.status, order.total, order.currency, order.channel) == ("shipped", Decimal("99.50"), "CNY", "web")
    assert order.placed_at == datetime(2026, 11, 1, 2, 0, tzinfo=UTC)
    parcel = order.shipments.get()
    assert (parcel.number, parcel.number_norm, parcel.carrier) == ("SF 123-456", "SF123456", sf)
    assert parcel.announced_at == order.shipped_at == datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def test_personal_data_is_sealed_and_found(bring, sf) -> None:
    from django.db import connection

    from orders.finding import find_orders

    bring([CHINESE, ORDER])
    order = the_order()
    assert (order.ship_name, order.ship_phone, order.ship_address) == ("王小明", "13812345678", "杭州市西湖区1号")
    assert (order.customer.name, order.customer.phone) == ("王小明", "13812345678")
    assert order.customer.external_id.startswith("phone:")
    for text in ("王小明", "138 1234 5678", "5678", "SF123456", "DD1"):
        assert find_orders(text) == [order.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT o::text || c::text FROM orders_order o JOIN orders_customer c ON c.id = o.customer_id")
        row = cursor.fetchone()[0]
    assert all(text.encode().hex() not in row and text not in row for text in ("王小明", "13812345678", "西湖区"))


def test_importing_again_writes_nothing(bring, sf) -> None:
    bring([CHINESE, ORDER])
    before = the_order()
    again = bring([CHINESE, ORDER])
    assert {name.split()[1] for name in again.counts["entities"]} == {"same"}
    assert (the_order().version, the_order().updated_at) == (before.version, before.updated_at)


def test_what_differs_is_updated_and_what_is_blank_stays(bring, sf) -> None:
    bring([CHINESE, ORDER])
    changed = [*ORDER[:4], "王大明", "", "", "", "", "120"]
    run = bring([CHINESE, changed])
    order = the_order()
    assert run.counts["entities"]["order changed"] == 1
    assert (order.ship_name, order.ship_phone, order.total, order.version) == ("王大明", "13812345678", 120, 2)
    assert order.shipments.count() == 1


def test_a_fact_that_a_carrier_told_is_not_erased_by_a_file_without_it(bring) -> None:
    header = ["order_no", "placed_at", "delivered_at"]
    bring([header, ["A1", PLACED, "2026-11-05 12:00"]])
    bring([header, ["A1", PLACED, ""]])
    assert the_order("A1").status == "delivered"


def test_lines_are_numbered_and_priced(bring) -> None:
    bring([HEADER, ["A1", PLACED, "X", 2, "10.50", "", ""], ["A1", PLACED, "Y", 1, "5", "", ""]])
    order = the_order("A1")
    assert order.total == 26
    assert list(order.lines.order_by("line_no").values_list("line_no", "sku", "qty")) == [(1, "X", 2), (2, "Y", 1)]


def test_lines_keep_their_numbers_when_a_later_file_holds_others(bring) -> None:
    bring([HEADER, ["A1", PLACED, "X", 2, "10", "", ""]])
    bring([HEADER, ["A1", PLACED, "Y", 1, "5", "", ""], ["A1", PLACED, "X", 3, "10", "", ""]])
    assert list(the_order("A1").lines.order_by("line_no").values_list("sku", "qty")) == [("X", 3), ("Y", 1)]
    assert the_order("A1").total == 35


def test_an_order_in_several_parcels_knows_what_lies_in_which(bring, sf) -> None:
    bring([HEADER, ["A1", PLACED, "X", 1, "1", "SF1", "sf"], ["A1", PLACED, "Y", 1, "1", "SF2", "SF EXPRESS"]])
    held = the_order("A1").shipment_items.order_by("line__line_no").values_list("shipment__number", "line__sku")
    assert list(held) == [("SF1", "X"), ("SF2", "Y")]


def test_two_orders_may_share_a_parcel_and_importing_again_changes_nothing(bring, sf) -> None:
    header = ["order_no", "placed_at", "shipped_at", "tracking_number", "carrier"]
    rows = [header, ["A1", PLACED, "2026-11-02 09:00", "SF1", "sf"], ["A2", PLACED, "2026-11-03 09:00", "sf-1", "sf"]]
    bring(rows)
    again = bring(rows)
    assert the_order("A1").shipments.get() == the_order("A2").shipments.get()
    assert {name.split()[1] for name in again.counts["entities"]} == {"same"}


def test_a_number_that_a_carrier_uses_again_after_months_is_another_parcel(bring, sf) -> None:
    from orders.models import Shipment

    header = ["order_no", "placed_at", "shipped_at", "tracking_number", "carrier"]
    old = [header, ["A1", "2026-01-01", "2026-01-02", "SF1", "sf"]]
    bring(old)
    Shipment.objects.update(delivered_at=datetime(2026, 1, 5, tzinfo=UTC))
    bring([header, ["A2", "2026-11-01", "2026-11-02", "SF1", "sf"]])
    bring(old)
    assert the_order("A1").shipments.get().generation == 1
    assert the_order("A2").shipments.get().generation == 2


def test_an_unknown_carrier_rejects_the_whole_order_and_no_other(bring, rejected) -> None:
    from orders.models import Order

    run = bring([HEADER, ["A1", PLACED, "X", 1, "1", "T1", "pigeon"], ["A1", PLACED, "Y", 1, "1", "", ""],
                 ["A2", PLACED, "X", 1, "1", "", ""]])  # fmt: skip
    assert list(Order.objects.values_list("external_no", flat=True)) == ["A2"]
    assert run.rows_rejected == 2
    first, second = rejected(run)
    assert (first["Row"], first["Column"], first["Value"]) == ("2", "carrier", "pigeon")
    assert "row 2" in second["Remedy"].lower()


def test_a_mapping_may_make_carriers_that_are_missing(bring, monkeypatch) -> None:
    from dataclasses import replace

    from orders.importing import mapping
    from orders.models import Carrier

    generous = replace(mapping.load("generic"), carriers="create")
    monkeypatch.setattr(mapping, "load", lambda name: generous)
    bring([HEADER, ["A1", PLACED, "X", 1, "1", "T1", "Pigeon Post"], ["A2", PLACED, "X", 1, "1", "T2", "信鸽"]])
    assert set(Carrier.objects.values_list("name", flat=True)) == {"Pigeon Post", "信鸽"}


def test_a_parcel_of_another_shop_is_not_taken_away(bring, sf, rejected) -> None:
    from tests import factories

    rows = [HEADER, ["A1", PLACED, "X", 1, "1", "SF1", "sf"]]
    bring(rows)
    run = bring(rows, into=factories.shop())
    assert run.rows_rejected == 1
    assert "Another shop" in rejected(run)[0]["Reason"]


@pytest.mark.parametrize(
    ("header", "cells", "column"),
    [
        (["order_no", "placed_at", "total"], ["A1", PLACED, "-5"], "total"),
        (["order_no", "placed_at", "paid_at"], ["A1", PLACED, "2026-10-01 10:00"], "paid_at"),
        (["order_no", "placed_at"], ["A1", "2062-11-01 10:00"], "placed_at"),
        (["order_no", "placed_at"], ["A1", ""], "placed_at"),
        (["order_no", "placed_at"], ["A1", "01/02/2026"], "placed_at"),
        (["order_no", "placed_at", "city"], ["A1", PLACED, "Hang\x00zhou"], "city"),
        (["order_no", "placed_at", "country"], ["A1", PLACED, "Elbonia"], "country"),
        (["order_no", "placed_at", "currency"], ["A1", PLACED, "shells"], "currency"),
        (["order_no", "placed_at"], ["1.23457E+15", PLACED], "order_no"),
        (["order_no", "placed_at", "sku", "qty"], ["A1", PLACED, "X", "0"], "qty"),
        (["order_no", "placed_at", "tracking_number", "carrier"], ["A1", PLACED, "T1", ""], "carrier"),
    ],
)
def test_a_wrong_row_is_rejected_with_its_column_and_a_remedy(bring, rejected, header, cells, column: str) -> None:
    from orders.models import Order

    good = ["A2", PLACED] + [""] * (len(header) - 2)
    run = bring([header, cells, good])
    (row,) = rejected(run)
    assert (row["Row"], row["Column"], run.rows_rejected) == ("2", column, 1)
    assert row["Reason"] and row["Remedy"]
    assert list(Order.objects.values_list("external_no", flat=True)) == ["A2"]


def test_rejected_rows_show_neither_personal_data_nor_formulas(bring, rejected) -> None:
    header = ["order_no", "placed_at", "phone", "address", "country"]
    run = bring([header, ["A1", PLACED, "+8613812345678" + "0" * 60, "浙江省杭州市西湖区文三路1号" * 60, '=cmd("x")']])
    values = {row["Column"]: row["Value"] for row in rejected(run)}
    assert values["country"] == '\'=cmd("x")'
    assert "13812345678" not in values["phone"]
    assert "文三路" not in values["address"]


def test_what_the_database_refuses_is_rejected_alone(bring, rejected) -> None:
    from orders.models import OrderLine

    rows = [[f"A{number}", PLACED, "X", 5, "1", "", ""] for number in range(7)]
    bring([HEADER, *rows])
    OrderLine.objects.filter(order__external_no="A3").update(shipped_qty=5)
    run = bring([HEADER, *[[*row[:3], 2, *row[4:]] for row in rows]])
    assert [row["Row"] for row in rejected(run)] == ["5"]
    assert OrderLine.objects.filter(qty=2).count() == 6


def test_an_imported_order_is_judged_by_the_next_sweep(bring) -> None:
    from orders.models import Anomaly
    from orders.services.sweep import sweep_until_idle

    bring([["order_no", "placed_at"], ["A1", PLACED]])
    sweep_until_idle(now=NOW)
    assert Anomaly.objects.get().code == "unapproved"


def test_only_orders_whose_facts_changed_are_armed(bring) -> None:
    from orders.models import OrderDue
    from orders.services.sweep import sweep_until_idle

    header = ["order_no", "placed_at", "promised_delivery"]
    late, soon = "2026-12-24", "2026-12-20"
    bring([header, ["A1", PLACED, late], ["A2", PLACED, late]])
    sweep_until_idle(now=NOW)
    bring([header, ["A1", PLACED, late], ["A2", PLACED, soon]])
    due = OrderDue.objects.filter(due_at__lte=NOW).values_list("order__external_no", flat=True)
    assert list(due) == ["A2"]


def test_a_promised_day_lasts_to_its_end(bring) -> None:
    bring([["order_no", "placed_at", "promised_delivery"], ["A1", PLACED, "2026-11-30"]])
    assert the_order("A1").promised_delivery_at == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)


def test_a_final_word_without_a_time_ends_the_order_and_says_that_the_time_is_unknown(bring) -> None:
    run = bring([["order_no", "placed_at", "status"], ["A1", PLACED, "已取消"]])
    order = the_order("A1")
    assert (order.status, order.source_status) == ("cancelled", "已取消 (time unknown)")
    assert run.counts["noticed"] == {"cancelled_without_time": 1}


def test_a_vip_and_a_foreign_destination_are_known(bring) -> None:
    bring([["order_no", "placed_at", "customer_id", "vip", "country"], ["A1", PLACED, "C1", "是", "美国"]])
    order = the_order("A1")
    assert (order.customer.tier, order.customer.external_id) == ("vip", "C1")
    assert (order.dest_country, order.cross_border) == ("US", True)


def test_orders_far_apart_in_a_file_are_stored_alike(bring, monkeypatch) -> None:
    from orders.models import OrderLine
    from orders.services import importrun

    monkeypatch.setattr(importrun, "BATCH", 2)
    one = [["A1", PLACED, f"S{n}", 1, "1", "", ""] for n in range(5)]
    others = [[f"B{n}", PLACED, "X", 1, "1", "", ""] for n in range(5)]
    bring([HEADER, *[row for pair in zip(one, others, strict=True) for row in pair]])
    assert sorted(OrderLine.objects.filter(order__external_no="A1").values_list("line_no", flat=True)) == [
        1,
        2,
        3,
        4,
        5,
    ]
    assert the_order("A1").total == 5


def test_the_clock_of_the_import_is_the_desks(bring, rejected) -> None:
    ahead = (NOW + timedelta(days=2)).isoformat()
    run = bring([["order_no", "placed_at"], ["A1", ahead]])
    assert "future" in rejected(run)[0]["Reason"]
