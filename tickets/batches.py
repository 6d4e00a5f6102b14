"""Many tickets written at once, row and record together: a constant number of statements for any number of tickets."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from tickets.listening import Pair
from tickets.models import Ticket, TicketEvent

OPEN_ONCE = "(order_id, anomaly_code) WHERE closed_at IS NULL AND NOT anomaly_code = '' DO NOTHING"
GIVEN = {
    "shop_id": "bigint",
    "order_id": "bigint",
    "customer_id": "bigint",
    "anomaly_id": "bigint",
    "carrier_id": "bigint",
    "anomaly_code": "text",
    "kind": "text",
    "channel": "text",
    "language": "text",
    "grade": "smallint",
    "team_id": "bigint",
    "assignee_id": "bigint",
    "holder": "text",
    "expected_loss": "numeric",
    "parent_id": "bigint",
    "muted": "boolean",
    "opened_at": "timestamptz",
    "updated_at": "timestamptz",
}
# What a batch may change on tickets that exist.
CHANGED = {
    "status": "text",
    "grade": "smallint",
    "reopened": "smallint",
    "parent_id": "bigint",
    "muted": "boolean",
    "assignee_id": "bigint",
    "expected_loss": "numeric",
    "solved_at": "timestamptz",
    "closed_at": "timestamptz",
    "cause_cleared_at": "timestamptz",
    "updated_at": "timestamptz",
}
PLAIN: dict[str, Any] = {
    "scope": "single", "subject": "", "tier": 1, "status": "new", "waiting_for": "", "waiting_reason": "",
    "paused": False, "cause": "", "resolution": "", "reopened": 0, "version": 1,
}  # fmt: skip
FACTORS = ("grade_factors", "loss_factors")
_NAMES = [field.attname for field in Ticket._meta.concrete_fields]
_BLANK = {name: getattr(Ticket(), name) for name in _NAMES}


def draft(**columns: Any) -> Ticket:
    """A ticket to insert, other columns at their defaults. Its row is handed to the constructor whole: with keywords
    that takes three times as long, because each field is asked for its default. `grade_factors` must be given."""
    row = _BLANK | columns
    return Ticket(*[row[name] for name in _NAMES])


def _columns(tickets: Sequence[Ticket], types: dict[str, str]) -> dict[str, Column]:
    columns = {name: Column(type_, [getattr(ticket, name) for ticket in tickets]) for name, type_ in types.items()}
    for name in FACTORS:
        columns[name] = Column("jsonb", [json.dumps(getattr(ticket, name)) for ticket in tickets])
    return columns


def insert(tickets: Sequence[Ticket], *, conflict: str = OPEN_ONCE, key: str = "anomaly_id") -> list[Ticket]:
    """Insert the tickets that are not there yet; these get their ids and are returned. `key`: a column that no two of
    them share; `conflict` says what makes one a repetition."""
    rows = bulk.insert(
        "tickets_ticket", _columns(tickets, GIVEN), constants=PLAIN, conflict=conflict, returning=("id", key)
    )
    ids = {value: ticket_id for ticket_id, value in rows}
    fresh = [ticket for ticket in tickets if getattr(ticket, key) in ids]
    for ticket in fresh:
        ticket.pk = ids[getattr(ticket, key)]
        ticket._state.adding = False
    return fresh


def update(tickets: Sequence[Ticket], kind: str, data: Sequence[dict[str, Any]]) -> list[Pair]:
    """Write what was changed on these locked tickets, with one event of `kind` each; returns what to tell."""
    if not tickets:
        return []
    source, parameters = bulk.unnest(
        {"id": Column("bigint", [ticket.pk for ticket in tickets]), **_columns(tickets, CHANGED)}
    )
    changes = ", ".join(f"{name} = u.{name}" for name in [*CHANGED, *FACTORS])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE tickets_ticket t SET {changes}, version = t.version + 1 FROM {source} WHERE t.id = u.id",
            parameters,
        )
    for ticket in tickets:
        ticket.version += 1
    return record(tickets, kind, data)


def record(tickets: Sequence[Ticket], kind: str, data: Sequence[dict[str, Any]]) -> list[Pair]:
    """Add one event of `kind` per ticket, done by nobody in particular; returns what to tell."""
    rows = bulk.insert(
        "tickets_ticketevent",
        {
            "ticket_id": Column("bigint", [ticket.pk for ticket in tickets]),
            "at": Column("timestamptz", [ticket.updated_at for ticket in tickets]),
            "data": Column("jsonb", [json.dumps(part) for part in data]),
        },
        constants={"kind": kind},
        returning=("ticket_id", "id", "recorded_at"),
    )
    written = {ticket_id: (event_id, recorded_at) for ticket_id, event_id, recorded_at in rows}
    pairs: list[Pair] = []
    for ticket, part in zip(tickets, data, strict=True):
        event_id, recorded_at = written[ticket.pk]
        event = TicketEvent(
            id=event_id,
            ticket=ticket,
            kind=kind,
            actor_id=None,
            at=ticket.updated_at,
            recorded_at=recorded_at,
            data=part,
        )
        pairs.append((ticket, [event]))
    return pairs
