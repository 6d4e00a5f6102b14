"""Clock rows in and out of the database, many at a time: each function is a constant number of statements."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from sla.clockwork import ClockState
from sla.ladder import Owed
from sla.story import CAUSES, Entry
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column


@dataclass(slots=True)
class Row:
    """One clock: what it is about, which versions it follows, and its state. `id` is None until it is written."""

    ticket_id: int
    shop_id: int
    team_id: int | None
    grade: int
    metric: str
    cycle: int
    holder: str
    policy_version_id: int
    calendar_version_id: int
    rule: str
    state: ClockState
    next_fire_at: datetime | None = None
    epoch: int = 1
    id: int | None = None

    @property
    def key(self) -> tuple[int, str, int, str]:
        """What makes it one obligation."""
        return self.ticket_id, self.metric, self.cycle, self.holder


class Note(NamedTuple):
    """A line of a clock's story: a cause or an announcement."""

    row: Row
    kind: str
    at: datetime
    data: dict[str, Any]


class Claimed(NamedTuple):
    """A clock that is due, locked with its ticket, and whose ticket it is."""

    row: Row
    assignee_id: int | None


ABOUT = {
    "ticket_id": "bigint",
    "shop_id": "bigint",
    "team_id": "bigint",
    "grade": "smallint",
    "metric": "text",
    "cycle": "smallint",
    "holder": "text",
    "policy_version_id": "bigint",
    "calendar_version_id": "bigint",
    "rule": "text",
}
STATE = {
    "target_s": "integer",
    "state": "text",
    "started_at": "timestamptz",
    "changed_at": "timestamptz",
    "consumed_s": "integer",
    "grace_s": "integer",
    "running_since": "timestamptz",
    "due_at": "timestamptz",
    "breached_at": "timestamptz",
    "stopped_at": "timestamptz",
    "stop_reason": "text",
    "first_verdict": "text",
    "first_due_at": "timestamptz",
}
PLANNED = {"next_fire_at": "timestamptz", "epoch": "integer"}
# What may change on a clock that exists.
MUTABLE = ("team_id", "grade", "calendar_version_id", "rule")
TYPES = {**ABOUT, **STATE, **PLANNED}
_ALL = [*TYPES, "id"]
_JSON = json.JSONEncoder().encode
_SELECTED = ", ".join(f"c.{name}" for name in _ALL)
_ABOUT_N, _STATE_N = len(ABOUT), len(ABOUT) + len(STATE)


def load(ticket_ids: Collection[int]) -> dict[int, list[Row]]:
    """The latest clock of each metric and holder of these tickets, by ticket, earlier cycles first. The caller holds
    the tickets' locks."""
    found: dict[int, list[Row]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT ON (c.ticket_id, c.metric, c.holder) {_SELECTED} FROM sla_clock c
                WHERE c.ticket_id = ANY(%s) ORDER BY c.ticket_id, c.metric, c.holder, c.cycle DESC""",
            [list(ticket_ids)],
        )
        for values in cursor.fetchall():
            row = _row(values)
            found[row.ticket_id].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: row.cycle)
    return found


def claim(shop_id: int, present: datetime, limit: int) -> list[Claimed]:
    """At most `limit` clocks of the shop that are due, oldest first, locked together with their tickets.

    What somebody else holds is left to him: nobody waits here, so sweeps and buttons can not deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT t.assignee_id, {_SELECTED} FROM sla_clock c JOIN tickets_ticket t ON t.id = c.ticket_id
                WHERE c.shop_id = %s AND c.next_fire_at <= %s ORDER BY c.next_fire_at LIMIT %s
                FOR NO KEY UPDATE OF c, t SKIP LOCKED""",
            [shop_id, present, limit],
        )
        return [Claimed(_row(values), assignee_id) for assignee_id, *values in cursor.fetchall()]


def story_of(clock_id: int) -> list[Entry]:
    """The causes that a clock has seen, as they were recorded."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, event_at, data FROM sla_clockevent WHERE clock_id = %s AND kind = ANY(%s) ORDER BY id",
            [clock_id, list(CAUSES)],
        )
        return [Entry(kind, at, data if isinstance(data, dict) else json.loads(data)) for kind, at, data in cursor]


