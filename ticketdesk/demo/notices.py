"""The demo's buyers are told of the last hours. Their addresses end in .example, which no mail server can reach."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from orders.models import Order, Shop
from orders.services.links import link_of
from orders.services.noticing import notice_milestones

TOLD_OF = timedelta(hours=6)


def begin_to_tell(shops: Iterable[Shop], now: datetime) -> None:
    """Switch on the shops' notices as if somebody had done so some hours ago, and make one buyer's link to show."""
    for shop in shops:
        Shop.objects.filter(pk=shop.pk).update(notices_since=now - TOLD_OF)
        notice_milestones(shop.pk, list(Order.objects.filter(shop=shop).values_list("pk", flat=True)), now=now)
    moving = Order.objects.filter(status=Order.Status.SHIPPED, shipments__status="in_transit")
    shown = moving.order_by("-placed_at").first()
    if shown is not None:
        link_of(shown)
