"""Insert what is new, update what differs, touch nothing else: a constant number of statements for any number of rows.

A blank (None) never erases: it keeps what is stored, and becomes the column's default in a new row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

Constants = Mapping[str, Any]


@dataclass(slots=True)
class Written:
    """What came of each row, in the order of the rows: its id, and the positions that are new or changed."""

    ids: list[int]
    new: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)

    @property
    def touched(self) -> list[int]:
        """Ids of the rows that were inserted or updated."""
        return [self.ids[position] for position in sorted(self.new | self.changed)]


def find(
    table: str, keys: Mapping[str, Column], *, constants: Constants | None = None, fetch: Sequence[str] = ()
) -> list[tuple[Any, ...] | None]:
    """(id, *fetch) of the row with each key, None where there is none; one statement by the keys' unique index."""
    count = len(next(iter(keys.values())).values)
    found: list[tuple[Any, ...] | None] = [None] * count
    if not count:
        return found
    constants = constants or {}
    source, parameters = bulk.unnest({**keys, "n": Column("int", range(count))})
    matches = [f"t.{name} = u.{name}" for name in keys] + [f"t.{name} = %s" for name in constants]
    columns = ", ".join(["u.n", "t.id", *(f"t.{name}" for name in fetch)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {source} JOIN {table} t ON {' AND '.join(matches)}",
            [*parameters, *constants.values()],
        )
        for position, *row in cursor.fetchall():
            found[position] = tuple(row)
    return found


def write(
    table: str,
    ids: Sequence[int | None],
    keys: Mapping[str, Column],
    values: Mapping[str, Column],
    *,
    constants: Constants | None = None,
    defaults: Constants | None = None,
    touch: str = "",
) -> Written:
    """Insert the rows whose id is None, update those of the others that differ. Keys must not repeat.

    `constants` are part of the key in new rows, `defaults` fill columns of new rows that are blank or not given,
    `touch` is appended to SET of an update. A row that somebody else inserts at the same moment is updated instead.
    """
    constants, defaults = constants or {}, defaults or {}
    written = Written([key or 0 for key in ids])
    old = [position for position, key in enumerate(ids) if key is not None]
    fresh = [position for position, key in enumerate(ids) if key is None]
    written.changed = _update(table, written.ids, old, values, touch)
    if fresh:
        inserted = _insert(table, fresh, keys, values, constants, defaults)
        for position, key in inserted.items():
            written.ids[position] = key
        written.new = set(inserted)
        late = [position for position in fresh if position not in inserted]
        if late:
            found = find(table, {name: _only(column, late) for name, column in keys.items()}, constants=constants)
            for position, row in zip(late, found, strict=True):
                if row is None:
                    raise RuntimeError(f"a row of {table} was deleted while it was written")
                written.ids[position] = row[0]
            written.changed |= _update(table, written.ids, late, values, touch)
    return written


def _update(
    table: str, ids: Sequence[int], positions: Sequence[int], values: Mapping[str, Column], touch: str
) -> set[int]:
    if not positions or not values:
        return set()
    columns = {name: _only(column, positions) for name, column in values.items()}
    keys = [ids[position] for position in positions]
    source, parameters = bulk.unnest({"id": Column("bigint", keys), **columns})
    merged = [f"COALESCE(u.{name}, t.{name})" for name in columns]
    settings = ", ".join(f"{name} = {value}" for name, value in zip(columns, merged, strict=True))
    stored = ", ".join(f"t.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} t SET {settings}{touch} FROM {source}
                WHERE t.id = u.id AND ROW({stored}) IS DISTINCT FROM ROW({", ".join(merged)}) RETURNING t.id""",
            parameters,
        )
        changed = {row[0] for row in cursor.fetchall()}
    return {position for position in positions if ids[position] in changed}


def _insert(
    table: str,
    positions: Sequence[int],
    keys: Mapping[str, Column],
    values: Mapping[str, Column],
    constants: Constants,
    defaults: Constants,
) -> dict[int, int]:
    columns = {name: _only(column, positions) for name, column in {**keys, **values}.items()}
    filled = {
        name: Column(column.type, [defaults[name] if value is None else value for value in column.values])
        if name in defaults
        else column
        for name, column in columns.items()
    }
    rest = {name: value for name, value in defaults.items() if name not in columns}
    place = {key: position for position, key in zip(positions, _tuples(columns, keys), strict=True)}
    inserted = bulk.insert(
        table, filled, constants={**constants, **rest}, conflict="DO NOTHING", returning=("id", *keys)
    )
    return {place[tuple(key)]: row_id for row_id, *key in inserted}


def _tuples(columns: Mapping[str, Column], keys: Mapping[str, Column]) -> list[tuple[Any, ...]]:
    return list(zip(*(columns[name].values for name in keys), strict=True))


def _only(column: Column, positions: Sequence[int]) -> Column:
    return Column(column.type, [column.values[position] for position in positions])
