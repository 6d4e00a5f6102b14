"""Who sees which ticket, and who may press which button: the only way to fetch tickets for somebody.

What somebody may not see does not exist for him: the answer is the same as for a number that was never given out.
"""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet
from django.utils.translation import gettext as _

from orders.models import Order
from ticketdesk.accounts.models import User
from ticketdesk.accounts.models.people import Role
from tickets.models import Handover, Ticket
from tickets.querysets import TicketQuerySet

AGENT_ACTIONS = frozenset(
    {
        "accept", "answer", "assign", "call_back", "close", "hand_over", "note", "regrade", "reopen", "reply", "resume",
        "solve", "wait",
    }
)  # fmt: skip
# A department contact answers and notes; on tickets of his own department he works as well, but never writes to buyers.
CONTACT_ACTIONS = frozenset({"answer", "note"})
CONTACT_ACTIONS_ON_OWN = CONTACT_ACTIONS | {"accept", "hand_over", "resume", "solve", "wait"}


class IsOneOf(Func):
    """`value = ANY(array)`: unlike IN (SELECT …), an index condition even beside others that are joined with OR."""

    arg_joiner = " = ANY("
    template = "(%(expressions)s))"
    output_field = BooleanField()


class NotAllowed(PermissionError):
    """The person sees the ticket but may not do this to it."""


def sees_everything(user: User) -> bool:
    """Whether every ticket and order is visible to this person."""
    return user.is_supervisor or user.role == Role.READONLY


def visible_to(user: User) -> TicketQuerySet:
    """The tickets this person may see: all of them for supervisors and readers; else those of his teams, those he
    holds himself, and those handed over to one of his teams."""
    if sees_everything(user):
        return Ticket.objects.all()
    handed = Handover.objects.filter(to_team__in=user.team_ids).exclude(state=Handover.State.CALLED_BACK)
    handed_to_us = IsOneOf(F("pk"), ArraySubquery(handed.values("ticket_id")))
    return Ticket.objects.filter(Q(team__in=user.team_ids) | Q(assignee=user) | Q(handed_to_us))


def visible_orders(user: User) -> QuerySet[Order]:
    """The orders this person may see: a department contact sees those with a ticket visible to him, others all."""
    if user.role != Role.CONTACT or user.is_superuser:
        return Order.objects.all()
    return Order.objects.filter(pk__in=visible_to(user).filter(order__isnull=False).values("order_id"))


def actions_of(user: User, ticket: Ticket) -> frozenset[str]:
    """What this person may do to a ticket that he sees."""
    if user.is_supervisor:
        return AGENT_ACTIONS
    if user.role == Role.AGENT:
        return AGENT_ACTIONS
    if user.role == Role.CONTACT:
        return CONTACT_ACTIONS_ON_OWN if ticket.team_id in user.team_ids else CONTACT_ACTIONS
    return frozenset()


def check(user: User, action: str, ticket: Ticket) -> None:
    """Raise NotAllowed unless this person may do `action` to the ticket."""
    if action not in actions_of(user, ticket):
        raise NotAllowed(_("Your role may not do “{action}” on this ticket. Ask a supervisor.").format(action=action))
