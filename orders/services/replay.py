"""Replay of history: a shop's present is set to a past moment and moved on; the sweep then finds what one saw then."""

from datetime import datetime

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from orders.models import Anomaly, Order, Shop
from orders.services.arming import sync_statuses_between
from ticketdesk.accounts.models import User

log = structlog.get_logger("orders.replay")

# Orders that were over before the last present and have nothing open can say nothing new.
_ARM = """
INSERT INTO orders_orderdue AS d (order_id, shop_id, due_at)
SELECT o.id, o.shop_id, %(at)s FROM orders_order o WHERE o.shop_id = %(shop)s AND o.placed_at <= %(at)s
    AND (LEAST(o.delivered_at, o.cancelled_at) IS NULL
         OR GREATEST(o.paid_at, o.shipped_at, o.delivered_at, o.cancelled_at) > %(before)s
         OR EXISTS (SELECT 1 FROM orders_anomaly a WHERE a.order_id = o.id AND a.closed_at IS NULL))
ORDER BY o.id
ON CONFLICT (order_id) DO UPDATE SET due_at = EXCLUDED.due_at WHERE d.due_at > EXCLUDED.due_at
"""
_BEGINNING = datetime.fromisoformat("0001-01-01T00:00:00+00:00")


class ReplayError(Exception):
    """The present cannot be moved there; says why and what to do instead."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason} {remedy}")
        self.reason, self.remedy = reason, remedy


def is_at_work(shop: Shop) -> bool:
    """Whether somebody works with this shop in the real present: it is not replayed, and has orders or live tickets."""
    if shop.present_at is not None:
        return False
    asked = (import_string(name) for name in settings.SHOP_AT_WORK)
    return Order.objects.filter(shop=shop).exists() or any(is_in_use(shop.pk) for is_in_use in asked)


@transaction.atomic
def end_replay(shop: Shop, *, now: datetime, by: User | None = None) -> int:
    """Bring a replayed shop back to the real present: moved on to `now`, from where its clock runs by itself.

    ReplayError when the shop is not replayed, or its present lies after `now`. Returns how many orders became due.
    """
    if Shop.objects.select_for_update().get(pk=shop.pk).present_at is None:
        raise ReplayError(_("This shop lives in the real present already."), _("There is nothing to end."))
    armed = set_present(shop, now, by=by)
    Shop.objects.filter(pk=shop.pk).update(present_at=None)
    shop.present_at = None
    log.info("replay ended", shop=shop.pk, at=now.isoformat(), by=by.pk if by else None, armed=armed)
    return armed


@transaction.atomic
def set_present(shop: Shop, at: datetime, *, by: User | None = None) -> int:
    """Freeze the shop's present at `at` (aware) and arm its orders, so that the next sweep judges them as of then.

    Time only moves on: ReplayError when `at` lies before the shop's present, or before something found in it.
    Returns how many orders became due.
    """
    if at.tzinfo is None:
        raise ValueError("the present needs a time zone")
    locked = Shop.objects.select_for_update().get(pk=shop.pk)
    _check(locked, at)
    before = locked.present_at or _BEGINNING
    locked.present_at = shop.present_at = at
    locked.save(update_fields=["present_at"])
    sync_statuses_between(locked.pk, before, at)
    with connection.cursor() as cursor:
        cursor.execute(_ARM, {"shop": locked.pk, "at": at, "before": before})
        armed = int(cursor.rowcount)
    log.info("present set", shop=locked.pk, at=at.isoformat(), by=by.pk if by else None, armed=armed)
    return armed


def _check(shop: Shop, at: datetime) -> None:
    remedy = _("Import the files into a fresh shop and replay that one.")
    if shop.present_at is not None and at < shop.present_at:
        reason = _("The shop's present is %(present)s and cannot be moved back to %(at)s.")
        raise ReplayError(reason % {"present": shop.present_at.isoformat(), "at": at.isoformat()}, remedy)
    if shop.present_at is None:
        latest = Anomaly.objects.filter(shop=shop, opened_at__gt=at).order_by("-opened_at").first()
        if latest is not None:
            reason = _("Orders of this shop were already judged at %(later)s, after %(at)s.")
            raise ReplayError(reason % {"later": latest.opened_at.isoformat(), "at": at.isoformat()}, remedy)
