"""The cause of a ticket is gone, or comes back: what then becomes of it.

A ticket says so with the proof. One that nobody touched closes by itself, unless somebody is owed an answer.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from django.db import connection

from tickets import batches, valuing
from tickets.listening import tell
from tickets.models import Ticket


class Case(Protocol):
    """What must be known of the anomaly that is over."""

    @property
    def anomaly_id(self) -> int: ...
    @property
    def close_reason(self) -> str: ...
    @property
    def proof(self) -> str | None: ...
    @property
    def outweighed_by(self) -> str | None: ...


Cases = Sequence[tuple[Any, datetime]]
Found = Sequence[tuple[Ticket, Any, datetime]]

# Still open anomalies of the same kind on the order, such as another parcel's; whether somebody waits for our word.
_STANDING = """
    SELECT t.id,
        EXISTS (SELECT 1 FROM orders_anomaly a WHERE a.order_id = t.order_id AND a.code = t.anomaly_code
                AND a.closed_at IS NULL AND a.state <> 'suspected'),
        EXISTS (SELECT 1 FROM tickets_handover h WHERE h.ticket_id = t.id AND h.state = 'open')
        OR EXISTS (SELECT 1 FROM tickets_message m WHERE m.ticket_id = t.id AND m.kind = 'customer'
                   AND NOT EXISTS (SELECT 1 FROM tickets_message r
                                   WHERE r.ticket_id = t.id AND r.kind = 'reply' AND r.id > m.id))
        OR t.channel <> 'detector' AND t.responded_at IS NULL
    FROM tickets_ticket t WHERE t.id = ANY(%s)
"""


def clear_tickets(cases: Cases, tickets_of: Callable[[Cases], Found]) -> None:
    """What raised these tickets is over: that goes on record, and those with nothing left to do close."""
    found = tickets_of(cases)
    if not found:
        return
    standing = _standing([ticket.pk for ticket, _, _ in found])
    noted, closed = [], []
    for ticket, case, at in found:
        troubled, owed = standing[ticket.pk]
        if troubled:
            continue
        ticket.cause_cleared_at = ticket.updated_at = at
        valuing.mark(ticket, case.loss(over=True))
        data = _told(case)
        if ticket.touched_at is None and ticket.status == Ticket.Status.NEW and not owed:
            ticket.status, ticket.closed_at = Ticket.Status.CLOSED, at
            closed.append((ticket, data | {"from": "new", "to": "closed"}))
        else:
            noted.append((ticket, data | ({"owed": True} if owed else {})))
    tell(batches.update([ticket for ticket, _ in noted], "cause_cleared", [data for _, data in noted]))
    tell(batches.update([ticket for ticket, _ in closed], "close", [data for _, data in closed]))


def _told(case: Case) -> dict[str, Any]:
    data: dict[str, Any] = {"anomaly": case.anomaly_id, "why": case.close_reason}
    if case.proof:
        data["proof"] = json.loads(case.proof)
    if case.outweighed_by:
        data["by"] = case.outweighed_by
    return data


def _standing(ticket_ids: Sequence[int]) -> dict[int, tuple[bool, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [list(ticket_ids)])
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}


def reopen_closed(anomalies: Mapping[int, datetime]) -> list[Ticket]:
    """Take up the newest closed ticket of each of these anomalies again; {anomaly id: when}. Returns those tickets."""
    if not anomalies:
        return []
    closed = Ticket.objects.select_for_update(of=("self",)).filter(anomaly__in=list(anomalies), closed_at__isnull=False)
    # Of two parcels with the same trouble one ticket speaks for the order, as when they were found.
    newest = {(ticket.order_id, ticket.anomaly_code): ticket for ticket in closed.order_by("pk")}
    again = []
    for ticket in newest.values():
        anomaly_id = ticket.anomaly_id
        before = ticket.status
        untouched = ticket.touched_at is None
        ticket.status = Ticket.Status.NEW if untouched else Ticket.Status.IN_PROGRESS
        ticket.solved_at = ticket.closed_at = ticket.cause_cleared_at = None
        ticket.expected_loss = Decimal(0)  # valued anew soon
        ticket.reopened += 1
        ticket.updated_at = anomalies[anomaly_id]  # type: ignore[index]
        data = {"anomaly": anomaly_id, "code": ticket.anomaly_code, "from": before, "to": ticket.status.value}
        again.append((ticket, data))
    tell(batches.update([ticket for ticket, _ in again], "reopen", [data for _, data in again]))
    return [ticket for ticket, _ in again]
