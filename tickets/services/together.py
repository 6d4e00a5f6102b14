"""What is done to an incident as a whole: one answer and one close for all its children, one message to its buyers, and
the ticks of the emergency plan. The children's rows and records are written together, a thousand at a time."""

import json
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from orders.models import Incident
from orders.services import telling_all
from ticketdesk.accounts.models import User
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from tickets import emergency
from tickets.lifecycle import LIVE
from tickets.listening import tell
from tickets.models import Message, Ticket, TicketEvent
from tickets.services.acting import Refused, acting
from tickets.services.ending import end_incident

AT_ONCE = 1000


def reply_to_all(
    *, ticket: Ticket, by: User, now: datetime, body: str, key: str | None = None, version: int | None = None
) -> int:
    """Answer every live child of an incident's ticket with the same words; returns how many. `key` repeats nothing."""
    if not body.strip():
        raise Refused("body", _("Write something before sending."))
    with acting("reply", ticket, by, now, version, repeat_key=key) as act:
        _must_be_parent(act.ticket)
        if act.repeated is not None:
            return 0
        Message.objects.create(
            ticket=act.ticket, kind=Message.Kind.REPLY, author=by, body=body, at=now, key=key or None,
            language=act.ticket.language,
        )  # fmt: skip
        act.ticket.responded_at = act.ticket.responded_at or now
        answered = 0
        for children in _live_children(act.ticket):
            _say(children, by, now, body)
            answered += len(children)
        act.note(children=answered)
    return answered


def close_all(
    *, ticket: Ticket, by: User, now: datetime, cause: str, resolution: str, version: int | None = None
) -> int:
    """Solve an incident's ticket and close its muted children with it; returns how many. Children that are tickets of
    their own again, because their customer wrote or somebody took them, stay."""
    if cause not in Ticket.Cause.values:
        raise Refused("cause", _("Choose one of these: {choices}.").format(choices=", ".join(Ticket.Cause.values)))
    if not resolution.strip():
        raise Refused("resolution", _("Say what was done."))
    with acting("solve", ticket, by, now, version) as act:
        _must_be_parent(act.ticket)
        closed = 0
        for children in _live_children(act.ticket, only_muted=True):
            _close(children, by, now, cause, resolution.strip())
            closed += len(children)
        act.stop_waiting()
        act.ticket.cause, act.ticket.resolution, act.ticket.solved_at = cause, resolution.strip(), now
        act.ticket.assignee_id = act.ticket.assignee_id or by.pk
        act.note(cause=cause, children=closed)
        end_incident(act.ticket, now)
    return closed


def tell_buyers(*, ticket: Ticket, by: User, now: datetime, texts: dict[str, str], version: int | None = None) -> int:
    """Send one message to each buyer of the incident, in his language; returns how many buyers. It is sent once."""
    with acting("note", ticket, by, now, version) as act:
        incident = _must_be_parent(act.ticket)
        if by.role == "contact" and not by.is_supervisor:
            raise Refused("texts", _("An agent or a supervisor writes to buyers. Ask one of them."))
        try:
            buyers = telling_all.send(incident, texts, by=by, now=now)
        except telling_all.NotSent as error:
            raise Refused("texts", str(error)) from error
        act.kind = "buyers_told"
        act.note(buyers=buyers)
    return buyers


def tick(*, ticket: Ticket, by: User, now: datetime, step: str, done: bool, version: int | None = None) -> Ticket:
    """Tick a step of the emergency plan, or take the tick back."""
    if step not in emergency.STEPS:
        raise Refused("step", _("The plan has no such step. Look at the page again."))
    with acting("note", ticket, by, now, version) as act:
        _must_be_parent(act.ticket)
        act.kind = emergency.KIND
        act.note(step=step, done=done)
    return act.ticket


def _must_be_parent(ticket: Ticket) -> Incident:
    incident = Incident.objects.filter(pk=ticket.incident_id).first() if ticket.incident_id else None
    if incident is None:
        raise Refused("ticket", _("This is not the ticket of an incident."))
    return incident


def _live_children(parent: Ticket, *, only_muted: bool = False) -> list[list[Ticket]]:
    """Locked, in portions."""
    children = Ticket.objects.filter(parent=parent, status__in=LIVE)
    if only_muted:
        children = children.filter(muted=True)
    rows = list(children.select_for_update().order_by("pk"))
    return [rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE)]


def _say(children: list[Ticket], by: User, now: datetime, body: str) -> None:
    ids = [child.pk for child in children]
    messages = bulk.insert(
        "tickets_message",
        {"ticket_id": Column("bigint", ids), "language": Column("text", [child.language for child in children])},
        constants={"kind": Message.Kind.REPLY.value, "author_id": by.pk, "body": body, "at": now},
        returning=("ticket_id", "id"),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE tickets_ticket SET responded_at = COALESCE(responded_at, %s),
                   touched_at = COALESCE(touched_at, %s), updated_at = %s, version = version + 1 WHERE id = ANY(%s)""",
            [now, now, now, ids],
        )
    of = dict(messages)
    for child in children:
        child.responded_at, child.updated_at = child.responded_at or now, now
    _record(children, "reply", [{"message": of[child.pk], "together": True} for child in children], by, now)


def _close(children: list[Ticket], by: User, now: datetime, cause: str, resolution: str) -> None:
    ids = [child.pk for child in children]
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE tickets_ticket SET status = 'closed', closed_at = %s, cause = %s, resolution = %s, muted = false,
                   solved_at = COALESCE(solved_at, %s), touched_at = COALESCE(touched_at, %s), updated_at = %s,
                   version = version + 1, waiting_for = '', waiting_reason = '', call_back_at = NULL
               WHERE id = ANY(%s)""",
            [now, cause, resolution, now, now, now, ids],
        )
    data = [{"from": child.status, "to": "closed", "why": resolution, "together": True} for child in children]
    for child in children:
        child.status, child.closed_at, child.muted, child.updated_at = Ticket.Status.CLOSED, now, False, now
    _record(children, "close", data, by, now)


def _record(children: list[Ticket], kind: str, data: list[dict[str, object]], by: User, now: datetime) -> None:
    rows = bulk.insert(
        "tickets_ticketevent",
        {
            "ticket_id": Column("bigint", [child.pk for child in children]),
            "data": Column("jsonb", [json.dumps(part) for part in data]),
        },
        constants={"kind": kind, "actor_id": by.pk, "at": now},
        returning=("ticket_id", "id", "recorded_at"),
    )
    written = {ticket_id: (event_id, recorded_at) for ticket_id, event_id, recorded_at in rows}
    pairs = []
    for child, part in zip(children, data, strict=True):
        event_id, recorded_at = written[child.pk]
        event = TicketEvent(id=event_id, ticket=child, kind=kind, actor=by, at=now, recorded_at=recorded_at, data=part)
        pairs.append((child, [event]))
    tell(pairs)
