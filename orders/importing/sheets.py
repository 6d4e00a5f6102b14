"""XLSX sheets as rows of text, with a guard against files that unpack to far more than they weigh. No Django."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from orders.importing.problems import Refused

MOST_PARTS = 2000
MOST_RATIO = 300  # ordinary sheets pack 10 to 50 times
SMALL_PART = 1 << 20
# openpyxl keeps every distinct text of the book in memory.
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
    """Rows of the first sheet as text, rows without any cell included. Broken XML raises Refused."""
    with path.open("rb") as stream:  # given a path, openpyxl looks at its suffix
        try:
            book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # openpyxl lets through whatever its parsers raise
            raise Refused("broken", file=name, detail="not a valid workbook") from error
        try:
            yield _rows(book, name)
        finally:
            book.close()


def _rows(book: Any, name: str) -> Iterator[list[str]]:
    sheets = book.worksheets
    if not sheets:
        raise Refused("empty", file=name)
    sheets[0].reset_dimensions()  # what the file says about its size need not be true
    cells = sheets[0].iter_rows(values_only=True)
    while True:
        try:
            row = next(cells, None)
        except Exception as error:
            raise Refused("broken", file=name, detail="its sheet cannot be read") from error
        if row is None:
            return
        yield [cell_text(value) for value in row]


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
