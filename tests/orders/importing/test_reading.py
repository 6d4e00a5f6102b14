"""Files: what they are, and every way in which they can be wrong."""

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest

from orders.importing.problems import Refused
from orders.importing.reading import Limits, Table, identify, rows, survey
from orders.importing.sheets import cell_text
from tests.orders.importing.files import csv_bytes, xlsx_bytes

ROWS = [["订单号", "下单时间", "收货人"], ["A1", "2026-03-15 14:30", "王小明"], ["A2", "2026-03-16 09:00", "李四"]]
Make = Callable[..., Table]


def refusal(make: Make, data: bytes, **options) -> Refused:
    with pytest.raises(Refused) as caught:
        survey(make(data, **options))
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_is_read_in_every_usual_encoding_and_with_every_usual_separator(
    table: Make, encoding: str, delimiter: str
) -> None:
    found = table(csv_bytes(ROWS, encoding=encoding, delimiter=delimiter))
    assert list(found.header) == ROWS[0]
    assert list(rows(found)) == [(2, ROWS[1]), (3, ROWS[2])]


def test_chinese_that_begins_late_in_the_file_is_noticed(table: Make) -> None:
    plain = [[f"A{number}", "2026-03-15 14:30", "nobody"] for number in range(20_000)]
    found = table(csv_bytes([["order_no", "placed_at", "name"], *plain, ROWS[1]], encoding="gb18030"), sent=1 << 22)
    assert list(rows(found))[-1][1] == ROWS[1]


def test_a_packed_file_is_known_by_its_content(table: Make) -> None:
    assert next(rows(table(gzip.compress(csv_bytes(ROWS))))) == (2, ROWS[1])


def test_a_sheet_is_read_like_text(table: Make) -> None:
    found = table(xlsx_bytes([["order_no", "placed_at", "total"], [1001, datetime(2026, 3, 15, 14, 30), 12.5], ["A2"]]))
    assert list(rows(found)) == [(2, ["1001", "2026-03-15 14:30:00", "12.5"]), (3, ["A2", "", ""])]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (3.0, "3"), (0.1, "0.1"), (True, "1"), (datetime(2026, 3, 15), "2026-03-15"),
     (date(2026, 3, 15), "2026-03-15"), (6901234567890123456, "6.90123456789012E+18")],
)  # fmt: skip
def test_a_cell_becomes_what_one_would_type(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_blank_lines_are_passed_over_and_still_counted(table: Make) -> None:
    assert list(rows(table(b"a,b\n\n1,2\n,\n3,4\n"))) == [(3, ["1", "2"]), (5, ["3", "4"])]


def test_reading_goes_on_behind_a_given_row(table: Make) -> None:
    assert list(rows(table(b"a,b\n1,2\n3,4\n"), after=2)) == [(3, ["3", "4"])]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path, monkeypatch) -> None:
    path = tmp_path / "big.csv"
    path.write_bytes(b"x" * 2000)
    monkeypatch.setattr("pathlib.Path.open", lambda *_: pytest.fail("it was opened"))
    with pytest.raises(Refused) as caught:
        identify(path, "big.csv", Limits(1000))
    assert (caught.value.code, caught.value.status) == ("too_big", 413)


def test_a_packed_file_that_unpacks_to_too_much_is_refused(table: Make) -> None:
    bomb = gzip.compress(b"a,b\n" + b"1,2\n" * 2_000_000)
    assert refusal(table, bomb, sent=len(bomb) + 1).code == "bomb"


def test_a_sheet_that_is_a_zip_bomb_is_refused_before_it_is_opened(table: Make) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/worksheets/sheet1.xml", b"0" * (40 << 20))
    assert refusal(table, stream.getvalue(), sent=1 << 24).code == "bomb"


def test_a_sheet_with_enormous_shared_texts_is_refused(table: Make) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
        book.writestr("xl/sharedStrings.xml", b"0" * (49 << 20))
    assert refusal(table, stream.getvalue(), sent=1 << 27).code == "bomb"


def test_too_many_rows_are_refused(table: Make) -> None:
    assert refusal(table, b"a,b\n" + b"1,2\n" * 6, rows=5).code == "too_many_rows"


def test_a_sheet_may_have_fewer_rows_than_text(table: Make, monkeypatch) -> None:
    monkeypatch.setattr("orders.importing.reading.MOST_SHEET_ROWS", 3)
    assert refusal(table, xlsx_bytes([["a"], *[["1"]] * 4])).code == "too_many_rows"
    assert survey(table(b"a\n1\n2\n3\n4\n")) == 4


def test_too_many_columns_are_refused(table: Make) -> None:
    assert refusal(table, (",".join(f"c{n}" for n in range(300)) + "\n").encode()).code == "too_many_columns"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"%PDF-1.7 ...", "kind"),
        (b"\xd0\xcf\x11\xe0 old workbook", "kind"),
        (b"<!doctype html><html>", "kind"),
        (bytes(range(256)) * 4 + b"\x00" * 800, "kind"),
        (b"PK\x03\x04 not really a zip", "broken"),
        (gzip.compress(b"a,b\n1,2\n" * 5000, mtime=0)[:60], "broken"),
        (b"\x1f\x8b not really packed", "broken"),
        (b'a,b\n1,"2\n3,4\n', "malformed"),
        (b'a,b\n1,"2"x\n', "malformed"),
        (b"a,b\n1," + b"x" * 200_000 + b"\n", "malformed"),
        ("order_no,city\n1,São Paulo\n2,Maceió\n".encode("cp1252"), "encoding_unclear"),
    ],
)  # fmt: skip
def test_what_is_no_readable_table_is_refused_with_a_reason(table: Make, data: bytes, code: str) -> None:
    refused = refusal(table, data)
    assert (refused.code, refused.status) == (code, 400)
    assert "orders.csv" in str(refused)


def test_an_archive_that_is_no_workbook_is_refused(table: Make) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("orders.csv", "a,b\n")
    assert refusal(table, stream.getvalue()).code == "kind"


def test_a_workbook_with_broken_xml_is_refused(table: Make) -> None:
    good, stream = io.BytesIO(xlsx_bytes([["a"], ["b"]])), io.BytesIO()
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[: len(data) // 2] if "sheet1" in name else data)
    assert refusal(table, stream.getvalue()).code == "broken"


def test_a_declared_encoding_is_believed_and_a_wrong_one_named(tmp_path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes("name\nSão Paulo\n".encode("cp1252"))
    found = identify(path, "orders.csv", Limits(1000), encoding="latin-1")
    assert list(rows(found)) == [(2, ["São Paulo"])]
    with pytest.raises(Refused, match="not written in utf-8"):
        survey(identify(path, "orders.csv", Limits(1000), encoding="utf-8"))
    with pytest.raises(Refused, match="no encoding klingon"):
        identify(path, "orders.csv", Limits(1000), encoding="klingon")
