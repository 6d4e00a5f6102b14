"""XLSX, compared with what a whole spreadsheet library reads in the same file."""

import io
import zipfile
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import MAC_EPOCH

from orders.importing.problems import Refused
from orders.importing.sheets import cell_text, sheet_rows
from tests.orders.importing.files import xlsx_bytes

SHEET = "xl/worksheets/sheet1.xml"
TEXT = st.text(st.characters(min_codepoint=32, blacklist_categories=["Cs", "Cn", "Co"]), max_size=12)
CELLS = st.one_of(
    st.none(),
    TEXT.filter(lambda text: not text.startswith("=")),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(-1e9, 1e9, allow_nan=False).map(lambda number: round(number, 4)),
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
    st.dates(date(1990, 1, 1), date(2040, 1, 1)),
)


def read(data: bytes, folder) -> list[list[str]]:
    path = folder / "book.xlsx"
    path.write_bytes(data)
    with sheet_rows(path, "book.xlsx") as rows:
        return list(rows)


def trimmed(rows) -> list[list[str]]:
    """Without the blank cells and rows that end a table: whether they are written is a matter of taste."""
    table = [list(row) for row in rows]
    for row in table:
        while row and not row[-1]:
            row.pop()
    while table and not table[-1]:
        table.pop()
    return table


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def edited(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            assert name != part or old in content
            target.writestr(name, content.replace(old, new) if name == part else content)
    return stream.getvalue()


@given(st.lists(st.lists(CELLS, max_size=5), max_size=5), st.booleans())
def test_every_sheet_reads_as_a_spreadsheet_library_reads_it(tmp_path_factory, table, streamed: bool) -> None:
    if streamed:
        data = xlsx_bytes(table)
    else:  # with shared texts, and with gaps
        book = Workbook()
        for number, row in enumerate(table, start=1):
            for column, value in enumerate(row, start=1):
                if value is not None:
                    book.active.cell(number, column, value)
        data = saved(book)
    sheet = load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    expected = [[cell_text(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    assert trimmed(read(data, tmp_path_factory.mktemp("book"))) == trimmed(expected)


def test_a_formula_gives_its_stored_result(tmp_path) -> None:
    book = Workbook()
    book.active.append(["=1+1"])
    data = edited(saved(book), SHEET, b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>")
    assert read(data, tmp_path) == [["2"]]


def test_the_first_sheet_that_is_not_hidden_is_read(tmp_path) -> None:
    book = Workbook()
    book.active.append(["secret"])
    book.active.sheet_state = "hidden"
    book.create_sheet().append(["shown"])
    book.active = 1
    assert read(saved(book), tmp_path) == [["shown"]]


def test_days_may_count_from_1904_and_a_duration_is_no_date(tmp_path) -> None:
    book = Workbook()
    book.epoch = MAC_EPOCH
    book.active.append([datetime(2026, 3, 15, 14, 30), timedelta(hours=36)])
    assert read(saved(book), tmp_path) == [["2026-03-15 14:30:00", "1.5"]]


def test_texts_that_cells_share_are_read_without_their_pronunciation(tmp_path) -> None:
    book = Workbook()
    book.active.append(["first", "second", "first"])
    data = saved(book)
    for text, number in ((b"first", b"1"), (b"second", b"0")):
        inline = b't="inlineStr"><is><t>' + text + b"</t></is>"
        data = edited(data, SHEET, inline, b't="s"><v>' + number + b"</v>")
    shared = """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r>
        <t>东</t></r><r><t xml:space="preserve"> 京</t></r><rPh sb="0" eb="1"><t>トウキョウ</t></rPh></si>
        <si><t>a &amp; b_x000A_c</t></si></sst>"""
    path = tmp_path / "shared.xlsx"
    path.write_bytes(data)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", shared)
    assert read(path.read_bytes(), tmp_path) == [["a & b\nc", "东 京", "a & b\nc"]]


def test_rows_that_are_left_out_still_count(tmp_path) -> None:
    book = Workbook()
    book.active["B3"] = "x"
    assert read(saved(book), tmp_path) == [[], [], ["", "x"]]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, b"<worksheet", b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><worksheet"),
        (SHEET, b'<row r="1"', b'<row r="x"'),
        (SHEET, b'r="A1"', b'r="1"'),
        (SHEET, b'<c r="A1" t="inlineStr">', b'<c r="A1" t="s"><v>99</v>'),
        (SHEET, b"</worksheet>", b""),
        ("xl/workbook.xml", b"<sheet ", b"<shut "),
        ("xl/_rels/workbook.xml.rels", b"sheet1.xml", b"sheet9.xml"),
    ],
)
def test_a_workbook_that_is_not_what_it_says_is_refused(tmp_path, part: str, old: bytes, new: bytes) -> None:
    book = Workbook()
    book.active.append(["text"])
    with pytest.raises(Refused, match="damaged"):
        read(edited(saved(book), part, old, new), tmp_path)


def test_a_cell_far_to_the_right_costs_no_memory(tmp_path) -> None:
    book = Workbook()
    book.active["XFD1"] = "x"
    assert len(read(saved(book), tmp_path)[0]) <= 300
