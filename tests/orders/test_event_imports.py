"""Tracking events from files: to their parcels, by whatever codes, once, and resumable like any import."""

import io
import time
from datetime import timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from orders.importing.problems import Refused
from orders.models import ImportRun, Shipment, TrackingEvent, UnknownCode
from orders.services import importrun, imports
from orders.services.codes import map_code
from tests import factories as make
from tests.clock import NOW

pytestmark = pytest.mark.django_db
HEAD = "tracking_number,carrier,time,status,code,text,city,country,source\n"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def shop():
    make.carrier(code="sf", name="SF Express", name_zh="顺丰速运")
    return make.shop(time_zone="Asia/Shanghai")


def bring(shop, *rows: str, head: str = HEAD, dry_run: bool = False) -> ImportRun:
    file = SimpleUploadedFile("events.csv", (head + "\n".join(rows) + "\n").encode())
    run = imports.create_run(shop=shop, mapping="events", files=[file], dry_run=dry_run)
    return imports.run(run.pk, now=NOW)


def day(hours: float = 30) -> str:
    return (NOW - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M:%S+00:00")


def test_events_make_their_parcel_and_move_it(shop):
    run = bring(shop, f"SF1,顺丰速运,{day(30)},picked_up,,,,,", f"SF1,sf,{day(3)},delivered.signed,,已签收,杭州,CN,")
    parcel = Shipment.objects.get()
    assert (parcel.number, parcel.status, parcel.sub_status) == ("SF1", "delivered", "signed")
    assert run.counts["entities"] == {"parcel new": 1, "event new": 2}


def test_events_of_a_followed_parcel_let_its_order_follow(shop):
    order = make.order(shop)
    make.shipment(order, number="SF1", number_norm="SF1")
    bring(shop, f"sf 1,,{day(3)},delivered,,,,,")
    order.refresh_from_db()
    assert order.status == "delivered" and Shipment.objects.count() == 1


def test_the_same_file_twice_changes_nothing(shop):
    row = f"SF1,sf,{day()},in_transit.moving,,On the way,Leeds,GB,"
    bring(shop, row, row)
    again = bring(shop, row)
    assert TrackingEvent.objects.count() == 1
    assert again.counts["entities"] == {"event same": 1}


def test_a_dry_run_writes_nothing_and_counts_what_it_would(shop):
    run = bring(shop, f"SF1,,{day()},picked_up,,,,,", f"SF2,,{day()},,X9,,,,", dry_run=True)
    assert run.counts["entities"] == {"parcel new": 2, "event new": 2}
    assert not (Shipment.objects.exists() or TrackingEvent.objects.exists() or UnknownCode.objects.exists())


def test_codes_of_a_known_source_are_read_by_its_own_list(shop):
    bring(shop, f"SF1,sf,{day()},,InTransit_001,,,,aftership")
    event = TrackingEvent.objects.get()
    assert (event.source, event.raw_code, event.status) == ("aftership", "InTransit_001", "in_transit")


def test_codes_of_a_sender_of_his_own_wait_in_the_inbox_and_are_read_once_mapped(shop):
    bring(shop, f"SF1,sf,{day(5)},,G7,Gate 7,,,harbour", f"SF2,sf,{day(5)},Lost at sea,,,,,harbour")
    assert set(UnknownCode.objects.values_list("source", "raw_code")) == {
        ("generic:harbour", "G7"), ("generic:harbour", "Lost at sea"),
    }  # fmt: skip
    map_code(source="generic:harbour", raw_code="G7", canonical="customs.held", by=make.user(), now=NOW)
    bring(shop, f"SF3,sf,{day(5)},,G7,,,,harbour")
    assert Shipment.objects.get(number="SF3").status == "customs"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (",sf,{day},picked_up,,,,,", "tracking_number", "empty"),
        ("SF1,nobody,{day},picked_up,,,,,", "carrier", "No such carrier"),
        ("SF1,sf,yesterday,picked_up,,,,,", "time", "Not a date"),
        ("SF1,sf,2040-01-01 10:00,picked_up,,,,,", "time", ""),
        ("SF1,sf,{day},,,Nothing,,,", "status", "empty"),
        ("SF1,sf,{day},picked_up,,,,Atlantis,", "country", "Not a country"),
    ],
)
def test_a_wrong_row_is_rejected_alone_with_its_reason(shop, row, column, reason):
    run = bring(shop, row.format(day=day()), f"SF9,sf,{day()},picked_up,,,,,")
    assert (run.rows_rejected, Shipment.objects.get().number) == (1, "SF9")
    from orders.services.uploads import path_of

    text = path_of({"path": run.rejected_path}).read_text("utf-8-sig").splitlines()[1]
    assert f"events.csv,2,{column}," in text and reason in text


