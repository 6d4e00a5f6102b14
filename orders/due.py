"""The shape that every queue of record shares: rows with a due time, asked for per shop and claimed with SKIP LOCKED.

A shop whose history is replayed has its own present (`present_at`); everybody else's present is the database's clock.
So no row that lies in a replayed shop's future is ever walked over, and the cost stays proportional to what is due.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection


@dataclass(frozen=True, slots=True)
class DueTable:
    """Where due rows lie: table, key column, due column. A partial index on (shop_id, due) must exist."""

    table: str
    key: str
    due: str

    def shops(self, *, now: datetime | None = None) -> list[tuple[int, datetime]]:
        """(shop id, its present) of each shop with something due; one index probe per shop."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT s.id, p.present FROM orders_shop s,
                    LATERAL (SELECT COALESCE(s.present_at, %s, clock_timestamp()) AS present) p
                    WHERE EXISTS (SELECT 1 FROM {self.table} d WHERE d.shop_id = s.id AND d.{self.due} <= p.present)
                    ORDER BY s.id""",
                [now],
            )
            return cursor.fetchall()

    def claim(self, shop_id: int, present: datetime, limit: int) -> list[Any]:
        """Keys of at most `limit` due rows of the shop, oldest first, locked until the transaction ends."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT {self.key} FROM {self.table} WHERE shop_id = %s AND {self.due} <= %s
                    ORDER BY {self.due} LIMIT %s FOR UPDATE SKIP LOCKED""",
                [shop_id, present, limit],
            )
            return [row[0] for row in cursor.fetchall()]

    def lag(self, *, now: datetime | None = None) -> float:
        """Seconds by which the oldest due row of a live shop is late; 0.0 when nothing is due."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT COALESCE(MAX(EXTRACT(EPOCH FROM p.present - d.oldest)), 0) FROM orders_shop s,
                    LATERAL (SELECT COALESCE(%s, clock_timestamp()) AS present) p,
                    LATERAL (SELECT MIN({self.due}) AS oldest FROM {self.table} WHERE shop_id = s.id) d
                    WHERE s.present_at IS NULL AND d.oldest <= p.present""",
                [now],
            )
            return float(cursor.fetchone()[0])
