"""What must follow when facts of orders have changed: their status words, and an early look by the next sweep."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection

# The status is what the shop's present knows, so that a replayed order does not look delivered before its day.
_STATUS = """
UPDATE orders_order o SET status = s.status FROM orders_order p, LATERAL (SELECT CASE
    WHEN p.cancelled_at <= %(present)s THEN 'cancelled'
    WHEN p.delivered_at <= %(present)s THEN 'delivered'
    WHEN p.status = 'partly_delivered' THEN p.status
    WHEN p.shipped_at <= %(present)s THEN 'shipped'
    WHEN p.paid_at <= %(present)s THEN 'paid'
    ELSE 'placed' END AS status) s
WHERE o.id = p.id AND {which} AND o.status <> s.status
"""


def sync_statuses(order_ids: Iterable[int], *, present: datetime) -> int:
    """Set the status of these orders to what was known of them at `present`; how many changed."""
    return _execute(_STATUS.format(which="p.id = ANY(%(ids)s)"), {"ids": sorted(order_ids), "present": present})


def sync_statuses_between(shop_id: int, after: datetime, until: datetime) -> int:
    """The same for every order of the shop to which something happened in (`after`, `until`]."""
    which = """p.shop_id = %(shop)s AND ((p.paid_at > %(after)s AND p.paid_at <= %(present)s)
        OR (p.shipped_at > %(after)s AND p.shipped_at <= %(present)s)
        OR (p.delivered_at > %(after)s AND p.delivered_at <= %(present)s)
        OR (p.cancelled_at > %(after)s AND p.cancelled_at <= %(present)s))"""
    return _execute(_STATUS.format(which=which), {"shop": shop_id, "after": after, "present": until})


def arm(order_ids: Iterable[int], *, present: datetime) -> int:
    """Have the next sweep judge these orders: at the shop's present, or when they are placed if that is later.

    An order that is due earlier still stays so. Returns how many were armed.
    """
    return _execute(
        """INSERT INTO orders_orderdue AS d (order_id, shop_id, due_at)
           SELECT id, shop_id, GREATEST(placed_at, %(present)s) FROM orders_order WHERE id = ANY(%(ids)s) ORDER BY id
           ON CONFLICT (order_id) DO UPDATE SET due_at = EXCLUDED.due_at WHERE d.due_at > EXCLUDED.due_at""",
        {"ids": sorted(order_ids), "present": present},
    )


def _execute(statement: str, parameters: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)
