"""Milestones follow the facts: goods from stock by one statement, everything else by the plan it was laid by."""

from collections.abc import Iterable

from django.db import connection

from orders.services.planning import follow_plans
from orders.steps import READY, STOCK

PLANNED_TYPES = sorted(READY.keys() - {STOCK})

# Places leave room for the steps between (orders.steps). Orders that take a plan are only named, by the last column.
_SYNC = """
WITH edited AS (SELECT DISTINCT shop_id, order_type FROM orders_milestonetemplate),
asked AS MATERIALIZED (
    SELECT o.id, o.placed_at, o.paid_at, o.shipped_at, o.delivered_at, o.promised_ship_at, o.promised_delivery_at,
        NOT %(plain)s AND (k.kind = ANY(%(planned)s) OR EXISTS (
            SELECT 1 FROM edited e WHERE e.order_type IN (k.kind, 'stock')
            AND (e.shop_id IS NULL OR e.shop_id = o.shop_id))) AS planned
    FROM orders_order o, LATERAL (SELECT lower(translate(btrim(o.order_type), '- ', '__')) AS kind) k
    WHERE o.id = ANY(%(ids)s)),
written AS (
INSERT INTO orders_milestone AS m
    (order_id, code, seq, planned_at, promised_at, forecast_at, actual_at, owner_department, evidence)
SELECT o.id, s.code, s.seq, s.planned_at, s.promised_at, s.forecast_at, s.actual_at, s.department, ''
FROM asked o CROSS JOIN LATERAL (VALUES
    ('order_received', 10, o.placed_at, NULL, NULL, o.placed_at, 'front_line'),
    ('payment_confirmed', 20, o.placed_at + interval '24 hours', NULL, NULL, o.paid_at, 'finance'),
    ('handed_over', 40, COALESCE(o.promised_ship_at, o.paid_at + interval '48 hours'),
     COALESCE(o.promised_ship_at, o.paid_at + interval '48 hours'), NULL, o.shipped_at, 'warehouse'),
    ('delivered', 80, o.promised_delivery_at, o.promised_delivery_at, o.promised_delivery_at, o.delivered_at,
     'logistics')
) AS s (code, seq, planned_at, promised_at, forecast_at, actual_at, department)
WHERE NOT o.planned
ON CONFLICT (order_id, code, seq) DO UPDATE SET
    planned_at = COALESCE(m.planned_at, EXCLUDED.planned_at),
    -- what was promised about the payment stands nowhere on the order's row
    promised_at = CASE m.code WHEN 'payment_confirmed' THEN m.promised_at ELSE EXCLUDED.promised_at END,
    -- a forecast that somebody made from better knowledge than the promise stays
    forecast_at = CASE WHEN m.forecast_at IS NOT DISTINCT FROM m.promised_at THEN EXCLUDED.forecast_at
                       ELSE m.forecast_at END,
    actual_at = EXCLUDED.actual_at
WHERE ROW(m.planned_at, m.promised_at, m.forecast_at, m.actual_at) IS DISTINCT FROM
    ROW(COALESCE(m.planned_at, EXCLUDED.planned_at),
        CASE m.code WHEN 'payment_confirmed' THEN m.promised_at ELSE EXCLUDED.promised_at END,
        CASE WHEN m.forecast_at IS NOT DISTINCT FROM m.promised_at THEN EXCLUDED.forecast_at ELSE m.forecast_at END,
        EXCLUDED.actual_at)
RETURNING 1)
SELECT (SELECT COUNT(*) FROM written), (SELECT array_agg(id ORDER BY id) FROM asked WHERE planned)
"""


def sync_milestones(order_ids: Iterable[int]) -> int:
    """Bring the milestones of these orders in line with what has happened; how many were written.

    Goods from stock take one statement: their plan is frozen once set (payment within 24 h of placing, hand-over by the
    agreed date or 48 h after payment, delivery by the promise); the promise follows the order's row, and so does what
    has happened. Orders of other types follow their plans (see orders.services.planning), for a constant number of
    statements more.
    """
    ids = sorted(order_ids)
    if not ids:
        return 0
    written, planned = _sync(ids)
    if planned:
        followed, plain = follow_plans(planned)
        written += followed + (_sync(plain, plain=True)[0] if plain else 0)
    return written


def _sync(ids: list[int], *, plain: bool = False) -> tuple[int, list[int]]:
    """Rows written, and the orders that were left to their plans; none are left with `plain`."""
    with connection.cursor() as cursor:
        cursor.execute(_SYNC, {"ids": ids, "planned": PLANNED_TYPES, "plain": plain})
        written, planned = cursor.fetchone()
    return int(written), planned or []
