"""Files as rows of text: CSV, CSV.gz and XLSX, recognised by their content, read as a stream. No Django.

Row numbers are those a spreadsheet shows: the header is row 1.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from orders.importing import encodings, sheets
from orders.importing.problems import Refused

MOST_COLUMNS = 256
MOST_ROWS = 1_000_000
# Reading XML takes ten times as long, and a worker must get through a file in one turn.
MOST_SHEET_ROWS = 200_000
UNPACKED_TIMES = 4
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be: as sent, and unpacked (bytes); how many rows."""

    sent: int
    rows: int = MOST_ROWS

    @property
    def unpacked(self) -> int:
        """What a packed file may unpack to."""
        return self.sent * UNPACKED_TIMES


@dataclass(frozen=True, slots=True)
class Table:
    """A file that is known to be a table. `name` is what people call it; `encoding` is empty for XLSX."""

    path: Path
    name: str
    kind: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    limits: Limits


class _Bounded(io.RawIOBase):
    """Bytes of a packed file, until they are more than allowed."""

    def __init__(self, stream: gzip.GzipFile, name: str, most: int) -> None:
        self.stream, self.name, self.most, self.left = stream, name, most, most

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        self.left = self.most
        return self.stream.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        chunk = self.stream.read(len(buffer))
        self.left -= len(chunk)
        if self.left < 0:
            raise Refused("bomb", file=self.name, limit=self.most >> 20)
        buffer[: len(chunk)] = chunk
        return len(chunk)


def identify(path: Path, name: str, limits: Limits, *, encoding: str = "", whole: bool = True) -> Table:
    """What the file is and its header. The size is looked at before anything is read. Raises Refused.

    `whole=False` judges the encoding by the file's beginning only.
    """
    size = path.stat().st_size
    if size > limits.sent:
        raise Refused("too_big", file=name, size=-(-size >> 20) or 1, limit=limits.sent >> 20)
    if size == 0:
        raise Refused("empty", file=name)
    if sheets.is_zip(path):
        sheets.guard(path, name, limits.unpacked)
        table = Table(path, name, "xlsx", "", "", (), limits)
        return _with_header(table)
    kind = "csv.gz" if _starts_with(path, b"\x1f\x8b") else "csv"
    if encoding:
        found = encodings.declared(encoding)
    else:
        with _bytes(path, name, kind, limits) as stream:
            found = encodings.detect(stream, name, whole=whole)
    return _sniffed(Table(path, name, kind, found, DELIMITERS[0], (), limits))


def survey(table: Table) -> int:
    """Read the whole file once, storing nothing: how many rows it has. Raises Refused where it cannot be read."""
    count = 0
    for _ in rows(table):
        count += 1
    return count


def rows(table: Table, *, after: int = 1) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) of every row that is not blank and comes after row `after`."""
    most = min(table.limits.rows, MOST_SHEET_ROWS) if table.kind == "xlsx" else table.limits.rows
    with _cells(table) as lines:
        for number, cells in enumerate(lines, start=1):
            if number > most + 1:
                raise Refused("too_many_rows", file=table.name, limit=most)
            if number > after and number > 1 and any(cells):
                short = len(table.header) - len(cells) if table.kind == "xlsx" else 0
                # A sheet's row ends with its last filled cell; a CSV row that ends early has lost a separator.
                yield number, cells + [""] * short if short > 0 else cells


def _sniffed(table: Table) -> Table:
    """The table with the delimiter that makes most columns of its header."""
    found: list[Table] = []
    failed: Refused | None = None
    for delimiter in DELIMITERS:
        try:
            found.append(_with_header(replace(table, delimiter=delimiter)))
        except Refused as error:
            if error.code != "malformed":  # quotes end oddly when the delimiter is another one
                raise
            failed = failed or error
    if not found and failed is not None:
        raise failed
    return max(found, key=lambda candidate: len(candidate.header))


def _with_header(table: Table) -> Table:
    with _cells(table) as lines:
        header = [cell.strip(" \t\r\n\xa0\u3000\ufeff") for cell in next(lines, [])]
    while header and not header[-1]:
        header.pop()
    if not header:
        raise Refused("empty", file=table.name)
    if len(header) > MOST_COLUMNS:
        raise Refused("too_many_columns", file=table.name, limit=MOST_COLUMNS)
    return replace(table, header=tuple(header))


@contextmanager
def _cells(table: Table) -> Iterator[Iterator[list[str]]]:
    if table.kind == "xlsx":
        with sheets.sheet_rows(table.path, table.name) as lines:
            yield lines
        return
    with (
        _bytes(table.path, table.name, table.kind, table.limits) as stream,
        io.TextIOWrapper(stream, encoding=table.encoding, newline="") as text,
    ):
        yield _csv_rows(table, text)


def _csv_rows(table: Table, text: IO[str]) -> Iterator[list[str]]:
    reader = csv.reader(text, delimiter=table.delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Refused("malformed", file=table.name, row=number, detail=str(error)) from error
        except UnicodeError as error:
            raise Refused("encoding", file=table.name, encoding=table.encoding.removesuffix("-sig")) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Refused("broken", file=table.name, detail="the packed data ends early or is wrong") from error


@contextmanager
def _bytes(path: Path, name: str, kind: str, limits: Limits) -> Iterator[IO[bytes]]:
    try:
        if kind == "csv":
            with path.open("rb") as stream:
                yield stream
        else:
            with gzip.open(path, "rb") as packed, io.BufferedReader(_Bounded(packed, name, limits.unpacked)) as stream:
                yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Refused("broken", file=name, detail="the packed data ends early or is wrong") from error


def _starts_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic
