"""Counting anomalies per segment and hour, and who is exposed: one statement each, over what happened lately."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

HOUR = timedelta(hours=1)
# Segments that hold fewer orders are not kept; they are judged as if they held so many.
FEWEST = 20
# Of more orders under way a sample of about so many is counted: an hour's exposure need not be exact.
SAMPLE = 50_000

# What the order `o` and its parcel `p` belong to; needs both, and gives (kind, key) rows.
_BELONGS = """
    VALUES ('shop', ''), ('carrier', p.carrier_id::text), ('hub', NULLIF(p.place, '')),
        ('region', NULLIF(o.dest_country || '/' || o.dest_region, '/')),
        ('city', CASE WHEN o.dest_city <> '' THEN o.dest_country || '/' || o.dest_region || '/' || o.dest_city END),
        ('lane', CASE WHEN p.origin_country <> '' AND o.dest_country <> ''
                 THEN p.origin_country || '>' || o.dest_country || '/' || o.dest_region END)
    UNION ALL SELECT DISTINCT 'sku', l.sku FROM orders_orderline l WHERE l.order_id = o.id AND l.sku <> ''
    UNION ALL SELECT DISTINCT 'warehouse', v.warehouse_id::text FROM orders_allocation t
        JOIN orders_stocklevel v ON v.id = t.level_id WHERE t.order_id = o.id AND t.state <> 'released'
    UNION ALL SELECT DISTINCT 'feed', f.source::text FROM orders_parcelfeed f WHERE f.shipment_id = p.id
"""
_FIRST_PARCEL = "(SELECT MIN(i.shipment_id) FROM orders_shipmentitem i WHERE i.order_id = o.id)"
# Anomalies with their segments: `{which}` narrows the anomalies `a`.
SEGMENTED = f"""
    SELECT a.id, a.shop_id, a.order_id, a.code, a.opened_at, s.kind, s.key
    FROM orders_anomaly a JOIN orders_order o ON o.id = a.order_id
    LEFT JOIN orders_shipment p ON p.id = COALESCE(a.shipment_id, {_FIRST_PARCEL})
    CROSS JOIN LATERAL ({_BELONGS}) s (kind, key)
    WHERE s.key IS NOT NULL AND a.state <> 'suspected' AND a.code <> ALL(%(uncounted)s) AND {{which}}
"""
_COUNT = f"""
    INSERT INTO orders_segmenthour (shop_id, code, kind, key, hour, x, held, orders)
    SELECT g.shop_id, g.code, g.kind, left(g.key, 200), date_trunc('hour', g.opened_at), COUNT(*),
           COUNT(m.anomaly_id), COUNT(DISTINCT g.order_id) FILTER (WHERE m.anomaly_id IS NULL)
    FROM ({SEGMENTED.format(which="a.shop_id = %(shop)s AND a.opened_at >= %(since)s AND a.opened_at <= %(until)s")}) g
    LEFT JOIN orders_affected m ON m.anomaly_id = g.id
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (shop_id, code, kind, key, hour)
    DO UPDATE SET x = EXCLUDED.x, held = EXCLUDED.held, orders = EXCLUDED.orders
"""
_EXPOSE = f"""
    INSERT INTO orders_exposure AS e (shop_id, kind, key, n, at)
    SELECT %(shop)s, s.kind, left(s.key, 200), COUNT(*) * %(every)s, %(at)s
    FROM orders_orderdue d JOIN orders_order o ON o.id = d.order_id
    LEFT JOIN orders_shipment p ON p.id = {_FIRST_PARCEL}
    CROSS JOIN LATERAL ({_BELONGS}) s (kind, key)
    WHERE d.shop_id = %(shop)s AND d.order_id %% %(every)s = 0 AND s.key IS NOT NULL
    GROUP BY 2, 3 HAVING COUNT(*) * %(every)s >= %(fewest)s
    ON CONFLICT (shop_id, kind, key) DO UPDATE SET n = EXCLUDED.n, at = EXCLUDED.at
"""
# Found of groups, not of orders one by one: counting them would count an incident's own echo.
UNCOUNTED = ["batch_event", "feed_silent", "repeat_victim"]


class Loud(NamedTuple):
    """A segment in an hour with enough anomalies outside of incidents to ask whether they are too many."""

    code: str
    kind: str
    key: str
    hour: datetime
    orders: int


def count_hours(shop_id: int, *, since: datetime, until: datetime) -> None:
    """Count the shop's anomalies found from the hour of `since` up to `until` anew; counting again changes nothing."""
    given: dict[str, Any] = {"shop": shop_id, "since": hour_of(since), "until": until, "uncounted": UNCOUNTED}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, given)


def count_exposed(shop_id: int, *, at: datetime) -> None:
    """Count the shop's orders under way per segment; what was not seen again is gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM orders_orderdue WHERE shop_id = %s", [shop_id])
        every = max(1, round(cursor.fetchone()[0] / SAMPLE))
        cursor.execute(_EXPOSE, {"shop": shop_id, "at": at, "every": every, "fewest": FEWEST})
        cursor.execute("DELETE FROM orders_exposure WHERE shop_id = %s AND at < %s", [shop_id, at])


def loud_segments(shop_id: int, *, since: datetime, least: int, least_orders: int) -> list[Loud]:
    """The segments to judge: at least so many anomalies on so many orders in an hour from `since` on."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT code, kind, key, hour, orders FROM orders_segmenthour
               WHERE shop_id = %s AND hour >= %s AND x - held >= %s AND orders >= %s ORDER BY hour, code""",
            [shop_id, since, least, least_orders],
        )
        return [Loud(*row) for row in cursor.fetchall()]


def counts_of(
    shop_id: int, wanted: set[tuple[str, str, str]], *, since: datetime
) -> dict[tuple[str, str, str], dict[datetime, tuple[int, int]]]:
    """(all, those outside of incidents) by hour for each (code, kind, key); one query."""
    found: dict[tuple[str, str, str], dict[datetime, tuple[int, int]]] = {key: {} for key in wanted}
    rows = sorted(wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT h.code, h.kind, h.key, h.hour, h.x, h.x - h.held FROM orders_segmenthour h
               JOIN unnest(%s::text[], %s::text[], %s::text[]) AS u (code, kind, key)
               ON h.code = u.code AND h.kind = u.kind AND h.key = u.key WHERE h.shop_id = %s AND h.hour >= %s""",
            [*([row[n] for row in rows] for n in range(3)), shop_id, since],
        )
        for code, kind, key, hour, x, free in cursor.fetchall():
            found[code, kind, key][hour] = (x, free)
    return found


def exposed_of(shop_id: int) -> dict[tuple[str, str], int]:
    """Orders under way by (kind, key)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind, key, n FROM orders_exposure WHERE shop_id = %s", [shop_id])
        return {(kind, key): n for kind, key, n in cursor.fetchall()}


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)
