"""Documents: read, compared, replaced, accepted; nonsense refused with nothing left behind."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from orders.comparing import compared
from orders.models import Anomaly, Document, OrderLine
from orders.selectors import facts_of
from orders.services import documents
from orders.services.documents import FileRefused, Given, Refused
from tests import factories as make
from tests.clock import NOW

pytestmark = pytest.mark.django_db
GOOD = "SKU,Description,Quantity,Unit price,Amount\nTEA,Tea,2,50,100\nCUP,Mug,3,20,60\nTotal,,5,,160\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def order():
    made = make.order(make.shop(), total=160)
    for no, (sku, name, qty, price) in enumerate([("TEA", "Tea", 2, 50), ("CUP", "Mug", 3, 20)], start=1):
        OrderLine.objects.create(order=made, line_no=no, sku=sku, name=name, qty=qty, unit_price=price)
    return made


def upload(text, name="invoice.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def add(order, text=None, name="invoice.csv", **given):
    told = {"kind": "invoice", "number": "INV-1"} | given
    file = None if text is None else upload(text, name)
    return documents.add(order=order, given=Given(**told), file=file, by=make.user(), now=NOW)[0]


def stored(media) -> list:
    return [path for path in (media / "documents").rglob("*") if path.is_file()]


def wrong(order) -> list[str]:
    return list(Anomaly.objects.filter(order=order, closed_at=None).values_list("code", flat=True))


def sheet(*rows) -> bytes:
    book, stream = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def test_an_invoice_that_agrees_raises_nothing_and_its_file_is_kept(order, media):
    document = add(order, GOOD)
    assert wrong(order) == []
    assert (document.total_qty, document.total_amount, len(document.lines)) == (5, Decimal(160), 2)
    assert [path.read_bytes() for path in stored(media)] == [GOOD.encode()]
    assert "invoice" not in document.file_key


def test_a_difference_is_an_anomaly_that_a_corrected_version_clears(order):
    add(order, GOOD.replace("CUP,Mug,3,20,60", "CUP,Mug,2,20,40").replace("5,,160", "4,,140"))
    anomaly = Anomaly.objects.get(order=order)
    assert anomaly.why.format(**anomaly.params).startswith("INV-1 says 2 of CUP, the order 3;")
    assert (anomaly.department, anomaly.grade) == ("customs", 2)
    assert add(order, GOOD).version == 2
    anomaly.refresh_from_db()
    assert (anomaly.state, anomaly.close_reason) == ("cleared", "documents_agree")


def test_another_difference_on_the_same_document_changes_the_anomalys_words(order):
    add(order, "sku,qty\nTEA,2\nCUP,1\n")
    add(order, "sku,qty\nTEA,1\nCUP,3\n")
    anomaly = Anomaly.objects.get(order=order)
    assert (anomaly.params["item"], anomaly.params["stated"]) == ("TEA", "1")


def test_headers_in_chinese_below_a_letterhead_are_found(order):
    rows = [["青禾贸易有限公司"], ["商业发票", "", "INV-1"], [], ["货号", "品名", "数量", "单价", "金额"]]
    rows += [["TEA", "茶", 2, 50, 100], ["CUP", "杯", 3, 20, 60], ["合计", None, 5, None, 160], ["签字:"]]
    document = add(order, sheet(*rows), "发票.xlsx")
    assert (document.lines[1][:4], document.file_type) == (["CUP", "杯", 3, "60.00"], "xlsx")
    assert wrong(order) == []


def test_part_shipments_add_up_and_more_to_follow_is_nothing_missing(order):
    add(order, "sku,qty\nTEA,2\n", kind="packing_list", number="P-1", partial=True)
    assert wrong(order) == []
    add(order, "sku,qty\nCUP,2\n", kind="packing_list", number="P-2")
    assert wrong(order) == ["document_mismatch"]
    add(order, "sku,qty\nCUP,3\n", kind="packing_list", number="P-2")
    assert wrong(order) == []


def test_typed_totals_stand_for_a_scan(order):
    document = add(order, b"%PDF-1.7 scan", "scan.pdf", total_amount=Decimal(150))
    assert (document.file_type, document.lines, wrong(order)) == ("pdf", [], ["document_mismatch"])


def test_a_scan_of_which_nothing_was_typed_says_nothing(order):
    add(order, b"\x89PNG\r\n\x1a\n....", "scan.png", number="INV-9")
    add(order, GOOD)
    assert wrong(order) == []


def test_a_person_accepts_the_difference_with_a_reason_and_another_one_is_new(order):
    add(order, "sku,qty\nTEA,2\nCUP,1\n")
    digest = compared([order.pk])[order.pk][0].digest
    agent = make.user()
    with pytest.raises(Refused, match="Say why"):
        documents.accept(order=order, kind="invoice", digest=digest, reason="  ", by=agent, now=NOW)
    documents.accept(order=order, kind="invoice", digest=digest, reason="Two follow", by=agent, now=NOW)
    assert wrong(order) == []
    add(order, "sku,qty\nTEA,1\nCUP,1\n")
    assert wrong(order) == ["document_mismatch"]
    with pytest.raises(Refused, match="have changed since"):
        documents.accept(order=order, kind="invoice", digest=digest, reason="Again", by=agent, now=NOW)


def test_a_withdrawn_document_is_compared_no_more_but_stays_on_record(order):
    document = add(order, "sku,qty\nTEA,9\n")
    documents.withdraw(document=document, by=make.user(), now=NOW)
    assert wrong(order) == []
    assert Document.objects.get().withdrawn_at == NOW


def test_the_very_same_once_more_changes_nothing(order, media):
    assert add(order, GOOD).pk == add(order, GOOD).pk
    assert (Document.objects.count(), len(stored(media))) == (1, 1)


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (60 << 20))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "invoice.csv"),
        (b"  <HTML><body>sku,qty</body>", "invoice.csv"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "invoice.png"),
        (b"<?xml version='1.0'?><a/>", "invoice.pdf"),
        (b"MZ\x90\x00\x03\x00\x00\x00" * 9, "invoice.xlsx"),
        (b"\x1f\x8b\x08\x00 packed", "invoice.csv"),
        (b"PK\x03\x04 torn", "invoice.xlsx"),
        (bomb(), "bomb.xlsx"),
        ("sku,qty\nT\xc9,1\n".encode("latin-1") + bytes(range(128, 160)), "wrong-encoding.csv"),
        (b"sku,qty\nTEA,many\n", "invoice.csv"),
        (b"sku,qty\nTEA,1\x00\n", "invoice.csv"),
        (b"name,price\nTea,1\n", "invoice.csv"),
        (b"sku,qty\n", "invoice.csv"),
        (b"sku,qty\n" + b"A,1\n" * 2001, "long.csv"),
        (b"sku,qty\nA,99999999999\n", "invoice.csv"),
    ],
)
def test_nonsense_is_refused_with_a_reason_and_leaves_nothing(order, media, content, name):
    with pytest.raises(FileRefused) as refused:
        add(order, content, name)
    assert str(refused.value)
    assert stored(media) == [] and not Document.objects.exists()


def test_a_file_that_is_too_large_is_refused(order, settings, media):
    settings.DOCUMENT_MAX_BYTES = 1 << 20
    with pytest.raises(FileRefused) as refused:
        add(order, b"%PDF-" + b"x" * (1 << 20))
    assert refused.value.status == 413 and stored(media) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [({"kind": "receipt", "total_qty": 1}, "kind"), ({}, "lines"), ({"number": "", "total_qty": 1}, "number")],
)
def test_a_document_that_says_nothing_is_refused_by_field(order, given, field):
    with pytest.raises(Refused) as refused:
        add(order, **given)
    assert refused.value.field == field


def test_a_changed_order_is_compared_anew(order):
    add(order, GOOD)
    OrderLine.objects.filter(order=order, sku="CUP").update(qty=4)
    assert [each.what for each in facts_of([order.pk])[0].mismatches[0].differences] == ["quantity", "amount"]


def test_documents_of_many_orders_are_compared_in_one_query(order):
    add(order, GOOD)
    other = make.order(order.shop)
    add(other, "sku,qty\nTEA,2\n")
    with CaptureQueriesContext(connection) as queries:
        found = compared([order.pk, other.pk, make.order(order.shop, armed=False).pk])
    assert set(found) == {order.pk, other.pk}
    assert len([each for each in queries if "orders_document" in each["sql"]]) == 1
