"""Tickets on pages that are not about tickets: the rail's counts, an order's tickets; and their words."""

from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone

from orders.models import Order
from orders.presents import Presents
from orders.story import Line
from tickets import access, amounts, boards, wording
from tickets.models import Ticket
from tickets.storylines import lines_of_order

register = template.Library()

register.filter("ticket_title", wording.title)
register.filter("holder_name", wording.holder)
register.filter("status_name", wording.status_name)
register.filter("waiting_name", wording.waiting_for)
register.filter("short_amount", amounts.short)
register.filter("loss_reason", amounts.reason)
register.simple_tag(amounts.base, name="base_currency")


@register.simple_tag(takes_context=True)
def standard_views(context: Context) -> list[boards.Board]:
    """The board's views with their counts, for the rail, the tabs and the palette: counted once a request."""
    request = context["request"]
    if not hasattr(request, "standard_views"):
        presents = context.get("presents") or Presents.at(timezone.now())
        request.standard_views = boards.with_counts(boards.counts(request.user, presents))
    return list(request.standard_views)


@register.inclusion_tag("tickets/_of_order.html", takes_context=True)
def tickets_of_order(context: Context, order: Order, without: Ticket | None = None) -> dict[str, Any]:
    """The tickets about an order that the reader may see, newest first; one query."""
    tickets = access.visible_to(context["request"].user).filter(order=order).select_related("assignee", "shop")
    if without is not None:
        tickets = tickets.exclude(pk=without.pk)
    return {
        "tickets": list(tickets.order_by("-id")[:20]),
        "presents": context.get("presents"),
        "request": context["request"],
    }


@register.simple_tag(takes_context=True)
def ticket_lines(context: Context, order: Order) -> list[Line]:
    """What the reader may see of the order's tickets and messages, as lines of the order's time line; two queries."""
    return lines_of_order(context["request"].user, order)


@register.simple_tag
def grade_factor(factor: dict[str, Any]) -> str:
    """One reason for a grade in words."""
    return wording.factor(factor.get("code", ""), factor.get("params", {}))
