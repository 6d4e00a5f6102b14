"""The file of rejected rows: CSV for spreadsheets (UTF-8 with a mark, CRLF), safe to open, without personal data."""

import csv
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from orders.importing.problems import Rejection, gettext_noop

COLUMNS = (
    gettext_noop("File"),
    gettext_noop("Row"),
    gettext_noop("Column"),
    gettext_noop("Value"),
    gettext_noop("Reason"),
    gettext_noop("Remedy"),
)
_FORMULA = re.compile("^[\\s\ufeff]*[=+\\-@＝＋－＠]|^[\t\r\n]")


def safe_cell(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run as a formula; reading takes it off again."""
    return f"'{text}" if _FORMULA.match(text) else text


class Rejects:
    """Appends rejected rows. `size` after `keep` is what a resumed run goes on from; anything after it is cut off."""

    def __init__(self, path: Path, size: int, translate: Callable[[str], str] = str) -> None:
        """Open `path` at `size` bytes; 0 starts it anew."""
        self.translate = translate
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self.stream = os.fdopen(descriptor, "r+", encoding="utf-8", newline="")
        self.stream.truncate(size)
        self.stream.seek(0, os.SEEK_END)
        self.writer = csv.writer(self.stream, lineterminator="\r\n")
        self.written = True
        if size == 0:
            self.stream.write("\ufeff")
            self.writer.writerow([translate(column) for column in COLUMNS])

    def add(self, file_name: str, rejected: Iterable[Rejection]) -> None:
        """Write these rejections."""
        for problem in rejected:
            self.written = True
            reason, remedy = problem.reason(self.translate), problem.remedy(self.translate)
            cells = (file_name, str(problem.row), problem.column, problem.value, reason, remedy)
            self.writer.writerow([safe_cell(cell) for cell in cells])

    def keep(self) -> int:
        """Bring everything to the disk; the size to go on from."""
        if self.written:
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.written = False
        return os.fstat(self.stream.fileno()).st_size

    def cut(self, size: int) -> None:
        """Forget what was written after `size`."""
        self.stream.flush()
        self.stream.truncate(size)
        self.stream.seek(0, os.SEEK_END)

    def close(self) -> None:
        """Let go of the file."""
        self.stream.close()
