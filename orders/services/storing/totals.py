"""Totals of orders whose source gives no total."""

from collections.abc import Iterable

from django.db import connection

from orders.services.storing.batch import Work

LINES = """SELECT order_id, SUM(unit_price * qty + freight) AS total FROM orders_orderline WHERE order_id = ANY(%s)
    GROUP BY 1"""
PAYMENTS = """SELECT order_id, SUM(amount) AS total FROM orders_payment p WHERE order_id = ANY(%s)
    AND NOT EXISTS (SELECT 1 FROM orders_orderline l WHERE l.order_id = p.order_id) GROUP BY 1"""


def total_orders(work: Work, order_ids: Iterable[int]) -> set[int]:
    """Set the totals that differ from the sum of lines, or of payments where there are no lines; ids of those orders.

    Which of the two count is the mapping's `total_from`.
    """
    ids = sorted(order_ids)
    changed: set[int] = set()
    for source, sums in (("lines", LINES), ("payments", PAYMENTS)):
        if ids and source in work.mapping.total_from:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"""UPDATE orders_order o SET total = s.total, version = o.version + 1, updated_at = now()
                        FROM ({sums}) s WHERE o.id = s.order_id AND o.total <> s.total RETURNING o.id""",
                    [ids],
                )
                changed |= {row[0] for row in cursor.fetchall()}
    return changed
