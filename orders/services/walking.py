"""Walks over a shop's orders in the background: arming all of them anew after limits changed, and the nightly check.

A walk goes by order id in short steps. Each step is one transaction that also moves the walk's cursor, so a worker that
dies loses nothing, no order is locked for longer than a step, and any worker may take the next one.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from orders.models import AnomalyChange, Order, OrderDue, Shop, Walk
from orders.selectors import anomalies_of, facts_of
from orders.services.chronicle import chronicle
from orders.services.judging import REOPENS_WITHIN, judge_orders, judged, lock
from orders.services.seating import bench
from ticketdesk.accounts.models import User
from ticketdesk.outbox.errors import Raised

# A step starts with so many orders, and becomes longer or shorter until it takes about STEP_S.
STEP, STEP_MOST, STEP_S = 250, 2000, 0.4
TURN_S = 20.0
NIGHTLY = timedelta(hours=20)

# Orders whose verdict may still change: not over, or armed, or with something open.
_ALIVE = """
    SELECT o.id FROM orders_order o WHERE o.id > %(cursor)s AND o.id <= %(until)s AND o.shop_id = %(shop)s AND (
        (o.delivered_at IS NULL AND o.cancelled_at IS NULL)
        OR EXISTS (SELECT 1 FROM orders_orderdue d WHERE d.order_id = o.id)
        OR EXISTS (SELECT 1 FROM orders_anomaly a WHERE a.order_id = o.id AND a.closed_at IS NULL))
"""
log = structlog.get_logger("orders.walking")


@transaction.atomic
def begin(*, shop: Shop, kind: Walk.Kind, detector: str = "", by: User | None = None) -> Walk:
    """Begin a walk over the shop's orders. A walk of the same kind that is still under way starts anew instead."""
    until = Order.objects.filter(shop=shop).aggregate(last=Max("pk"))["last"] or 0
    total = OrderDue.objects.filter(shop=shop).count()
    running = Walk.objects.select_for_update().filter(shop=shop, kind=kind, ended_at=None).first()
    walk = running or Walk(shop=shop, kind=kind)
    walk.detector, walk.until, walk.total, walk.asked_by = detector, until, total, by
    walk.cursor = walk.done = walk.differences = 0
    walk.failed, walk.longest_s, walk.started_at = "", 0, timezone.now()
    walk.save()
    return walk


def check_nightly(*, now: datetime) -> int:
    """Begin the check of every shop in the real present that was not checked for 20 hours; how many began."""
    begun = 0
    for shop in Shop.objects.filter(present_at=None).order_by("pk"):
        if not Walk.objects.filter(shop=shop, kind=Walk.Kind.CHECK, started_at__gt=now - NIGHTLY).exists():
            begin(shop=shop, kind=Walk.Kind.CHECK)
            begun += 1
    return begun


def walk_until_idle(*, now: datetime | None = None, turn_s: float = TURN_S) -> int:
    """Take steps of whatever walks are under way; how many orders were looked at. Overlapping workers share them."""
    seen, ends, size = 0, time.monotonic() + turn_s, STEP
    while time.monotonic() < ends:
        began = time.monotonic()
        looked = step(now=now or timezone.now(), limit=size)
        if looked is None:
            break
        seen += looked
        took = time.monotonic() - began
        size = min(STEP_MOST, max(25, int(size * (2 if took < STEP_S / 2 else 0.5 if took > STEP_S else 1))))
    return seen


def step(*, now: datetime, limit: int = STEP) -> int | None:
    """One step of the oldest walk that nobody else is taking a step of; None when there is none."""
    with transaction.atomic():
        walks = Walk.objects.select_related("shop").select_for_update(of=("self",), skip_locked=True)
        walk = walks.filter(ended_at=None).order_by("pk").first()
        if walk is None:
            return None
        began = time.monotonic()
        ids = _next(walk, limit)
        present = walk.shop.present(now)
        try:
            with transaction.atomic():
                if walk.kind == Walk.Kind.REARM:
                    _rearm(walk, ids, present)
                else:
                    walk.differences += _check(walk.shop_id, ids, present)
        except Exception as error:  # a few orders that cannot be judged must not end the walk; the sweep reports them
            walk.failed = str(Raised.by(error)._asdict())[:200]
            log.error("step of a walk failed", walk=walk.pk, first=ids[:1], **Raised.by(error)._asdict())
        walk.done += len(ids)
        walk.cursor = ids[-1] if ids else walk.until
        walk.longest_s = max(walk.longest_s, time.monotonic() - began)
        if len(ids) < limit:
            walk.ended_at = timezone.now()
            walk.total = walk.done
        walk.save()
        return len(ids)


def _next(walk: Walk, limit: int) -> list[int]:
    given = {"cursor": walk.cursor, "until": walk.until, "shop": walk.shop_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(_ALIVE + " ORDER BY o.id LIMIT %(limit)s", given)
        return [row[0] for row in cursor.fetchall()]


def _rearm(walk: Walk, ids: Sequence[int], present: datetime) -> None:
    """Judge the orders by the newest limits, which arms them; what was suspected comes into the open if it may."""
    lock(ids)
    hearing = bench(walk.shop_id)
    judge_orders(walk.shop_id, ids, now=present, bench_=hearing)
    seat = next((each for each in hearing if each.code == walk.detector), None)
    if seat is None or seat.shadow or not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_anomaly SET state = 'open' WHERE order_id = ANY(%s) AND code = %s AND state = 'suspected'
               RETURNING id""",
            [list(ids), walk.detector],
        )
        out = [row[0] for row in cursor.fetchall()]
    chronicle(out, "promoted", now=present, change=AnomalyChange.Kind.OPENED)


def _check(shop_id: int, ids: Sequence[int], present: datetime) -> int:
    """How many of these orders are armed later than their facts say, or not at all; these are made due now.

    An order that is armed too early is looked at once for nothing, which is no mistake.
    """
    lock(ids)
    stored = dict(OrderDue.objects.filter(order__in=ids).values_list("order_id", "due_at"))
    on_record, hearing = anomalies_of(ids, present - REOPENS_WITHIN), bench(shop_id)
    wrong = []
    for order in facts_of(ids):
        due_at = stored.get(order.id)
        if due_at is not None and due_at <= present:
            continue  # the sweep is about to look at it
        expected = judged(order, hearing, on_record.get(order.id, {}), present).next_due
        if expected is not None and (due_at is None or due_at > expected):
            wrong.append(order.id)
    if wrong:
        log.error("orders armed too late", shop=shop_id, orders=len(wrong), first=wrong[:10])
        rows = [OrderDue(order_id=pk, shop_id=shop_id, due_at=present) for pk in wrong]
        OrderDue.objects.bulk_create(rows, update_conflicts=True, unique_fields=["order"], update_fields=["due_at"])
    return len(wrong)
