"""Who waits for stock, read from the database."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from orders.facts import Shortage, ShortItem


def shortages_of(order_ids: Sequence[int]) -> dict[int, Shortage]:
    """What these orders lack; one query, empty for orders that lack nothing or that the sweep has not looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT order_id, since, short, ready, wanted FROM orders_stockwait
               WHERE order_id = ANY(%s) AND short <> '[]'""",
            [list(order_ids)],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {order_id: Shortage(since, _items(short), ready, wanted) for order_id, since, short, ready, wanted in rows}


def _items(short: Any) -> tuple[ShortItem, ...]:
    rows = json.loads(short) if isinstance(short, str) else short
    return tuple(
        ShortItem(row["sku"], row["name"], row["ordered"], row["missing"], _moment(row["expected_at"])) for row in rows
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
