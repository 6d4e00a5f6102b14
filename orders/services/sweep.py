"""The scan: take what is due, judge it, arm it again. Cost follows what is due, never how many orders are open."""

import time
from datetime import datetime

from django.db import DataError, IntegrityError, transaction

from orders.due import DueTable
from orders.services.judging import Judged, bench, judge_orders, put_off
from ticketdesk.outbox.heartbeat import beat

DUE = DueTable(table="orders_orderdue", key="order_id", due="due_at")
BATCH = 1000
# A worker's turn: shorter than a task's soft time limit, long enough to be worth the wake-up.
TURN_S = 20.0


def sweep_until_idle(*, now: datetime | None = None, batch: int = BATCH, turn_s: float = TURN_S) -> Judged:
    """Judge everything that is due; may run anywhere, any number of times, overlapping. Stops after `turn_s` seconds.

    `now` replaces the database's clock for shops that live in the real present.
    """
    beat("orders")
    total, ends = Judged(), time.monotonic() + turn_s
    for shop_id, present in DUE.shops(now=now):
        hearing, size = bench(shop_id), batch
        while time.monotonic() < ends:
            order_ids: list[int] = []
            try:
                with transaction.atomic():
                    order_ids = DUE.claim(shop_id, present, size)
                    if not order_ids:
                        break
                    part = judge_orders(shop_id, order_ids, now=present, bench_=hearing)
            except (DataError, IntegrityError) as error:
                if len(order_ids) > 1:
                    size = 1  # one row spoils the statement for all: from here on each order stands alone
                    continue
                put_off(shop_id, order_ids[0], error, present=present)
                part, size = Judged(failed=1), batch
            _add(total, part)
    return total


def _add(total: Judged, part: Judged) -> None:
    total.orders += part.orders
    total.opened += part.opened
    total.regraded += part.regraded
    total.cleared += part.cleared
    total.failed += part.failed
