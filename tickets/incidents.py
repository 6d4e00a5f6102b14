"""Incidents become one ticket each: it stands for the tickets of all orders concerned, and gives them back at the end.

Changes of incidents wait in orders_incidentchange, as those of anomalies do; taking one and writing what follows from
it is one transaction.
"""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from orders.models import Incident
from orders.services import incidents as of_orders
from orders.services import surging
from ticketdesk.accounts.models import Team
from ticketdesk.outbox.heartbeat import beat
from tickets import batches, grading, rosters
from tickets.lifecycle import LIVE
from tickets.listening import tell
from tickets.models import Ticket, TicketEvent
from tickets.routing import team_for

BATCH, CHILDREN = 200, 1000
# So many of one kind in one shop at once may be an incident.
CROWD = 20
TURN_S = 20.0
LEVEL_ONE: list[dict[str, Any]] = [
    grading.Factor("severity", 0, {"grade": grading.URGENT}).data(),
    grading.Factor("incident", 0, {}).data(),
]

CLAIM = """
    WITH taken AS MATERIALIZED (
        SELECT c.id FROM orders_incidentchange c
        -- One change of an incident at a time, oldest first, whoever works on it.
        WHERE NOT EXISTS (SELECT 1 FROM orders_incidentchange p WHERE p.incident_id = c.incident_id AND p.id < c.id)
        ORDER BY c.id LIMIT %s FOR UPDATE SKIP LOCKED)
    DELETE FROM orders_incidentchange d USING taken WHERE d.id = taken.id RETURNING d.incident_id, d.kind, d.at
"""
# The customer spoke last: somebody owes him an answer.
OWING = """(SELECT m.kind FROM tickets_message m WHERE m.ticket_id = t.id AND m.kind IN ('reply', 'customer')
            ORDER BY m.id DESC LIMIT 1) = 'customer'"""
# Work on orders of the incident that stands alone yet, locked.
_STRAYS = f"""
    SELECT t.id, COALESCE({OWING}, false) FROM tickets_ticket t
    WHERE t.parent_id IS NULL AND t.incident_id IS NULL AND t.anomaly_code = %(code)s AND t.status = ANY(%(live)s)
      AND t.order_id IN (SELECT m.order_id FROM orders_affected m WHERE m.incident_id = %(incident)s)
    ORDER BY t.id LIMIT %(limit)s FOR UPDATE OF t
"""
# Its muted children, locked; of each whether its cause goes on, and whether an answer is owed.
_CHILDREN = f"""
    SELECT t.id, EXISTS (SELECT 1 FROM orders_anomaly a WHERE a.order_id = t.order_id AND a.code = t.anomaly_code
                         AND a.closed_at IS NULL), COALESCE({OWING}, false)
    FROM tickets_ticket t WHERE t.parent_id = %s AND t.muted AND t.status = ANY(%s)
    ORDER BY t.id LIMIT %s FOR UPDATE OF t
"""


class Change(NamedTuple):
    """Something that happened to an incident, claimed by this transaction."""

    incident_id: int
    kind: str
    at: datetime


def sweep_until_idle(*, batch: int = BATCH, turn_s: float = TURN_S) -> int:
    """Take in every change of an incident that waits; returns how many. May run anywhere, overlapping."""
    beat("incidents")
    taken, ends = 0, time.monotonic() + turn_s
    while time.monotonic() < ends:
        part = take_in(batch)
        if not part:
            break
        taken += part
    return taken


