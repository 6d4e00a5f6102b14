"""Tables for people to take away: CSV and XLSX. No cell is ever a formula, whatever a stranger has written into it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from openpyxl import Workbook

Cell = str | int
# Spreadsheets take a cell that begins with one of these for a formula, or skip the sign and then do.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
SPOOL = 2_000_000


def harmless(cell: Cell) -> Cell:
    """The cell with an apostrophe in front where a spreadsheet would calculate it; control characters are left out."""
    if not isinstance(cell, str):
        return cell
    text = "".join(letter for letter in cell if letter >= " " or letter in "\t\n")
    return f"'{text}" if cell.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def as_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The table as UTF-8 with a mark that spreadsheets understand, in portions."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(headings)
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(cell) for cell in row])
        if number % 500 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def as_xlsx(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> IO[Any]:
    """The table as a workbook of one sheet, ready to be read from its beginning; little memory for many rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("TicketDesk")
    sheet.append(list(headings))
    for row in rows:
        sheet.append([harmless(cell) for cell in row])
    # Whoever sends it closes it.
    file: IO[Any] = SpooledTemporaryFile(max_size=SPOOL)  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return file
