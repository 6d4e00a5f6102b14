"""Risk: an order is frozen by a flag, and goes on when risk lets it go."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orders.models import Order
from orders.services.anomalies import Refused
from orders.services.judging import judge_orders, lock


@transaction.atomic
def flag(*, order: Order, reason: str, now: datetime) -> Order:
    """Freeze the order, for a reason; its anomaly opens at once. `now` is the desk's clock."""
    if not reason.strip():
        raise Refused("reason", _("Say what makes the order a risk."))
    lock([order.pk])
    locked = Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=order.pk)
    if locked.is_frozen:
        raise Refused("reason", _("The order is frozen already."))
    present = locked.shop.present(now)
    locked.risk_at, locked.risk_reason = present, reason.strip()[:200]
    return _save(locked, present)


@transaction.atomic
def release(*, order: Order, now: datetime) -> Order:
    """Let the order go on; its anomaly clears, and the hours in which it must be shipped begin."""
    lock([order.pk])
    locked = Order.objects.select_for_update(of=("self",)).select_related("shop").get(pk=order.pk)
    if not locked.is_frozen:
        raise Refused("order", _("The order is not frozen."))
    present = locked.shop.present(now)
    locked.released_at = present
    return _save(locked, present)


def _save(order: Order, present: datetime) -> Order:
    order.version += 1
    order.save(update_fields=["risk_at", "risk_reason", "released_at", "version"])
    judge_orders(order.shop_id, [order.pk], now=present)
    return order
