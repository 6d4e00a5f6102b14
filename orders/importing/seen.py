"""What the files of one run have said already, on disk so that memory does not grow with the file. Standard library.

The notes are saved after the rows they are about; if they lag behind (a crash between the two), `position` shows it and
the caller starts them anew.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

NEW, SAME = 0, -1


def _digest(value: object) -> int:
    return int.from_bytes(blake2b(repr(value).encode(), digest_size=8).digest(), signed=True)


class Seen:
    """Notes of one run: who has said what in which row, and which alias stands for what."""

    def __init__(self, path: Path | None = None) -> None:
        """Open or make the notes at `path`; None keeps them in memory. sqlite3.DatabaseError if they cannot be used."""
        self.book = sqlite3.connect(str(path or ":memory:"), isolation_level=None, timeout=1.0)
        try:
            self._open()
        except BaseException:
            self.book.close()
            raise

    def _open(self) -> None:
        # The journal undoes what a killed process left half written; a power cut only costs reading the file again.
        self.book.executescript(
            """PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;
               CREATE TABLE IF NOT EXISTS told (key INTEGER PRIMARY KEY, said INTEGER, row INTEGER);
               CREATE TABLE IF NOT EXISTS alias (alias TEXT PRIMARY KEY, meant TEXT) WITHOUT ROWID;
               CREATE TABLE IF NOT EXISTS place (position TEXT);"""
        )
        self.book.execute("BEGIN IMMEDIATE")

    @classmethod
    def at(cls, path: Path) -> Self:
        """The notes at `path`, made anew when they are damaged or in the hands of a process that should be dead."""
        try:
            return cls(path)
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            return cls(path)

    def clear(self) -> None:
        """Forget everything."""
        for table in ("told", "alias", "place"):
            self.book.execute(f"DELETE FROM {table}")

    def tell(self, key: tuple[object, ...], said: object, row: int) -> int:
        """NEW when nobody spoke about `key` yet, SAME when it was the same, else the row that said something else."""
        done = self.book.execute("INSERT OR IGNORE INTO told VALUES (?, ?, ?)", (_digest(key), _digest(said), row))
        if done.rowcount:
            return NEW
        earlier, first_row = self.book.execute("SELECT said, row FROM told WHERE key = ?", (_digest(key),)).fetchone()
        return SAME if earlier == _digest(said) else int(first_row)

    def knows(self, key: tuple[object, ...]) -> bool:
        """Whether somebody spoke about `key`."""
        return self.book.execute("SELECT 1 FROM told WHERE key = ?", (_digest(key),)).fetchone() is not None

    def name(self, alias: str, meant: dict[str, Any]) -> None:
        """Note what an alias stands for."""
        self.book.execute("INSERT OR REPLACE INTO alias VALUES (?, ?)", (alias, json.dumps(meant)))

    def meaning(self, alias: str) -> dict[str, Any] | None:
        """What the alias stands for, if a file of this run has said so."""
        found = self.book.execute("SELECT meant FROM alias WHERE alias = ?", (alias,)).fetchone()
        return json.loads(found[0]) if found else None

    @contextmanager
    def undone_on_error(self) -> Iterator[None]:
        """Notes made inside are forgotten when it ends in an exception."""
        self.book.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self.book.execute("ROLLBACK TO attempt")
            raise
        finally:
            self.book.execute("RELEASE attempt")

    def position(self) -> str:
        """Up to where the notes reach; "" when they are new."""
        found = self.book.execute("SELECT position FROM place").fetchone()
        return found[0] if found else ""

    def save(self, position: str) -> None:
        """Keep the notes as those that belong to `position`."""
        self.book.execute("DELETE FROM place")
        self.book.execute("INSERT INTO place VALUES (?)", (position,))
        self.book.execute("COMMIT")
        self.book.execute("BEGIN IMMEDIATE")

    def close(self) -> None:
        """Let go of the file; notes since the last `save` are lost."""
        self.book.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
