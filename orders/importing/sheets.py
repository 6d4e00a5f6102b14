"""XLSX sheets as rows of text, with a guard against files that unpack to far more than they weigh. No Django."""

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from xml.parsers.expat import ExpatError

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel
from openpyxl.utils.escape import unescape

from orders.importing import sheetxml
from orders.importing.problems import Refused
from orders.importing.sheetxml import BadXml

MOST_PARTS = 2000
MOST_RATIO = 300  # ordinary sheets pack 10 to 50 times
SMALL_PART = 1 << 20
# Every distinct text of the book stays in memory.
MOST_TEXTS = 48 << 20
ROUNDED_FROM = 10**15


def is_zip(path: Path) -> bool:
    """Whether the file starts like a zip, as XLSX does."""
    with path.open("rb") as stream:
        return stream.read(4) == b"PK\x03\x04"


def guard(path: Path, name: str, most_unpacked: int) -> None:
    """Refused unless the file is a workbook whose parts, by the zip's own directory, unpack to a bearable size.

    A directory that lies is no danger: zipfile stops at the stated size and finds the checksum wrong.
    """
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Refused("broken", file=name, detail="not a valid workbook") from error
    limit = most_unpacked >> 20
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > most_unpacked:
        raise Refused("bomb", file=name, limit=limit)
    for part in parts:
        tight = part.file_size > SMALL_PART and part.file_size > MOST_RATIO * max(part.compress_size, 1)
        if tight or (part.filename.endswith("sharedStrings.xml") and part.file_size > MOST_TEXTS):
            raise Refused("bomb", file=name, limit=limit)
    if not any(part.filename == "xl/workbook.xml" for part in parts):
        raise Refused("kind", file=name, kind="an archive")


@contextmanager
def sheet_rows(path: Path, name: str) -> Iterator[Iterator[list[str]]]:
    """Rows of the first visible sheet as text, rows without any cell included. Broken content raises Refused."""
    with _broken_is_refused(name):
        book = zipfile.ZipFile(path)
    with book:
        yield _rows(book, name)


@contextmanager
def _broken_is_refused(name: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, OverflowError, KeyError, EOFError, ExpatError, zipfile.BadZipFile, zlib.error) as error:
        raise Refused("broken", file=name, detail="not a valid workbook") from error


def _rows(book: zipfile.ZipFile, name: str) -> Iterator[list[str]]:
    with _broken_is_refused(name):
        parts = set(book.namelist())
        with book.open("xl/workbook.xml") as stream:
            relation, from_1904 = sheetxml.first_sheet(stream)
        with book.open("xl/_rels/workbook.xml.rels") as stream:
            sheet = sheetxml.relations(stream)[relation]
        texts: list[str] = []
        if "xl/sharedStrings.xml" in parts:
            with book.open("xl/sharedStrings.xml") as stream:
                texts = sheetxml.shared_texts(stream)
        dates: frozenset[int] = frozenset()
        if "xl/styles.xml" in parts:
            with book.open("xl/styles.xml") as stream:
                dates = _date_styles(sheetxml.number_formats(stream))
        reader = _Cells(texts, dates, MAC_EPOCH if from_1904 else WINDOWS_EPOCH)
        with book.open(sheet) as stream:
            expected = 1
            for number, cells in sheetxml.sheet_cells(stream):
                for _ in range(number - expected):
                    yield []
                expected = number + 1
                yield [reader.text(*cell) for cell in cells]


def _date_styles(formats: Sequence[tuple[int, str]]) -> frozenset[int]:
    """Styles whose numbers are dates; those of durations are not."""
    codes = [code or BUILTIN_FORMATS.get(number, "General") for number, code in formats]
    return frozenset(n for n, code in enumerate(codes) if is_date_format(code) and not is_timedelta_format(code))


@dataclass(frozen=True, slots=True)
class _Cells:
    """What a book's cells mean."""

    texts: Sequence[str]
    dates: frozenset[int]
    epoch: datetime

    def text(self, raw: str, type_: str, style: int) -> str:
        """The cell as text."""
        if type_ == "s":
            if not 0 <= int(raw) < len(self.texts):
                raise BadXml("a text that is not there")
            return unescape(self.texts[int(raw)])
        if type_ != "n":
            return unescape(raw)
        number = int(raw) if raw.isdecimal() else float(raw)
        if style not in self.dates:
            return cell_text(number)
        try:
            return cell_text(from_excel(number, self.epoch))
        except (ValueError, OverflowError):
            return raw  # no date that there is: reading will say so


def cell_text(value: object) -> str:
    """A cell as the text one would type: whole floats without .0, dates as 2026-03-15, numbers past 15 digits as 1E+15.

    A spreadsheet has no plain dates, so midnight is taken for the day.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        if abs(value) >= ROUNDED_FROM:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime):
        rounded = (value + timedelta(milliseconds=500)).replace(microsecond=0)
        return rounded.date().isoformat() if rounded.time() == time() else rounded.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
