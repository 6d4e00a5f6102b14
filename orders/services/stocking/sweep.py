"""The sweep over those who wait for stock: oldest promise first, one sweep per shop at a time."""

import time
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from orders.models import Shop, StockWait
from orders.services.judging import judge_orders, lock
from orders.services.restating import restate
from orders.services.stocking.settling import settle
from ticketdesk.outbox.heartbeat import beat

BATCH = 200
TURN_S = 20.0
CODE = "stock_out"


def sweep_until_idle(*, now: datetime | None = None, batch: int = BATCH, turn_s: float = TURN_S) -> int:
    """Serve whoever may be served since stock has moved; how many orders were looked at.

    May run anywhere, any number of times, overlapping: a shop that somebody else serves is passed over, because two at
    once could serve a later promise before an earlier one.
    """
    beat("stock")
    looked, ends, clock = 0, time.monotonic() + turn_s, now or timezone.now()
    shops = Shop.objects.filter(pk__in=StockWait.objects.filter(due=True).values("shop_id")).order_by("pk")
    for shop in shops:
        while time.monotonic() < ends:
            served = _serve(shop, shop.present(clock), batch)
            looked += served
            if not served:
                break
    return looked


@transaction.atomic
def _serve(shop: Shop, present: datetime, batch: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"orders.stock {shop.pk}"])
        if not cursor.fetchone()[0]:
            return 0
    due = StockWait.objects.filter(shop=shop, due=True).order_by("promise_at", "order_id")
    ids = list(due.values_list("order_id", flat=True)[:batch])
    if ids:
        lock(ids)
        settle(shop.pk, ids, present=present, sweeping=True)
        judge_orders(shop.pk, ids, now=present)
        restate(shop.pk, ids, {CODE}, now=present)
    return len(ids)
