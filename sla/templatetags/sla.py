"""A ticket's clocks on its page."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.presents import Presents
from sla.models import Clock
from tickets.models import Ticket

register = template.Library()


@register.inclusion_tag("sla/_clocks.html", takes_context=True)
def clocks_of(context: Context, ticket: Ticket) -> dict[str, Any]:
    """All clocks of a ticket, the running ones first; one query."""
    presents = context.get("presents") or Presents.at(timezone.now())
    clocks = list(Clock.objects.filter(ticket=ticket).order_by("stopped_at", "due_at", "id"))
    return {"clocks": clocks, "presents": presents, "present": presents.of(ticket.shop_id), "ticket": ticket}


CAUSES = {
    "start": _("The clock starts"),
    "pause": _("Paused"),
    "resume": _("Goes on"),
    "retarget": _("A new target"),
    "rebase": _("A new due time"),
    "stop": _("Stopped"),
    "cancel": _("Cancelled"),
    "reopen": _("Taken up again"),
}


# The steps of the ladder that a new desk starts with.
STEPS = {
    "emergency": _("Emergency call"),
    "warn": _("Warning ahead"),
    "breach": _("Deadline passed"),
    "handover_late": _("Hand-over late"),
    "urgent_unanswered": _("Emergency unanswered"),
    "twice_the_time": _("Twice the time gone"),
}


@register.filter
def clock_cause(code: str) -> str:
    """What began a period of a clock's story."""
    return str(CAUSES.get(code, code))


@register.filter
def step_name(key: str) -> str:
    """What a step of the ladder is called; an administrator's own step by its key."""
    return str(STEPS.get(key, key.replace("_", " ").capitalize()))
