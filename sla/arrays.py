"""Many rows in one statement, their columns as array literals: one text per column, where a list of parameters costs
the driver and the server's parser several times as much. Meant for the thousands of clocks that start at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection

from ticketdesk.outbox.bulk import Column


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# How a value of each type is written inside {…}; what is not text holds none of {}," and the backslash.
WRITTEN: dict[str, Callable[[Any], str]] = {
    "bigint": str,
    "integer": str,
    "smallint": str,
    "timestamptz": lambda at: at.isoformat(),
    "text": _quoted,
    "jsonb": _quoted,
}


def literal(column: Column) -> str:
    """The column as a PostgreSQL array literal; None becomes NULL."""
    write = WRITTEN[column.type]
    return "{" + ",".join(["NULL" if value is None else write(value) for value in column.values]) + "}"


def unnest(columns: Mapping[str, Column]) -> tuple[str, list[str]]:
    """`unnest(%s::bigint[], …) AS u(a, …)` for FROM, with its parameters; all columns must be equally long."""
    arrays = ", ".join(f"%s::{column.type}[]" for column in columns.values())
    return f"unnest({arrays}) AS u({', '.join(columns)})", [literal(column) for column in columns.values()]


def insert(
    table: str, columns: Mapping[str, Column], *, conflict: str = "", returning: Sequence[str] = ()
) -> list[tuple[Any, ...]]:
    """Insert one row per element. `conflict` is what follows ON CONFLICT; rows that conflict are not returned."""
    if not next(iter(columns.values())).values:
        return []
    # What is the same in all rows is sent once: half of a new clock's columns.
    same = {name: each.values[0] for name, each in columns.items() if len(set(each.values)) == 1}
    first = next((name for name in columns if name not in same), next(iter(columns)))
    same.pop(first, None)
    source, parameters = unnest({name: column for name, column in columns.items() if name not in same})
    chosen = ", ".join([f"%s::{columns[name].type}" if name in same else f"u.{name}" for name in columns])
    statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {chosen} FROM {source}"
    statement += f" ON CONFLICT {conflict}" if conflict else ""
    statement += f" RETURNING {', '.join(returning)}" if returning else ""
    with connection.cursor() as cursor:
        cursor.execute(statement, [*(same[name] for name in columns if name in same), *parameters])
        return cursor.fetchall() if returning else []


def update(table: str, columns: Mapping[str, Column], key: Column) -> None:
    """Set the columns of the rows whose `id` is in `key`."""
    if not key.values:
        return
    source, parameters = unnest({**columns, "id": key})
    changes = ", ".join(f"{name} = u.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} t SET {changes} FROM {source} WHERE t.id = u.id", parameters)
