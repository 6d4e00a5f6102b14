"""Milestones that the order's own row tells: received, paid, handed over, delivered."""

from collections.abc import Iterable

from django.db import connection

# Positions leave room for the steps between; Milestone.Code gives the order of all.
_SYNC = """
INSERT INTO orders_milestone AS m
    (order_id, code, seq, planned_at, promised_at, forecast_at, actual_at, owner_department, evidence)
SELECT o.id, s.code, s.seq, s.planned_at, s.promised_at, s.forecast_at, s.actual_at, s.department, ''
FROM orders_order o CROSS JOIN LATERAL (VALUES
    ('order_received', 10, o.placed_at, NULL, NULL, o.placed_at, 'front_line'),
    ('payment_confirmed', 20, o.placed_at + interval '24 hours', NULL, NULL, o.paid_at, 'finance'),
    ('handed_over', 40, COALESCE(o.promised_ship_at, o.paid_at + interval '48 hours'),
     COALESCE(o.promised_ship_at, o.paid_at + interval '48 hours'), NULL, o.shipped_at, 'warehouse'),
    ('delivered', 80, o.promised_delivery_at, o.promised_delivery_at, o.promised_delivery_at, o.delivered_at,
     'logistics')
) AS s (code, seq, planned_at, promised_at, forecast_at, actual_at, department)
WHERE o.id = ANY(%s)
ON CONFLICT (order_id, code, seq) DO UPDATE SET
    planned_at = COALESCE(m.planned_at, EXCLUDED.planned_at),
    promised_at = EXCLUDED.promised_at,
    -- a forecast that somebody made from better knowledge than the promise stays
    forecast_at = CASE WHEN m.forecast_at IS NOT DISTINCT FROM m.promised_at THEN EXCLUDED.forecast_at
                       ELSE m.forecast_at END,
    actual_at = EXCLUDED.actual_at
WHERE ROW(m.planned_at, m.promised_at, m.forecast_at, m.actual_at) IS DISTINCT FROM
    ROW(COALESCE(m.planned_at, EXCLUDED.planned_at), EXCLUDED.promised_at,
        CASE WHEN m.forecast_at IS NOT DISTINCT FROM m.promised_at THEN EXCLUDED.forecast_at ELSE m.forecast_at END,
        EXCLUDED.actual_at)
"""


def sync_milestones(order_ids: Iterable[int]) -> int:
    """Bring the milestones of these orders in line with their rows; how many were written. One statement.

    The plan is frozen once set (payment within 24 h of placing, hand-over by the agreed date or 48 h after payment,
    delivery by the promise); the promise follows the order's row, and so does what has happened.
    """
    ids = sorted(order_ids)
    if not ids:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_SYNC, [ids])
        return int(cursor.rowcount)
