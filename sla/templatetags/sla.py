"""A ticket's clocks on its page."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

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