def insert(rows: Sequence[Row]) -> list[Row]:
    """Write new clocks; those that exist already are left out of the answer."""
    written = bulk.insert(
        "sla_clock",
        {**_columns(rows, ABOUT), **_states(rows, STATE), **_columns(rows, PLANNED)},
        conflict="(ticket_id, metric, cycle, holder) DO NOTHING",
        returning=("id", "ticket_id", "metric", "cycle", "holder"),
    )
    ids = {tuple(key): clock_id for clock_id, *key in written}
    for row in rows:
        row.id = ids.get(row.key)
    return [row for row in rows if row.id is not None]


def update(rows: Sequence[Row]) -> None:
    """Write what changed on clocks that exist."""
    columns = {**_columns(rows, MUTABLE), **_states(rows, STATE), **_columns(rows, PLANNED)}
    bulk.update("sla_clock", columns, _ids(rows))


def update_looked_at(rows: Sequence[Row]) -> None:
    """Write what a sweep changes: the breach on record, when to look again, the epoch."""
    bulk.update("sla_clock", {**_states(rows, ("breached_at",)), **_columns(rows, PLANNED)}, _ids(rows))


def note(notes: Sequence[Note]) -> None:
    """Add lines to the stories of clocks that are written."""
    kept = [each for each in notes if each.row.id is not None]
    bulk.insert(
        "sla_clockevent",
        {
            "clock_id": Column("bigint", [each.row.id for each in kept]),
            "kind": Column("text", [each.kind for each in kept]),
            "event_at": Column("timestamptz", [each.at for each in kept]),
            "data": Column("jsonb", [_JSON(each.data) for each in kept]),
        },
    )


def fired(clock_ids: Sequence[int]) -> dict[int, set[tuple[str, int]]]:
    """(step, repetition) of everything that these clocks have fired, by clock."""
    found: dict[int, set[tuple[str, int]]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_id, step_key, repeat_no FROM sla_fire WHERE clock_id = ANY(%s)", [list(clock_ids)])
        for clock_id, step_key, repeat_no in cursor.fetchall():
            found[clock_id].add((step_key, repeat_no))
    return found


def fire(owed: Sequence[tuple[Row, Owed, str]], present: datetime) -> set[tuple[int, str, int]]:
    """Enter (clock, what was owed, outcome) in the ledger; returns the (clock, step, repetition) new to it."""
    written = bulk.insert(
        "sla_fire",
        {
            "clock_id": Column("bigint", [row.id for row, _, _ in owed]),
            "step_key": Column("text", [each.step.key for _, each, _ in owed]),
            "repeat_no": Column("smallint", [each.repeat_no for _, each, _ in owed]),
            "due_at": Column("timestamptz", [each.moment for _, each, _ in owed]),
            "outcome": Column("text", [outcome for _, _, outcome in owed]),
            "epoch": Column("integer", [row.epoch for row, _, _ in owed]),
            "fired_at": Column("timestamptz", [present] * len(owed)),
        },
        conflict="DO NOTHING",
        returning=("clock_id", "step_key", "repeat_no"),
    )
    return {(clock_id, step_key, repeat_no) for clock_id, step_key, repeat_no in written}


def _row(values: Sequence[Any]) -> Row:
    next_fire_at, epoch, clock_id = values[_STATE_N:]
    state = ClockState(**dict(zip(STATE, values[_ABOUT_N:_STATE_N], strict=True)))
    about: dict[str, Any] = dict(zip(ABOUT, values, strict=False))
    return Row(**about, state=state, next_fire_at=next_fire_at, epoch=epoch, id=clock_id)


def _columns(rows: Sequence[Row], names: Iterable[str]) -> dict[str, Column]:
    return {name: Column(TYPES[name], [getattr(row, name) for row in rows]) for name in names}


def _states(rows: Sequence[Row], names: Iterable[str]) -> dict[str, Column]:
    return {name: Column(TYPES[name], [getattr(row.state, name) for row in rows]) for name in names}


def _ids(rows: Sequence[Row]) -> Column:
    return Column("bigint", [row.id for row in rows])
