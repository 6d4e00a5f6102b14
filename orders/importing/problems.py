"""Everything an import can find wrong, each with its reason and the remedy. Pure: English msgids, no Django."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple


def gettext_noop(message: str) -> str:
    """Mark a message for `makemessages`, which looks for this very name, and return it unchanged."""
    return message


class Problem(NamedTuple):
    """What is wrong and what to do about it: msgids with {named} places."""

    reason: str
    remedy: str


_ = gettext_noop

# Something about one row: the row is rejected, the others are imported.
ROW_PROBLEMS: Mapping[str, Problem] = MappingProxyType(
    {
        "missing": Problem(_("The cell is empty."), _("Fill it in; every row needs it.")),
        "too_long": Problem(_("Longer than {limit} characters."), _("Shorten it.")),
        "control": Problem(_("Holds a NUL or another control character."), _("Remove the invisible character.")),
        "rounded": Problem(
            _("A spreadsheet has shortened this number; its last digits are lost."),
            _("Export it again with this column formatted as text."),
        ),
        "cell_error": Problem(_("The spreadsheet shows an error in this cell."), _("Correct the cell's formula.")),
        "moment": Problem(_("Not a date or time."), _("Write year-month-day hour:minute, such as 2026-03-15 14:30.")),
        "moment_order": Problem(
            _("Day and month cannot be told apart."),
            _("Write the year first, such as 2026-03-15 14:30, or name the format in the mapping."),
        ),
        "year": Problem(_("The year {year} is not plausible."), _("Correct the year.")),
        "future": Problem(
            _("It lies in the future, but only what has happened can be imported here."), _("Correct it.")
        ),
        "amount": Problem(_("Not an amount."), _("Write digits and a decimal point, such as 1234.50.")),
        "negative": Problem(_("Must not be negative."), _("Import the sale; leave refunds out.")),
        "too_large": Problem(_("Larger than {limit}."), _("Correct the number.")),
        "quantity": Problem(_("Not a whole number of 1 or more."), _("Correct the quantity.")),
        "currency": Problem(_("Not a currency."), _("Use the three letters of ISO 4217, such as CNY, USD or BRL.")),
        "country": Problem(_("Not a country."), _("Use the two letters of ISO 3166, such as CN, US or BR.")),
        "sequence": Problem(_("Earlier than {before}, which comes first."), _("Correct one of the two times.")),
        "cells": Problem(
            _("The row has {found} cells, the header {expected}."),
            _("Put cells that hold the separator or a line break in double quotes."),
        ),
        "conflict": Problem(
            _("Row {row} of this file already says something else about the same {what}."),
            _("Keep the right one of the two rows."),
        ),
        "conflict_line": Problem(
            _("Row {row} of this file already says something else about the same article of this order."),
            _("Add a column line_no if the order holds the article twice; else keep the right one of the two rows."),
        ),
        "other_row": Problem(_("Row {row} of the same order was rejected."), _("Correct row {row}.")),
        "many_rows": Problem(_("More than {limit} rows for one order."), _("Correct the order numbers.")),
        "carrier_missing": Problem(_("A tracking number without a carrier."), _("Add the carrier to the row.")),
        "carrier_unknown": Problem(
            _("No such carrier is set up."), _("Add the carrier under its code or name, or correct the cell.")
        ),
        "carrier_latin": Problem(_("The carrier has no usable name."), _("Write the carrier's name.")),
        "parcel_elsewhere": Problem(
            _("Another shop already follows a parcel of this carrier and number."), _("Correct the tracking number.")
        ),
        "order_unknown": Problem(_("The order is not known."), _("Import the order first, or in the same run.")),
        "refused": Problem(_("The database does not take this row."), _("Tell your administrator the row number.")),
    }
)

# Something about a whole file or run: nothing of it is read any further.
FILE_PROBLEMS: Mapping[str, Problem] = MappingProxyType(
    {
        "too_big": Problem(
            _("{file} has {size} MB; at most {limit} MB are taken."), _("Split the file, or raise IMPORT_MAX_MB.")
        ),
        "bomb": Problem(
            _("{file} unpacks to more than {limit} MB, or is packed suspiciously tight."), _("Send it as plain CSV.")
        ),
        "too_many_rows": Problem(
            _("{file} has more than {limit} rows."), _("Split the file, or save a large sheet as CSV.")
        ),
        "too_many_columns": Problem(_("{file} has more than {limit} columns."), _("Remove those that are not needed.")),
        "empty": Problem(_("{file} is empty."), _("Send a file with a header row.")),
        "kind": Problem(
            _("{file} is no table: it looks like {kind}."), _("Save it as CSV (UTF-8) or XLSX, without a password.")
        ),
        "broken": Problem(_("{file} is damaged: {detail}."), _("Export or send it again.")),
        "encoding": Problem(_("{file} is not written in {encoding}."), _("Save it as CSV in UTF-8.")),
        "encoding_unclear": Problem(
            _("The characters of {file} are written neither in UTF-8, UTF-16 nor GB 18030."),
            _("Save it as CSV in UTF-8, or name its encoding."),
        ),
        "encoding_unknown": Problem(_("There is no encoding {encoding}."), _("Use utf-8, gb18030 or utf-16.")),
        "malformed": Problem(
            _("{file} cannot be read from row {row} on: {detail}."), _("Check the double quotes around that row.")
        ),
        "columns_missing": Problem(
            _("{file} lacks the column {columns}. It has: {found}."),
            _("Add or rename the column. These names are known: {known}."),
        ),
        "column_twice": Problem(
            _("{file} has two columns for the same thing: {columns}."), _("Remove or rename one of them.")
        ),
        "too_many_files": Problem(_("More than {limit} files at once."), _("Send them in several imports.")),
        "no_files": Problem(_("No file to import."), _("Choose at least one file.")),
        "nothing_to_import": Problem(
            _("None of the files holds anything that this mapping imports."),
            _("Choose another mapping or other files."),
        ),
        "mapping_unknown": Problem(_("There is no mapping {mapping}."), _("Choose one of: {known}.")),
        "stopped": Problem(
            _("Stopped {times} times at the same place ({detail})."), _("Tell your administrator the run's number.")
        ),
        "files_gone": Problem(_("The stored files of this run are gone."), _("Send the files again.")),
        "file_type": Problem(_("{file} is of a kind that is not kept here."), _("Send CSV, XLSX, PDF, JPEG or PNG.")),
        "paper_too_big": Problem(
            _("{file} has {size} MB; at most {limit} MB are kept."), _("Send a smaller file, or raise DOCUMENT_MAX_MB.")
        ),
        "no_lines": Problem(
            _("{file} has no line with a quantity."),
            _("Send a table with SKU or name and quantity, or type the totals."),
        ),
        "lines_wrong": Problem(_("{file} cannot be read: {rows}."), _("Correct these rows and send it again.")),
        "present": Problem("{reason}", "{remedy}"),
        "present_range": Problem(
            _("The moment to replay lies in the future or before 1990."), _("Choose one within the time of the orders.")
        ),
        "present_live": Problem(
            _("This shop lives in the real present: it has orders or tickets, and a replay would stop their clocks."),
            _("Make a new shop for the old files and replay that one, or leave the moment empty."),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Rejection:
    """One cell (or, with column "", one row) that cannot be taken. `value` is already masked when it is personal."""

    row: int
    column: str
    value: str
    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def reason(self, translate: Callable[[str], str] = str) -> str:
        """Why, in whatever language `translate` gives."""
        return translate(ROW_PROBLEMS[self.code].reason).format(**self.params)

    def remedy(self, translate: Callable[[str], str] = str) -> str:
        """What to do, in whatever language `translate` gives."""
        return translate(ROW_PROBLEMS[self.code].remedy).format(**self.params)


TOO_MUCH = frozenset({"too_big", "paper_too_big", "bomb", "too_many_rows", "too_many_columns"})


class Refused(Exception):
    """A file, or a whole run, cannot be imported; `status` is the HTTP status that fits (413 too large, else 400)."""

    def __init__(self, code: str, **params: str | int) -> None:
        self.code, self.params = code, params
        super().__init__(self.text())

    @property
    def status(self) -> int:
        """413 when it is too large, else 400."""
        return 413 if self.code in TOO_MUCH else 400

    def text(self, translate: Callable[[str], str] = str) -> str:
        """Reason and remedy in whatever language `translate` gives."""
        problem = FILE_PROBLEMS[self.code]
        return " ".join(translate(part).format(**self.params) for part in problem)
