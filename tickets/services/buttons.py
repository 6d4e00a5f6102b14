"""The buttons that one person presses on one ticket."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders.services.anomalies import acknowledge
from ticketdesk.accounts.models import Team, User
from tickets import valuing
from tickets.models import Handover, Message, Ticket
from tickets.services.acting import Refused, acting, department_of
from tickets.services.ending import end_incident
from tickets.services.handing import close_handover


def accept(*, ticket: Ticket, by: User, now: datetime, version: int | None = None) -> Ticket:
    """Take the ticket: the accepting person becomes its assignee."""
    with acting("accept", ticket, by, now, version) as act:
        act.ticket.assignee = by
        act.ticket.accepted_at = act.ticket.accepted_at or now
        if act.ticket.order_id and act.ticket.anomaly_code:
            acknowledge(order_id=act.ticket.order_id, code=act.ticket.anomaly_code, by=by, now=now)
        act.note(assignee=by.pk)
    return act.ticket


def assign(
    *, ticket: Ticket, by: User, now: datetime, team: Team | None = None, to: User | None = None,
    version: int | None = None,
) -> Ticket:  # fmt: skip
    """Give the ticket to a person, or to a team's queue when `to` is None."""
    if team is None and to is None:
        raise Refused("assignee", _("Name a person or a team to give the ticket to."))
    with acting("assign", ticket, by, now, version) as act:
        before = act.ticket.assignee_id
        if team is not None:
            act.ticket.team = team
        if to is not None and not to.is_active:
            raise Refused("assignee", _("{name} does not work here any more. Choose somebody else.").format(name=to))
        if to is not None and act.ticket.team_id not in to.team_ids and not to.is_supervisor:
            raise Refused(
                "assignee",
                _("{name} is not a member of this ticket's team. Choose a member, or change the team.").format(name=to),
            )
        act.ticket.assignee = to
        act.ticket.holder = department_of(act.ticket)
        act.note(assignee_from=before, assignee=to.pk if to else None, team=act.ticket.team_id)
        if to is not None and to.pk != by.pk:
            act.tell_person(to.pk, "assigned", gettext_noop("{who} gave you ticket #{ticket}."), who=str(by))
    return act.ticket


def reply(
    *, ticket: Ticket, by: User, now: datetime, body: str, key: str | None = None, version: int | None = None
) -> Message:
    """Answer the customer. The first answer by a person stops the first-response clock. `key` repeats nothing."""
    return _say(Message.Kind.REPLY, ticket, by, now, body, key, version)


def note(
    *, ticket: Ticket, by: User, now: datetime, body: str, key: str | None = None, version: int | None = None
) -> Message:
    """Leave a note for colleagues; the customer never sees it."""
    return _say(Message.Kind.NOTE, ticket, by, now, body, key, version)


def _say(
    kind: Message.Kind, ticket: Ticket, by: User, now: datetime, body: str, key: str | None, version: int | None
) -> Message:
    if not body.strip():
        raise Refused("body", _("Write something before sending."))
    with acting(kind.value, ticket, by, now, version, repeat_key=key) as act:
        if act.repeated is not None:
            return act.repeated
        message = Message.objects.create(
            ticket=act.ticket, kind=kind, author=by, body=body, at=now, key=key or None, language=act.ticket.language
        )
        if kind == Message.Kind.REPLY:
            act.ticket.responded_at = act.ticket.responded_at or now
            act.ticket.assignee_id = act.ticket.assignee_id or by.pk
        act.note(message=message.pk)
    return message


def customer_message(*, ticket: Ticket, now: datetime, body: str, key: str | None = None) -> Message:
    """The customer writes: a ticket that waits for him or was solved comes back to work."""
    if not body.strip():
        raise Refused("body", _("The message is empty."))
    with acting("customer_message", ticket, None, now, None, repeat_key=key) as act:
        if act.repeated is not None:
            return act.repeated
        message = Message.objects.create(
            ticket=act.ticket, kind=Message.Kind.CUSTOMER, body=body, at=now, key=key or None
        )
        act.stop_waiting()
        act.note(message=message.pk)
    return message


