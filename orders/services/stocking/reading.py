"""What settling has to know, each in one query for any number of orders."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from orders.allocating import Place

# What a shop calls an order that is to be delivered although no payment is known: cash on delivery, on account.
CONFIRMED = ["confirmed", "已确认", "已確認"]
_ORDERS = """
SELECT o.id, COALESCE(o.promised_ship_at, o.promised_delivery_at, o.paid_at, o.placed_at),
       COALESCE(o.paid_at <= %(present)s, false) OR lower(o.source_status) = ANY(%(confirmed)s),
       COALESCE(o.shipped_at <= %(present)s, false), COALESCE(o.delivered_at <= %(present)s, false),
       COALESCE(o.cancelled_at <= %(present)s, false)
FROM orders_order o WHERE o.id = ANY(%(ids)s) ORDER BY o.id FOR NO KEY UPDATE
"""
# Articles without any level are not kept in stock: nobody reserves them, and nobody misses them.
_LINES = """
SELECT l.order_id, l.sku, max(l.name), sum(l.qty), sum(LEAST(l.shipped_qty, l.qty)) FROM orders_orderline l
WHERE l.order_id = ANY(%(ids)s)
  AND EXISTS (SELECT 1 FROM orders_stocklevel s WHERE s.shop_id = %(shop)s AND s.sku = l.sku)
GROUP BY l.order_id, l.sku
"""


@dataclass(slots=True)
class Level:
    """One locked level; `on_hand` and `reserved` change as the batch is planned."""

    id: int
    warehouse_id: int
    rank: int
    sku: str
    on_hand: int
    reserved: int

    @property
    def place(self) -> Place:
        """Warehouse and SKU."""
        return self.warehouse_id, self.sku


@dataclass(frozen=True, slots=True)
class Held:
    """What an order has reserved of a level."""

    id: int
    order_id: int
    level_id: int
    qty: int


@dataclass(slots=True)
class Want:
    """One order: what is still to be reserved for it per SKU, and what has left since of what it held.

    `open` while it is confirmed and neither over nor gone; `gone` when all of it has left.
    """

    order_id: int
    promise_at: datetime
    open: bool
    gone: bool
    need: dict[str, int] = field(default_factory=dict)
    shipped: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    ordered: dict[str, int] = field(default_factory=dict)


def wants_of(shop_id: int, ids: Sequence[int], present: datetime) -> list[Want]:
    """These orders, locked lowest id first, with what they need; three queries."""
    given: dict[str, Any] = {"ids": list(ids), "shop": shop_id, "present": present, "confirmed": CONFIRMED}
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, given)
        orders: list[Any] = cursor.fetchall()
        cursor.execute(_LINES, given)
        lines: dict[int, list[Any]] = defaultdict(list)
        for order_id, *line in cursor.fetchall():
            lines[order_id].append(line)
        cursor.execute(
            """SELECT a.order_id, v.sku, sum(a.qty)
               FROM orders_allocation a JOIN orders_stocklevel v ON v.id = a.level_id
               WHERE a.order_id = ANY(%s) AND a.state = 'shipped' GROUP BY 1, 2""",
            [list(ids)],
        )
        left_before = {(order_id, sku): int(qty) for order_id, sku, qty in cursor.fetchall()}
    return [_want(row, lines[row[0]], left_before) for row in orders]


def _want(row: Sequence[Any], lines: Sequence[Any], left_before: dict[tuple[int, str], int]) -> Want:
    order_id, promise_at, confirmed, shipped, delivered, cancelled = row
    # Of an order that left in part the shop says so on its lines.
    in_part = any(left > 0 for *_, left in lines) and any(left < qty for *_, qty, left in lines)
    gone = delivered or (shipped and not in_part)
    want = Want(order_id, promise_at, open=confirmed and not (gone or cancelled), gone=gone and not cancelled)
    for sku, name, qty, left in lines:
        want.names[sku], want.ordered[sku] = name, int(qty)
        want.need[sku] = int(qty - left)
        want.shipped[sku] = max(0, int(left) - left_before.get((order_id, sku), 0))
    return want


def skus_held(ids: Sequence[int]) -> set[str]:
    """The articles that these orders hold, those included that are no longer among their lines."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT v.sku FROM orders_allocation a JOIN orders_stocklevel v ON v.id = a.level_id
               WHERE a.order_id = ANY(%s) AND a.state = 'reserved'""",
            [list(ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def lock_levels(shop_id: int, skus: Sequence[str]) -> list[Level]:
    """The levels of these articles in all warehouses of the shop, locked lowest id first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT v.id, v.warehouse_id, w.rank, v.sku, v.on_hand, v.reserved
               FROM orders_stocklevel v JOIN orders_warehouse w ON w.id = v.warehouse_id
               WHERE v.shop_id = %s AND v.sku = ANY(%s) ORDER BY v.id FOR UPDATE OF v""",
            [shop_id, list(skus)],
        )
        return [Level(*row) for row in cursor.fetchall()]


def held_by(ids: Sequence[int]) -> list[Held]:
    """What these orders have reserved; read under the levels' locks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, order_id, level_id, qty FROM orders_allocation WHERE order_id = ANY(%s) AND state = 'reserved'",
            [list(ids)],
        )
        return [Held(*row) for row in cursor.fetchall()]


def awaited(shop_id: int, skus: Sequence[str], ids: Sequence[int]) -> set[str]:
    """Articles for which other orders wait that the sweep is about to serve."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT unnest(skus) FROM orders_stockwait
               WHERE shop_id = %s AND due AND skus && %s::varchar[] AND NOT order_id = ANY(%s)""",
            [shop_id, list(skus), list(ids)],
        )
        return {row[0] for row in cursor.fetchall()} & set(skus)


def incoming_of(shop_id: int, skus: Sequence[str]) -> dict[str, list[tuple[datetime, int]]]:
    """What comes in of these articles, by SKU."""
    found: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku, expected_at, qty FROM orders_incoming WHERE shop_id = %s AND sku = ANY(%s) ORDER BY 1, 2",
            [shop_id, list(skus)],
        )
        for sku, expected_at, qty in cursor.fetchall():
            found[sku].append((expected_at, qty))
    return found


def waited_for(shop_id: int, skus: Sequence[str], ids: Sequence[int]) -> list[tuple[str, datetime, int]]:
    """What other orders lack of these articles: (SKU, day of the promise, pieces), a row per day and SKU."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.value ->> 'sku', date_trunc('day', w.promise_at), sum((s.value ->> 'missing')::int)
               FROM orders_stockwait w, jsonb_array_elements(w.short) s
               WHERE w.shop_id = %s AND w.skus && %s::varchar[] AND NOT w.order_id = ANY(%s) GROUP BY 1, 2""",
            [shop_id, list(skus), list(ids)],
        )
        return [(sku, day, int(qty)) for sku, day, qty in cursor.fetchall()]
