"""The mapping of the Olist set, on made-up rows, and its truth, on real ones where they lie beside the repository."""

import csv
import gzip
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bench import olist_truth

pytestmark = pytest.mark.django_db

ORDERS = ["order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
          "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date"]  # fmt: skip
DONE = ["o1", "c1", "delivered", "2018-03-01 10:00:00", "2018-03-01 11:00:00", "2018-03-02 09:00:00",
        "2018-03-05 15:00:00", "2018-03-20"]  # fmt: skip
CUSTOMERS = [
    ["customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city", "customer_state"],
    ["c1", "person", "01310", "são paulo", "SP"],
    ["c2", "person", "20231", "rio de janeiro", "RJ"],
]
ITEMS = [
    ["order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price", "freight_value"],
    ["o1", "1", "p1", "s1", "2018-03-07 14:48:00", "199.0", "17.87"],
    ["o1", "2", "p1", "s1", "2018-03-07 14:48:00", "1.0", "0.13"],
]
PAYMENTS = [
    ["order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"],
    ["o1", "1", "credit_card", "2", "300.00"],
    ["o2", "1", "boleto", "1", "40.00"],
    ["o2", "2", "voucher", "0", "2.50"],
]
SELLERS = [["seller_id", "seller_zip_code_prefix", "seller_city", "seller_state"], ["s1", "13023", "campinas", "SP"]]


def an_order(**cells: str) -> list[str]:
    return [cells.get(name, value) for name, value in zip(ORDERS, DONE, strict=True)]


@pytest.fixture
def olist(bring):
    return lambda *files, mapping="olist": bring(*files, mapping=mapping)


def the_order(number: str = "o1"):
    from orders.models import Order

    return Order.objects.get(external_no=number)


def test_times_are_sao_paulos_and_an_estimate_lasts_to_the_end_of_its_day(olist) -> None:
    olist([ORDERS, DONE])
    order = the_order()
    assert order.placed_at == datetime(2018, 3, 1, 13, 0, tzinfo=UTC)
    assert (order.paid_at.hour, order.shipped_at.day, order.delivered_at.day) == (14, 2, 5)
    assert order.promised_delivery_at == datetime(2018, 3, 21, 3, 0, tzinfo=UTC)
    assert (order.currency, order.channel, order.status) == ("BRL", "olist", "delivered")


def test_all_files_belong_together_in_whatever_order_they_are_sent(olist) -> None:
    orders = [ORDERS, DONE, an_order(order_id="o2", customer_id="c2")]
    olist(PAYMENTS, ITEMS, orders, CUSTOMERS, SELLERS)
    first, second = the_order("o1"), the_order("o2")
    assert first.customer == second.customer
    assert (first.dest_city, second.dest_city, first.dest_country) == ("são paulo", "rio de janeiro", "BR")
    lines = first.lines.order_by("line_no").values_list("line_no", "sku", "seller__city")
    assert list(lines) == [(1, "p1", "campinas"), (2, "p1", "campinas")]
    assert (first.total, second.total) == (Decimal("218.00"), Decimal("42.50"))
    assert first.payments.get().installments == 2


def test_the_whole_again_writes_nothing(olist) -> None:
    files = (PAYMENTS, ITEMS, [ORDERS, DONE, an_order(order_id="o2", customer_id="c2")], CUSTOMERS, SELLERS)
    olist(*files)
    before = the_order().updated_at
    again = olist(*files)
    assert {name.split()[1] for name in again.counts["entities"]} == {"same"}
    assert the_order().updated_at == before


def test_a_child_without_its_order_is_rejected(olist, rejected) -> None:
    run = olist(ITEMS)
    assert run.rows_rejected == 2
    assert rejected(run)[0]["Column"] == "order_id"
    assert "not known" in rejected(run)[0]["Reason"]


def test_a_dry_run_knows_that_the_order_would_be_there(bring) -> None:
    run = bring(ITEMS, [ORDERS, DONE], mapping="olist", dry_run=True)
    assert run.rows_rejected == 0


def test_a_buyer_is_not_forgotten_when_the_orders_come_again_alone(olist) -> None:
    olist([ORDERS, DONE], CUSTOMERS)
    olist([ORDERS, an_order(order_delivered_customer_date="2018-03-06 15:00:00")])
    assert the_order().customer.external_id == "person"
    assert the_order().dest_city == "são paulo"


def test_an_impossible_sequence_is_history_and_is_counted(olist) -> None:
    run = olist([ORDERS, an_order(order_delivered_carrier_date="2018-03-01 10:30:00")])
    assert (run.rows_rejected, run.counts["noticed"]) == (0, {"shipped_at_before_paid_at": 1})


@pytest.mark.parametrize("word", ["canceled", "unavailable"])
def test_a_cancelled_order_is_over_at_its_last_known_time_or_looks_open(olist, word: str) -> None:
    cells = {"order_status": word, "order_delivered_carrier_date": "", "order_delivered_customer_date": ""}
    olist([ORDERS, an_order(order_id="o3", **cells)], mapping="olist_open")
    assert (the_order("o3").status, the_order("o3").cancelled_at) == ("paid", None)
    olist([ORDERS, an_order(**cells)])
    order = the_order()
    assert (order.status, order.cancelled_at) == ("cancelled", order.paid_at)
    assert order.source_status == f"{word} (time unknown)"


def test_a_delivery_without_a_date_is_never_overdue(olist) -> None:
    from orders.models import Anomaly
    from orders.services.replay import set_present
    from orders.services.sweep import sweep_until_idle

    olist([ORDERS, an_order(order_delivered_customer_date="")])
    order = the_order()
    assert (order.delivered_at, order.source_status) == (order.promised_delivery_at, "delivered (time unknown)")
    for day in (10, 20, 21, 25):
        set_present(order.shop, datetime(2018, 3, day, 3, 0, tzinfo=UTC))
        sweep_until_idle()
    assert not Anomaly.objects.filter(code="overdue").exists()


def test_the_desk_finds_in_real_history_exactly_what_there_was_to_find(olist, shop) -> None:
    from orders.services.replay import set_present
    from orders.services.sweep import sweep_until_idle

    folder = olist_truth.default_folder()
    if not (folder / "truth_as_of.csv.gz").is_file():
        pytest.skip(f"no Olist data at {folder}; name its folder's parent in TICKETDESK_DATA")
    kept, data = _some_orders(folder / "orders.csv.gz")
    olist(data, mapping="olist_open")
    for at, expected in sorted(olist_truth.truth_of(folder).items()):
        set_present(shop, at)
        sweep_until_idle()
        found = olist_truth.open_anomalies(shop.pk, at)
        assert found == {code: numbers & kept for code, numbers in expected.items()}
        assert any(found.values())


def _some_orders(path: Path) -> tuple[set[str], bytes]:
    """Every sixteenth order by its number, which is a hash, as a file of its own."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    some = [row for row in rows if row["order_id"].startswith("a")]
    text = io.StringIO()
    writer = csv.DictWriter(text, ORDERS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(some)
    return {row["order_id"] for row in some}, text.getvalue().encode()
