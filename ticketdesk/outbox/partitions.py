"""Tables cut into months or days: rows find their piece by themselves, and old pieces go without deleting rows.

A default piece takes what has none, so that a missed turn of `ensure` loses nothing; it must stay empty, since a piece
cannot be made for a range of which the default holds rows.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

from django.db import connection

Unit = Literal["month", "day"]


def first_of(day: date, unit: Unit) -> date:
    """The first day of the piece that holds this day."""
    return day.replace(day=1) if unit == "month" else day


def following(start: date, unit: Unit) -> date:
    """The first day of the next piece."""
    return start + timedelta(days=1) if unit == "day" else (start.replace(day=1) + timedelta(days=32)).replace(day=1)


def pieces(since: date, until: date, unit: Unit) -> Iterator[tuple[date, date]]:
    """(first day, first day of the next) of every piece from the one that holds `since` to the one of `until`."""
    start = first_of(since, unit)
    while start <= until:
        yield start, following(start, unit)
        start = following(start, unit)


def ensure(table: str, *, since: date, until: date, unit: Unit) -> list[str]:
    """Make the missing pieces of that time; the names of those made."""
    known = set(names(table))
    made = []
    for start, end in pieces(since, until, unit):
        name = name_of(table, start, unit)
        if name not in known:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF {table} FOR VALUES FROM (%s) TO (%s)", [start, end]
                )
            made.append(name)
    return made


def drop_before(table: str, day: date, *, unit: Unit) -> list[str]:
    """Drop the pieces that ended before that day; their names."""
    oldest = name_of(table, first_of(day, unit), unit)
    gone = [name for name in names(table) if name.startswith(f"{table}_p") and name < oldest]
    with connection.cursor() as cursor:
        for name in gone:
            cursor.execute(f"DROP TABLE {name}")
    return gone


def names(table: str) -> list[str]:
    """The pieces there are, the default among them, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass ORDER BY 1", [table]
        )
        return [row[0] for row in cursor.fetchall()]


def name_of(table: str, start: date, unit: Unit) -> str:
    """What the piece is called; names sort as their days do."""
    return f"{table}_p{start:%Y%m}" if unit == "month" else f"{table}_p{start:%Y%m%d}"
