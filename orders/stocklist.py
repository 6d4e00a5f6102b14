"""What the stock pages show: a page of the list, and one article with who has reserved what."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, F, Q, QuerySet, Sum
from django.db.models.expressions import RawSQL

from orders.listing import BadCursor
from orders.models import Allocation, Incoming, Order, StockLevel, StockWait

PAGE = 50
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class StockFilters:
    """What the list is narrowed to; empty means everything."""

    text: str = ""
    shop: int | None = None
    warehouse: str = ""
    short: bool = False

    def narrow(self, levels: QuerySet[StockLevel]) -> QuerySet[StockLevel]:
        """The levels that fit. A SKU is found by how it begins, in either case."""
        if self.text.strip():
            begin = self.text.strip()
            ways = {begin, begin.upper(), begin.lower()}
            condition = Q()
            for way in ways:
                condition |= Q(sku__startswith=way)
            levels = levels.filter(condition)
        if self.shop:
            levels = levels.filter(shop=self.shop)
        if self.warehouse:
            levels = levels.filter(warehouse__code=self.warehouse)
        if self.short:
            levels = levels.filter(on_hand__lte=F("reserved") + F("low_at"))
        return levels


@dataclass(frozen=True, slots=True)
class StockPage:
    """A page of the list, and the cursor of the next one ("" on the last)."""

    rows: list[StockLevel]
    next: str


def page(levels: QuerySet[StockLevel], *, cursor: str = "", limit: int = PAGE) -> StockPage:
    """One page by SKU; two queries. Raises BadCursor for a cursor that this list never gave out."""
    levels = levels.select_related("shop", "warehouse").order_by("sku", "id")
    if cursor:
        last_id, _, sku = cursor.partition("_")
        if not last_id.isascii() or not last_id.isdigit():
            raise BadCursor
        after = "(orders_stocklevel.sku, orders_stocklevel.id) > (%s, %s)"
        levels = levels.filter(RawSQL(after, (sku, int(last_id[:18])), output_field=BooleanField()))
    found = list(levels[: limit + 1])
    rows = found[:limit]
    _with_incoming(rows)
    last = rows[-1] if len(found) > limit else None
    return StockPage(rows, f"{last.pk}_{last.sku}" if last else "")


def _with_incoming(rows: Sequence[StockLevel]) -> None:
    """Put `soon`, the next delivery, on each row; one query, of these articles only."""
    coming: dict[tuple[int, str], list[Incoming]] = {}
    skus = {row.sku for row in rows}
    for each in Incoming.objects.filter(sku__in=skus).order_by("expected_at", "id"):
        coming.setdefault((each.warehouse_id, each.sku), []).append(each)
    for row in rows:
        row.soon = coming.get((row.warehouse_id, row.sku), [])  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Article:
    """One article of a shop in all its warehouses."""

    levels: list[StockLevel]
    reserved: list[Allocation]
    reserved_hidden: int
    waiting: list[StockWait]
    totals: dict[str, int]


def article(level: StockLevel, visible: QuerySet[Order]) -> Article:
    """The article of this level. Orders outside `visible` are counted, not named. At most 100 of each are listed."""
    everywhere = StockLevel.objects.filter(shop=level.shop_id, sku=level.sku).select_related("warehouse")
    levels = list(everywhere.order_by("warehouse__rank", "id"))
    _with_incoming(levels)
    held = Allocation.objects.filter(level__in=levels, state=Allocation.State.RESERVED)
    seen = held.filter(order__in=visible).select_related("order", "level__warehouse")
    everybody = held.aggregate(pieces=Sum("qty"))["pieces"] or 0
    named = seen.aggregate(pieces=Sum("qty"))["pieces"] or 0
    waiting = StockWait.objects.filter(shop=level.shop_id, skus__contains=[level.sku], order__in=visible)
    rows = list(waiting.select_related("order").order_by("promise_at", "order_id")[:MOST_SHOWN])
    for wait in rows:
        missing = [short["missing"] for short in wait.short if short["sku"] == level.sku]
        wait.missing = missing[0] if missing else None  # type: ignore[attr-defined]
    totals = {
        "on_hand": sum(row.on_hand for row in levels),
        "reserved": sum(row.reserved for row in levels),
        "free": sum(row.free for row in levels),
        "coming": sum(each.qty for row in levels for each in row.soon),  # type: ignore[attr-defined]
    }
    return Article(levels, list(seen.order_by("at", "id")[:MOST_SHOWN]), everybody - named, rows, totals)
