"""Documents and the order they belong to, read from the database and compared."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from orders.facts import Mismatch
from orders.matching import Comparison, Item, Ordered, Paper, compare, digest
from orders.papers import compares_of

# One query for a whole batch; orders without documents cost a look into an index.
_PAPERS = """
SELECT d.order_id, d.kind, d.number, d.lines, d.total_qty, d.total_amount, d.currency, d.is_partial, d.recorded_at,
       o.total, o.currency,
       (SELECT json_agg(json_build_array(l.sku, l.name, l.qty, NULLIF(l.unit_price, 0)::text, l.freight::text)
                        ORDER BY l.line_no) FROM orders_orderline l WHERE l.order_id = d.order_id),
       (SELECT array_agg(a.digest) FROM orders_accepteddifference a WHERE a.order_id = d.order_id AND a.kind = d.kind)
FROM orders_document d JOIN orders_order o ON o.id = d.order_id
WHERE d.order_id = ANY(%s) AND d.is_current ORDER BY d.order_id, d.kind, d.id
"""


@dataclass(frozen=True, slots=True)
class Compared:
    """All current documents of one kind against their order; `accepted` when somebody takes the differences."""

    kind: str
    numbers: tuple[str, ...]
    since: datetime
    comparison: Comparison
    digest: str
    accepted: bool

    @property
    def is_wrong(self) -> bool:
        """Something differs and nobody has accepted it."""
        return bool(self.comparison.differences) and not self.accepted


def compared(order_ids: Sequence[int]) -> dict[int, list[Compared]]:
    """Every kind of document of these orders, compared; one query. Orders without documents are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_PAPERS, [list(order_ids)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    groups: dict[tuple[int, str], list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        groups[row[0], row[1]].append(row)
    found: dict[int, list[Compared]] = defaultdict(list)
    for (order_id, kind), papers in groups.items():
        found[order_id].append(_compared(kind, papers))
    return found


def mismatches_of(order_ids: Sequence[int]) -> dict[int, tuple[Mismatch, ...]]:
    """What the documents of these orders say otherwise, per kind; one query, empty for orders without documents."""
    found: dict[int, tuple[Mismatch, ...]] = {}
    for order_id, kinds in compared(order_ids).items():
        wrong = tuple(_mismatch(each) for each in kinds if each.is_wrong)
        if wrong:
            found[order_id] = wrong
    return found


def _mismatch(each: Compared) -> Mismatch:
    return Mismatch(each.kind, ", ".join(each.numbers), each.since, each.comparison.differences)


def _compared(kind: str, rows: Sequence[tuple[Any, ...]]) -> Compared:
    total, currency, lines, accepted = rows[0][9:]
    papers = [
        Paper(number, items_of(items), total_qty, total_amount, paid_in, partial)
        for _, _, number, items, total_qty, total_amount, paid_in, partial, *_ in rows
    ]
    # A scan of which nobody has typed anything is kept, and says nothing.
    telling = [each for each in papers if each.items or each.total_qty is not None or each.total_amount is not None]
    comparison = compare(_ordered(_loaded(lines), total, currency), telling, compares_of(kind))
    name = digest(comparison.differences)
    since = max(row[8] for row in rows)
    numbers = tuple(paper.number for paper in papers)
    return Compared(kind, numbers, since, comparison, name, name in (accepted or ()))


def items_of(lines: Any) -> tuple[Item, ...]:
    """A document's stored lines."""
    return tuple(
        Item(sku, name, qty, None if amount is None else Decimal(amount))
        for sku, name, qty, amount, *_ in _loaded(lines)
    )


def _ordered(lines: Iterable[Any], total: Decimal, currency: str) -> Ordered:
    items, freight = [], Decimal(0)
    for sku, name, qty, price, freight_text in lines:
        items.append(Item(sku, name, qty, None if price is None else Decimal(price) * qty))
        freight += Decimal(freight_text)
    return Ordered(tuple(items), total, currency, freight)


def _loaded(value: Any) -> list[Any]:
    # psycopg2 hands over json parsed and jsonb, which Django reads by itself, as text.
    return json.loads(value) if isinstance(value, str) else list(value or ())