@transaction.atomic
def take_in(batch: int = BATCH) -> int:
    """Take in one batch of changes; returns how many were taken."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [batch])
        changes = [Change(*row) for row in cursor.fetchall()]
    for change in sorted(changes):
        incident = Incident.objects.select_related("shop").get(pk=change.incident_id)
        parent = parent_of(incident)
        if change.kind == "closed":
            _part(incident, parent, change.at)
        else:
            adopt(incident, parent, change.at)
    return len(changes)


def join(tickets: Sequence[Ticket]) -> None:
    """Make those of these drafts whose cause is an open incident's its children: they ring nobody.

    Many of one kind at once are looked at before they are raised: it may be an incident that nobody has seen yet.
    """
    crowds = Counter((ticket.shop_id, ticket.anomaly_code) for ticket in tickets)
    latest = max(ticket.opened_at for ticket in tickets)
    for shop_id in sorted({shop_id for (shop_id, _), number in crowds.items() if number >= CROWD}):
        surging.look(shop_id, present=latest, only_known=True)
    anomalies = [ticket.anomaly_id for ticket in tickets if ticket.anomaly_id is not None]
    joined = of_orders.join(anomalies, shops=sorted({ticket.shop_id for ticket in tickets}), at=latest)
    parents = parents_of(sorted(set(joined.values()))) if joined else {}
    for ticket in tickets:
        if ticket.anomaly_id in joined:
            ticket.parent_id, ticket.muted = parents[joined[ticket.anomaly_id]].pk, True


def parents_of(incident_ids: Sequence[int]) -> dict[int, Ticket]:
    """The tickets of these incidents, made where they are missing."""
    found = {ticket.incident_id: ticket for ticket in Ticket.objects.filter(incident__in=list(incident_ids))}
    for pk in sorted(set(incident_ids) - found.keys()):
        found[pk] = parent_of(Incident.objects.select_related("shop").get(pk=pk))
    return {pk: ticket for pk, ticket in found.items() if pk is not None}


@transaction.atomic
def parent_of(incident: Incident) -> Ticket:
    """The incident's one ticket: P1, systemic, with the head of the department that owns it."""
    Incident.objects.select_for_update().get(pk=incident.pk)
    known = Ticket.objects.filter(incident=incident).first()
    if known is not None:
        return known
    teams = rosters.teams()
    team_id = team_for(incident.department, teams)
    team = Team.objects.filter(pk=team_id).first() if team_id else None
    ticket = Ticket.objects.create(
        shop_id=incident.shop_id, incident=incident, anomaly_code=incident.code, kind=Ticket.Kind.LOGISTICS,
        channel=Ticket.Channel.DETECTOR, scope=Ticket.Scope.SYSTEMIC, subject=incident.label,
        language=incident.shop.language, grade=grading.URGENT, grade_factors=LEVEL_ONE, team=team,
        assignee_id=team.head_id if team else None, holder=team.department if team else "front_line",
        opened_at=incident.opened_at, updated_at=incident.opened_at,
    )  # fmt: skip
    data = {
        "incident": incident.pk, "code": incident.code, "grade": ticket.grade, "team": ticket.team_id,
        "assignee": ticket.assignee_id,
    }  # fmt: skip
    event = TicketEvent.objects.create(ticket=ticket, kind="opened", at=ticket.opened_at, data=data)
    tell([(ticket, [event])])
    return ticket


def adopt(incident: Incident, parent: Ticket, at: datetime) -> int:
    """Let tickets about orders of the incident join it: muted, unless their customer waits for an answer."""
    adopted = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                _STRAYS,
                {"code": incident.code, "live": list(LIVE), "incident": incident.pk, "limit": CHILDREN},
            )
            owing = dict(cursor.fetchall())
        children = list(Ticket.objects.filter(pk__in=owing).order_by("pk"))
        for child in children:
            child.parent_id, child.muted, child.updated_at = parent.pk, not owing[child.pk], at
        data = [{"incident": incident.pk, "parent": parent.pk, "muted": child.muted} for child in children]
        tell(batches.update(children, "join_incident", data))
        adopted += len(children)
        if len(children) < CHILDREN:
            return adopted


def _part(incident: Incident, parent: Ticket, at: datetime) -> None:
    """The incident is over: its children go their own ways, and its ticket says so with the proof."""
    back, closed = release(parent, at)
    data: dict[str, Any] = {
        "incident": incident.pk, "why": incident.close_reason, "windows": incident.windows[-3:], "back": back,
        "closed": closed,
    }  # fmt: skip
    if not parent.is_live:
        return
    locked = Ticket.objects.select_for_update().get(pk=parent.pk)
    locked.cause_cleared_at = locked.updated_at = at
    tell(batches.update([locked], "cause_cleared", [data]))
    if locked.touched_at is None and locked.status == Ticket.Status.NEW:
        locked.status, locked.closed_at = Ticket.Status.CLOSED, at
        tell(batches.update([locked], "close", [{**data, "from": "new", "to": "closed"}]))


def release(parent: Ticket, at: datetime) -> tuple[int, int]:
    """Give the muted children back: (how many are work again, how many were closed because nothing is left to do).

    Closed are only those whose cause is over, which nobody has touched and whose customer waits for nothing.
    """
    back = closed = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_CHILDREN, [parent.pk, list(LIVE), CHILDREN])
            rows = {pk: (goes_on, owing) for pk, goes_on, owing in cursor.fetchall()}
        children = list(Ticket.objects.filter(pk__in=rows).order_by("pk"))
        over, left = [], []
        for child in children:
            goes_on, owing = rows[child.pk]
            child.muted, child.updated_at = False, at
            if not goes_on:
                child.cause_cleared_at = child.cause_cleared_at or at
            untouched = child.touched_at is None and child.status == Ticket.Status.NEW
            if untouched and not goes_on and not owing:
                child.status, child.closed_at = Ticket.Status.CLOSED, at
                over.append(child)
            else:
                left.append(child)
        data = {"incident": parent.incident_id, "parent": parent.pk}
        why = {"anomaly": 1, "why": "incident_over", "from": "new", "to": "closed"}
        tell(batches.update(over, "close", [data | why] * len(over)))
        tell(batches.update(left, "leave_incident", [data] * len(left)))
        back, closed = back + len(left), closed + len(over)
        if len(children) < CHILDREN:
            return back, closed
