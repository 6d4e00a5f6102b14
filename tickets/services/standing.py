"""What sla decides and tickets carry out, for many tickets at once."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from orders.due import DueTable
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from ticketdesk.outbox.heartbeat import beat
from tickets.models import Ticket
from tickets.services.buttons import resume

CALL_BACKS = DueTable(table="tickets_ticket", key="id", due="call_back_at")


@dataclass(frozen=True, slots=True)
class Deadlines:
    """What sla computed for one ticket; None where no clock of that kind runs."""

    ticket_id: int
    respond_by: datetime | None
    resolve_by: datetime | None
    due_by: datetime | None
    paused: bool


@dataclass(frozen=True, slots=True)
class Escalation:
    """A step of the ladder that acted: the tier it reached, and what the record says of it."""

    ticket_id: int
    tier: int
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)


def set_deadlines(rows: Sequence[Deadlines]) -> None:
    """Write what sla computed, in one statement; not a change that anybody could conflict with."""
    if not rows:
        return
    source, parameters = bulk.unnest(
        {
            "id": Column("bigint", [row.ticket_id for row in rows]),
            "respond_by": Column("timestamptz", [row.respond_by for row in rows]),
            "resolve_by": Column("timestamptz", [row.resolve_by for row in rows]),
            "due_by": Column("timestamptz", [row.due_by for row in rows]),
            "paused": Column("boolean", [row.paused for row in rows]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE tickets_ticket t SET respond_by = u.respond_by, resolve_by = u.resolve_by, due_by = u.due_by,
                paused = u.paused FROM {source} WHERE t.id = u.id""",
            parameters,
        )


def escalate(rows: Sequence[Escalation]) -> None:
    """Raise the tickets' tiers (never lower them) and put each step on record; a constant number of statements.

    Listeners are not told: sla is the caller, and a step must not set off another.
    """
    if not rows:
        return
    source, parameters = bulk.unnest(
        {
            "id": Column("bigint", [row.ticket_id for row in rows]),
            "tier": Column("smallint", [row.tier for row in rows]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE tickets_ticket t SET tier = GREATEST(t.tier, u.tier), version = t.version + 1
                FROM (SELECT id, MAX(tier) AS tier FROM {source} GROUP BY id) u
                WHERE t.id = u.id AND t.tier < u.tier""",
            parameters,
        )
    bulk.insert(
        "tickets_ticketevent",
        {
            "ticket_id": Column("bigint", [row.ticket_id for row in rows]),
            "at": Column("timestamptz", [row.at for row in rows]),
            "data": Column("jsonb", [json.dumps({"tier": row.tier, **row.data}) for row in rows]),
        },
        constants={"kind": "escalate"},
        returning=(),
    )


def wake_waiting(*, now: datetime | None = None, batch: int = 200) -> int:
    """Take up the tickets whose call-back time has come; returns how many."""
    beat("call_backs")
    woken = 0
    for shop_id, present in CALL_BACKS.shops(now=now):
        while True:
            with transaction.atomic():
                due = CALL_BACKS.claim(shop_id, present, batch)
                for ticket in Ticket.objects.filter(pk__in=due):
                    resume(ticket=ticket, by=None, now=present, why="call_back_time")
            woken += len(due)
            if len(due) < batch:
                break
    return woken