def wait(
    *, ticket: Ticket, by: User, now: datetime, waiting_for: str, reason: str, call_back_at: datetime,
    version: int | None = None,
) -> Ticket:  # fmt: skip
    """Wait for customer, carrier or department, with a reason and a time to look again."""
    if waiting_for not in Ticket.WaitingFor.values:
        raise Refused(
            "waiting_for", _("Choose one of these: {choices}.").format(choices=", ".join(Ticket.WaitingFor.values))
        )
    if not reason.strip():
        raise Refused("reason", _("Say what you are waiting for."))
    if call_back_at <= now:
        raise Refused("call_back_at", _("The call-back time has passed already. Choose a later one."))
    with acting("wait", ticket, by, now, version) as act:
        act.ticket.waiting_for = waiting_for
        act.ticket.waiting_reason = reason.strip()
        act.ticket.call_back_at = call_back_at
        if waiting_for != Ticket.WaitingFor.DEPARTMENT:
            act.ticket.holder = waiting_for
        act.note(waiting_for=waiting_for, reason=reason.strip(), call_back_at=call_back_at.isoformat())
    return act.ticket


def resume(*, ticket: Ticket, by: User | None, now: datetime, version: int | None = None, why: str = "") -> Ticket:
    """Go on with a ticket that waited; by nobody when its call-back time has come."""
    with acting("resume", ticket, by, now, version) as act:
        act.stop_waiting()
        act.note(why=why or "by_hand")
        if by is None and act.ticket.assignee_id:
            act.tell_person(
                act.ticket.assignee_id, "call_back", gettext_noop("The call-back time of ticket #{ticket} has come.")
            )
    return act.ticket


def regrade(*, ticket: Ticket, by: User, now: datetime, grade: int, why: str, version: int | None = None) -> Ticket:
    """Set the grade by hand, with a reason that stays on record."""
    if grade not in (1, 2, 3, 4):
        raise Refused("grade", _("A grade is 1 (urgent) to 4 (watch)."))
    if not why.strip():
        raise Refused("why", _("Say why the grade changes."))
    with acting("regrade", ticket, by, now, version) as act:
        before = act.ticket.grade
        act.ticket.grade = grade
        act.ticket.grade_factors = [
            *act.ticket.grade_factors,
            {"code": "by_hand", "steps": before - grade, "params": {"who": str(by), "why": why.strip()}},
        ]
        valuing.mark(act.ticket, valuing.losses_of([act.ticket.pk], now)[act.ticket.pk])
        act.note(grade_from=before, grade=grade, why=why.strip())
    return act.ticket


def solve(
    *, ticket: Ticket, by: User, now: datetime, cause: str, resolution: str, version: int | None = None
) -> Ticket:
    """Solve with a cause and what was done. An open question to another team is called back."""
    if cause not in Ticket.Cause.values:
        raise Refused("cause", _("Choose one of these: {choices}.").format(choices=", ".join(Ticket.Cause.values)))
    if not resolution.strip():
        raise Refused("resolution", _("Say what was done."))
    with acting("solve", ticket, by, now, version) as act:
        for handover in act.ticket.handovers.filter(state=Handover.State.OPEN):
            close_handover(handover, Handover.State.CALLED_BACK, None, None, "")
        act.stop_waiting()
        act.ticket.cause, act.ticket.resolution, act.ticket.solved_at = cause, resolution.strip(), now
        act.ticket.assignee_id = act.ticket.assignee_id or by.pk
        act.note(cause=cause)
        end_incident(act.ticket, now)
    return act.ticket


def close(*, ticket: Ticket, by: User | None, now: datetime, why: str, version: int | None = None) -> Ticket:
    """Close for good: confirmed by the customer, or by nobody when what raised it is over and nobody touched it."""
    with acting("close", ticket, by, now, version) as act:
        act.stop_waiting()
        act.ticket.closed_at = now
        act.note(why=why)
        end_incident(act.ticket, now)
    return act.ticket


def reopen(*, ticket: Ticket, by: User, now: datetime, why: str, version: int | None = None) -> Ticket:
    """Take up a solved or closed ticket again."""
    if not why.strip():
        raise Refused("why", _("Say why the ticket is reopened."))
    with acting("reopen", ticket, by, now, version) as act:
        act.ticket.solved_at = act.ticket.closed_at = None
        act.ticket.reopened += 1
        act.note(why=why.strip())
    return act.ticket