def test_a_number_of_another_shop_is_rejected_and_left_alone(shop):
    by = make.carrier(code="dhl", name="DHL")
    make.shipment(make.order(make.shop()), by=by, number="D1", number_norm="D1")
    run = bring(shop, f"D1,dhl,{day()},delivered,,,,,")
    assert run.counts["rejected"] == {"parcel_elsewhere": 1}
    assert not TrackingEvent.objects.exists()


def test_a_file_without_a_time_is_refused_naming_it(shop):
    with pytest.raises(Refused, match="time"):
        bring(shop, "SF1,delivered", head="tracking_number,status\n")


def test_a_local_time_is_that_of_the_place_or_else_of_the_shop(shop):
    moment = (NOW - timedelta(days=2)).strftime("%Y-%m-%d 10:00")
    bring(shop, f"SF1,sf,{moment},picked_up,,,,GB,", f"SF2,sf,{moment},picked_up,,,,,")
    hours = dict(TrackingEvent.objects.values_list("shipment__number", "occurred_at"))
    assert (hours["SF1"] - hours["SF2"]).total_seconds() in (7 * 3600, 8 * 3600)


def test_a_sheet_in_chinese_is_read(shop):
    book = openpyxl.Workbook()
    book.active.append(["运单号", "快递公司", "时间", "状态", "描述"])
    book.active.append(["SF1", "顺丰速运", (NOW - timedelta(hours=20)).replace(tzinfo=None), "delivered", "已签收"])
    stream = io.BytesIO()
    book.save(stream)
    run = imports.create_run(shop=shop, mapping="events", files=[SimpleUploadedFile("e.xlsx", stream.getvalue())])
    imports.run(run.pk, now=NOW)
    assert Shipment.objects.get().status == "delivered"


def test_a_run_that_stopped_goes_on_where_it_was(shop, monkeypatch):
    monkeypatch.setattr(importrun, "BATCH", 3)
    rows = [f"SF{number},sf,{day()},picked_up,,,,," for number in range(10)]
    file = SimpleUploadedFile("events.csv", (HEAD + "\n".join(rows)).encode())
    run = imports.create_run(shop=shop, mapping="events", files=[file])
    imports.run(run.pk, now=NOW, turn_s=0)
    assert 0 < Shipment.objects.count() < 10
    for _ in range(10):
        run = imports.run(run.pk, now=NOW, turn_s=0)
    assert (run.state, Shipment.objects.count(), run.rows_read) == ("done", 10, 10)


def test_a_batch_costs_as_many_statements_for_many_parcels_as_for_few(shop, django_assert_max_num_queries):
    bring(shop, f"SF0,sf,{day()},picked_up,,,,,")
    with django_assert_max_num_queries(80) as few:
        bring(shop, *(f"A{number},sf,{day()},picked_up,,,,," for number in range(2)))
    with django_assert_max_num_queries(len(few)):
        bring(shop, *(f"B{number},sf,{day()},picked_up,,,,," for number in range(60)))


def test_a_thousand_events_take_no_more_than_seconds(shop):
    rows = [f"N{n % 200},sf,{day(40 - n / 100)},in_transit.moving,,Step {n},Leeds,GB," for n in range(1000)]
    began = time.monotonic()
    bring(shop, *rows)
    assert TrackingEvent.objects.count() == 1000
    assert time.monotonic() - began < 20
