"""The buyer's link and the buyer's notices on an order's page: a query each, so that one include is enough."""

from django import template

from orders.models import Order, TrackLink
from orders.noticed import Line, of_order
from orders.services.links import address_of

register = template.Library()


@register.simple_tag
def buyer_link(order: Order) -> dict[str, object]:
    """The order's public address, if it has one: `address`, and whether it was `revoked`."""
    link = TrackLink.objects.filter(order=order).first()
    if link is None:
        return {"address": "", "revoked": False}
    return {"address": address_of(link), "revoked": link.revoked_at is not None}


@register.simple_tag
def notices_of(order: Order) -> list[Line]:
    """What the buyer was told about the order, newest first."""
    return of_order(order)
