"""The scan: take what is due, judge it, arm it again. Cost follows what is due, never how many orders are open."""

import time
from datetime import datetime

from django.db import transaction

from orders.due import DueTable
from orders.services.judging import Judged, bench, judge_orders
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
        hearing = bench(shop_id)
        while time.monotonic() < ends:
            with transaction.atomic():
                order_ids = DUE.claim(shop_id, present, batch)
                if order_ids:
                    _add(total, judge_orders(shop_id, order_ids, now=present, bench_=hearing))
            if len(order_ids) < batch:
                break
    return total


def _add(total: Judged, part: Judged) -> None:
    total.orders += part.orders
    total.opened += part.opened
    total.regraded += part.regraded
    total.cleared += part.cleared
