"""What every button has in common: lock, check, change row and record together, tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from ticketdesk.accounts.models import User
from ticketdesk.outbox.services import Notice, notify
from tickets import access, lifecycle
from tickets.listening import tell
from tickets.models import Handover, Message, Ticket, TicketEvent

# What a person, or the customer, does to a muted ticket makes it a ticket of its own again: somebody waits for it.
WAKING = frozenset({"accept", "assign", "customer_message", "escalate", "hand_over", "reopen", "wait"})


class Stale(ValueError):
    """The ticket changed after the caller had looked at it."""

    def __init__(self, ticket: Ticket, seen: int) -> None:
        changed = _("The ticket has changed (version {version}, you saw {seen}). Look again, then repeat.")
        super().__init__(changed.format(version=ticket.version, seen=seen))
        self.ticket = ticket


class Refused(ValueError):
    """The input does not make sense for this ticket; `field` names what to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def department_of(ticket: Ticket) -> str:
    """The department that holds the ball when nobody else does: the one of the ticket's own team."""
    return ticket.team.department if ticket.team else "front_line"


@dataclass(slots=True)
class Act:
    """One button pressed on one locked ticket; what it notes and whom it tells is written when it succeeds."""

    ticket: Ticket
    by: User | None
    now: datetime
    repeated: Message | None = None
    kind: str = ""
    """What the record calls it, where that is not the action's name."""
    data: dict[str, Any] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)

    def note(self, **data: Any) -> None:
        """Add to what the record says of this act."""
        self.data |= data

    def stop_waiting(self) -> None:
        """Nobody waits any more: the ball is back with the ticket's own team, unless another team was asked."""
        ticket = self.ticket
        if ticket.waiting_for:
            ticket.waiting_for = ticket.waiting_reason = ""
            ticket.call_back_at = None
            ticket.holder = department_of(ticket)

    def open_handover(self) -> Handover:
        """The question that waits for an answer."""
        handover = self.ticket.handovers.filter(state=Handover.State.OPEN).first()
        if handover is None:
            raise Refused("answer", _("No other team has been asked."))
        return handover

    def tell_person(self, user_id: int, kind: str, text: str, **params: Any) -> None:
        """Tell one person, once the record is written."""
        params["ticket"] = self.ticket.pk
        self.notices.append(Notice("", user_id, kind, text, params, f"/tickets/{self.ticket.pk}/"))


@contextmanager
def acting(
    action: str, ticket: Ticket, by: User | None, now: datetime, version: int | None, *, repeat_key: str | None = None
) -> Iterator[Act]:
    """Lock and check; let the caller change the ticket; then save, record and tell, all in one transaction.

    A message key that was used before sets `repeated`, and nothing is written.
    """
    with transaction.atomic():
        locked = Ticket.objects.select_for_update(of=("self",)).select_related("team", "shop").get(pk=ticket.pk)
        act = Act(locked, by, now)
        if repeat_key and (repeated := locked.messages.filter(key=repeat_key).first()):
            act.repeated = repeated
            yield act
            return
        if version is not None and version != locked.version:
            raise Stale(locked, version)
        if by is not None:
            access.check(by, action, locked)
        before = locked.status
        locked.status = lifecycle.after(action, before)
        yield act
        _finish(act, action, before)


def _finish(act: Act, action: str, before: str) -> None:
    ticket = act.ticket
    ticket.version += 1
    ticket.updated_at = act.now
    if ticket.muted and action in WAKING:
        ticket.muted = False
        act.note(woken=True)
    if act.by is not None:
        ticket.touched_at = ticket.touched_at or act.now
    try:
        with transaction.atomic():
            ticket.save(force_update=True)
    except IntegrityError as error:
        raise Refused("ticket", _("Another ticket about the same thing is open. Work on that one.")) from error
    if ticket.status != before:
        act.note(**{"from": before, "to": ticket.status})
    event = TicketEvent.objects.create(ticket=ticket, kind=act.kind or action, actor=act.by, at=act.now, data=act.data)
    notify(replace(notice, key=f"event:{event.pk}") for notice in act.notices)
    tell([(ticket, [event])])
