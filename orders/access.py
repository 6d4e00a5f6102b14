"""Who sees which order. The answer depends on tickets, which this room knows nothing of: settings name who says it."""

from functools import cache

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from orders.models import Order, Shipment, ShipmentItem
from ticketdesk.accounts.models import User


@cache
def _rule() -> object:
    return import_string(getattr(settings, "ORDER_ACCESS", "tickets.access.visible_orders"))


def visible_to(user: User) -> QuerySet[Order]:
    """The orders this person may see; what is not among them does not exist for him."""
    return _rule()(user)  # type: ignore[operator]


def visible_parcels(user: User) -> QuerySet[Shipment]:
    """The parcels that hold an order this person may see."""
    orders = visible_to(user)
    # Whoever sees every order is not asked about each: the plan stays a walk down one index.
    if not orders.query.has_filters():
        return Shipment.objects.all()
    return Shipment.objects.filter(pk__in=ShipmentItem.objects.filter(order__in=orders).values("shipment_id"))
