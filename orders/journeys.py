"""From where to where and by whom an order travels: the words that lanes are known by (see orders/lanes.py)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from orders.lanes import LONGEST, SHORTEST, WINDOW, Lane

ORIGIN_AREA, DEST_AREA = 2, 3
"""So many leading characters of a postal code make an area."""

# The seller of the first line, and the carrier of the first parcel, speak for the order. A region is enough at home;
# abroad its country stands before it, and stands alone where no region is known.
LANE = f"""
    COALESCE(p.code, '') AS carrier,
    LEFT(COALESCE(NULLIF(s.region, ''), NULLIF(p.country, ''), s.country, ''), 60) AS origin,
    LEFT(CASE WHEN o.dest_region = '' THEN o.dest_country
              WHEN o.cross_border THEN o.dest_country || ' ' || o.dest_region ELSE o.dest_region END, 60) AS dest,
    LEFT(COALESCE(s.postcode, ''), {ORIGIN_AREA}) AS origin_area,
    LEFT(o.dest_postcode, {DEST_AREA}) AS dest_area
"""
LANE_FROM = """
    LEFT JOIN LATERAL (SELECT e.region, e.country, e.postcode FROM orders_orderline l
        JOIN orders_seller e ON e.id = l.seller_id WHERE l.order_id = o.id ORDER BY l.line_no LIMIT 1) s ON true
    LEFT JOIN LATERAL (SELECT c.code, h.origin_country AS country FROM orders_shipmentitem i
        JOIN orders_shipment h ON h.id = i.shipment_id JOIN orders_carrier c ON c.id = h.carrier_id
        WHERE i.order_id = o.id ORDER BY h.id LIMIT 1) p ON true
"""
WEEKDAY = "EXTRACT(isodow FROM o.shipped_at AT TIME ZONE %(zone)s)::int - 1"


class Travel(NamedTuple):
    """One order's lane, and the weekday of its hand-over on the shop's clock."""

    lane: Lane
    weekday: int


def travels_of(order_ids: Sequence[int], zone: str) -> dict[int, Travel]:
    """The lanes of these orders, which have been handed over; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT o.id, {WEEKDAY}, {LANE} FROM orders_order o {LANE_FROM}
                WHERE o.id = ANY(%(ids)s) AND o.shipped_at IS NOT NULL""",
            {"ids": list(order_ids), "zone": zone},
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {order_id: Travel(Lane(*lane), weekday) for order_id, weekday, *lane in rows}


@contextmanager
def journeys(shop_id: int, zone: str, present: datetime) -> Iterator[None]:
    """Inside, the temporary table lane_journey holds what was known of the shop's journeys at `present`.

    The caller is in a transaction. Later hand-overs are left out, what arrived later counts as on its way. `days`: how
    long it took, or its age.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE TEMPORARY TABLE lane_journey ON COMMIT DROP AS
                SELECT {WEEKDAY} AS weekday, {LANE}, COALESCE(o.delivered_at <= %(present)s, false) AS ended,
                    EXTRACT(epoch FROM %(present)s - o.shipped_at)::float8 / 86400 AS age,
                    LEAST(GREATEST(EXTRACT(epoch FROM LEAST(o.delivered_at, %(present)s) - o.shipped_at)::float8
                        / 86400, {SHORTEST}), {LONGEST}) AS days
                FROM orders_order o {LANE_FROM}
                WHERE o.shop_id = %(shop)s AND o.shipped_at < %(present)s AND o.placed_at < %(present)s
                    AND o.shipped_at >= %(present)s - %(window)s * interval '1 day'
                    AND (o.delivered_at IS NULL OR o.delivered_at >= o.shipped_at)
                    AND (o.cancelled_at IS NULL OR o.cancelled_at > %(present)s)""",
            {"shop": shop_id, "zone": zone, "present": present, "window": WINDOW},
        )
        cursor.execute("ANALYZE lane_journey")
        yield
        cursor.execute("DROP TABLE lane_journey")
