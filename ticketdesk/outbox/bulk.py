"""Many rows in one statement. Columns travel as array literals, one text each: a list of parameters costs the driver
and the server's parser twice as much, and saving row by row ten times."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection


class Column(NamedTuple):
    """A column of the rows to write: its PostgreSQL type and one value per row, None for NULL."""

    type: str
    values: Sequence[Any]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# How a value of each type is written inside {…}; what is not quoted holds none of {}," and the backslash.
WRITTEN: dict[str, Callable[[Any], str]] = {
    "bigint": str,
    "int": str,
    "integer": str,
    "smallint": str,
    "numeric": str,
    "float8": repr,
    "boolean": str,
    "date": lambda day: day.isoformat(),
    "timestamptz": lambda at: at.isoformat(),
    "bytea": lambda value: '"\\\\x' + bytes(value).hex() + '"',
    "text": _quoted,
    "jsonb": lambda value: _quoted(value if isinstance(value, str) else json.dumps(value)),
}


def literal(column: Column) -> str:
    """The column as a PostgreSQL array literal."""
    write = WRITTEN[column.type]
    return "{" + ",".join(["NULL" if value is None else write(value) for value in column.values]) + "}"


def unnest(columns: Mapping[str, Column]) -> tuple[str, list[Any]]:
    """`unnest(%s::bigint[], …) AS u(a, …)` for FROM, with its parameters; all columns must be equally long."""
    arrays = ", ".join(f"%s::{column.type}[]" for column in columns.values())
    return f"unnest({arrays}) AS u({', '.join(columns)})", [literal(column) for column in columns.values()]


def insert(
    table: str,
    columns: Mapping[str, Column],
    *,
    constants: Mapping[str, Any] | None = None,
    conflict: str = "",
    returning: Sequence[str] = ("id",),
) -> list[tuple[Any, ...]]:
    """Insert one row per array element; `constants` are the same in all. Returns `returning` of the rows inserted.

    `conflict` is what follows ON CONFLICT, such as "DO NOTHING". Rows that conflict are not returned.
    """
    if not next(iter(columns.values())).values:
        return []
    constants = constants or {}
    source, parameters = unnest(columns)
    names = ", ".join([*columns, *constants])
    selected = ", ".join([f"u.{name}" for name in columns] + ["%s"] * len(constants))
    statement = f"INSERT INTO {table} ({names}) SELECT {selected} FROM {source}"
    statement += f" ON CONFLICT {conflict}" if conflict else ""
    statement += f" RETURNING {', '.join(returning)}" if returning else ""
    with connection.cursor() as cursor:
        cursor.execute(statement, [*constants.values(), *parameters])
        return cursor.fetchall() if returning else []


def update(table: str, columns: Mapping[str, Column], ids: Column) -> None:
    """Set the columns of the rows whose `id` is in `ids`."""
    if not ids.values:
        return
    source, parameters = unnest({**columns, "id": ids})
    changes = ", ".join(f"{name} = u.{name}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} t SET {changes} FROM {source} WHERE t.id = u.id", parameters)
