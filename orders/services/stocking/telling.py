"""Taking in what a shop says about its stock: absolute numbers, so that saying it twice changes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from orders.models import Incoming, Shop, StockLevel, Warehouse
from orders.services.stocking.writing import wake
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

MOST_ENTRIES = 500
# An article that stock is kept of from now on may have been ordered before; older orders are left as they are.
LOOK_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods that come in."""

    qty: int
    expected_at: datetime
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One article in one warehouse; None says nothing. `incoming`, when given, is all there is to come."""

    warehouse: str
    sku: str
    on_hand: int | None = None
    name: str | None = None
    low_at: int | None = None
    incoming: Sequence[Delivery] | None = None


@transaction.atomic
def tell(*, shop: Shop, told: Sequence[Told], now: datetime) -> list[str]:
    """Take in these entries of one shop; "new", "changed" or "same" for each. No warehouse and SKU may come twice.

    Warehouses that are not known are made. Where less is on hand than is reserved, the latest promises let go and wait
    again. Whoever waits for what has moved is looked at by the next sweep. Constant number of statements.
    """
    places = _warehouses(shop, {each.warehouse for each in told})
    keys = [(places[each.warehouse], each.sku) for each in told]
    levels = _locked(shop, keys)
    known_skus = {sku for _, sku in levels} | _known(shop, {sku for _, sku in keys})
    outcomes, moved = [], set[str]()
    fresh: list[StockLevel] = []
    for key, each in zip(keys, told, strict=True):
        level = levels.get(key)
        if level is None:
            level = StockLevel(shop=shop, warehouse_id=key[0], sku=key[1])
            fresh.append(level)
            outcomes.append("new")
        else:
            outcomes.append("changed" if _differs(level, each) else "same")
        if each.on_hand is not None and each.on_hand > level.on_hand:
            moved.add(each.sku)
        _set(level, each)
    _let_go([level for level in levels.values() if level.reserved > level.on_hand], shop, now)
    StockLevel.objects.bulk_create(fresh)
    _update([level for level, outcome in zip(_in_order(levels, keys), outcomes, strict=True) if outcome == "changed"])
    moved |= _incoming(shop, keys, told, outcomes)
    _queue(shop, {level.sku for level in fresh} - known_skus, shop.present(now))
    if moved:
        wake(shop.pk, moved)
    return outcomes


def _warehouses(shop: Shop, codes: set[str]) -> dict[str, int]:
    known = dict(Warehouse.objects.filter(shop=shop, code__in=codes).values_list("code", "pk"))
    if missing := sorted(codes - set(known)):
        Warehouse.objects.bulk_create([Warehouse(shop=shop, code=code) for code in missing], ignore_conflicts=True)
        known = dict(Warehouse.objects.filter(shop=shop, code__in=codes).values_list("code", "pk"))
    return known


def _locked(shop: Shop, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], StockLevel]:
    wanted = set(keys)
    rows = StockLevel.objects.select_for_update().filter(shop=shop, sku__in={sku for _, sku in keys}).order_by("pk")
    return {(row.warehouse_id, row.sku): row for row in rows if (row.warehouse_id, row.sku) in wanted}


def _known(shop: Shop, skus: set[str]) -> set[str]:
    return set(StockLevel.objects.filter(shop=shop, sku__in=skus).values_list("sku", flat=True))


def _in_order(levels: Mapping[tuple[int, str], StockLevel], keys: Sequence[tuple[int, str]]) -> list[StockLevel | None]:
    return [levels.get(key) for key in keys]


SET = ("on_hand", "name", "low_at")


def _differs(level: StockLevel, told: Told) -> bool:
    return any(getattr(told, name) not in (None, getattr(level, name)) for name in SET)


def _set(level: StockLevel, told: Told) -> None:
    for name in SET:
        if getattr(told, name) is not None:
            setattr(level, name, getattr(told, name))


def _update(levels: Sequence[StockLevel | None]) -> None:
    rows = [level for level in levels if level is not None]
    bulk.update(
        "orders_stocklevel",
        {
            "on_hand": Column("integer", [row.on_hand for row in rows]),
            "reserved": Column("integer", [row.reserved for row in rows]),
            "name": Column("text", [row.name for row in rows]),
            "low_at": Column("integer", [row.low_at for row in rows]),
            "updated_at": Column("timestamptz", [timezone.now()] * len(rows)),
        },
        Column("bigint", [row.pk for row in rows]),
    )


_LET_GO = """
WITH ranked AS (
    SELECT a.id, a.order_id, a.level_id, a.qty,
           COALESCE(o.promised_ship_at, o.promised_delivery_at, o.paid_at, o.placed_at) AS promise_at,
           sum(a.qty) OVER (PARTITION BY a.level_id ORDER BY
               COALESCE(o.promised_ship_at, o.promised_delivery_at, o.paid_at, o.placed_at), o.id) AS upto
    FROM orders_allocation a JOIN orders_order o ON o.id = a.order_id
    WHERE a.level_id = ANY(%(levels)s) AND a.state = 'reserved')
SELECT r.id, r.order_id, r.level_id, r.promise_at, LEAST(r.qty, r.upto - u.on_hand)::int, r.qty
FROM ranked r JOIN unnest(%(levels)s::bigint[], %(on_hand)s::int[]) AS u(id, on_hand) ON u.id = r.level_id
WHERE r.upto > u.on_hand
"""


def _let_go(levels: Sequence[StockLevel], shop: Shop, now: datetime) -> None:
    """Where less is there than was promised, the latest promises are taken back: those orders wait again."""
    if not levels:
        return
    by_id = {level.pk: level for level in levels}
    given = {"levels": list(by_id), "on_hand": [level.on_hand for level in levels]}
    with connection.cursor() as cursor:
        cursor.execute(_LET_GO, given)
        rows: list[Any] = cursor.fetchall()
        whole = [row_id for row_id, _, _, _, goes, held in rows if goes == held]
        cursor.execute(
            "UPDATE orders_allocation SET state = 'released', ended_at = %s WHERE id = ANY(%s)", [now, whole]
        )
    part = [(row_id, held - goes) for row_id, _, _, _, goes, held in rows if goes < held]
    bulk.update(
        "orders_allocation",
        {"qty": Column("integer", [qty for _, qty in part])},
        Column("bigint", [row_id for row_id, _ in part]),
    )
    for _, _, level_id, _, goes, _ in rows:
        by_id[level_id].reserved -= goes
    waiting = {order_id: promise_at for _, order_id, _, promise_at, _, _ in rows}
    _wait(shop, waiting, sorted({level.sku for level in levels}), shop.present(now))


def _wait(shop: Shop, waiting: Mapping[int, datetime], skus: Sequence[str], now: datetime) -> None:
    bulk.insert(
        "orders_stockwait",
        {
            "order_id": Column("bigint", sorted(waiting)),
            "promise_at": Column("timestamptz", [waiting[order_id] for order_id in sorted(waiting)]),
        },
        constants={
            "shop_id": shop.pk, "since": now, "due": True, "skus": list(skus), "short": "[]", "ready": 0, "wanted": 0,
        },
        conflict="(order_id) DO UPDATE SET due = true",
        returning=(),
    )  # fmt: skip


def _incoming(shop: Shop, keys: Sequence[tuple[int, str]], told: Sequence[Told], outcomes: list[str]) -> set[str]:
    """Replace what comes in where that is told; the articles of which it changed."""
    given = {key: each for key, each in zip(keys, told, strict=True) if each.incoming is not None}
    if not given:
        return set()
    before: dict[tuple[int, str], set[tuple[int, datetime, str]]] = {}
    rows = Incoming.objects.filter(shop=shop, sku__in={sku for _, sku in given})
    stored = [row for row in rows if (row.warehouse_id, row.sku) in given]
    for row in stored:
        before.setdefault((row.warehouse_id, row.sku), set()).add((row.qty, row.expected_at, row.reference))
    after = {key: _merged(each.incoming or ()) for key, each in given.items()}
    changed = {key for key in given if after[key] != before.get(key, set())}
    Incoming.objects.filter(pk__in=[row.pk for row in stored if (row.warehouse_id, row.sku) in changed]).delete()
    Incoming.objects.bulk_create(
        Incoming(shop=shop, warehouse_id=place, sku=sku, qty=qty, expected_at=at, reference=reference)
        for place, sku in sorted(changed)
        for qty, at, reference in sorted(after[place, sku])
    )
    for number, key in enumerate(keys):
        if key in changed and outcomes[number] == "same":
            outcomes[number] = "changed"
    return {sku for _, sku in changed}


def _merged(incoming: Sequence[Delivery]) -> set[tuple[int, datetime, str]]:
    """Deliveries of one number and day are one."""
    pieces: Counter[tuple[datetime, str]] = Counter()
    for delivery in incoming:
        pieces[delivery.expected_at, delivery.reference] += delivery.qty
    return {(qty, at, reference) for (at, reference), qty in pieces.items() if qty}


def _queue(shop: Shop, skus: set[str], present: datetime) -> None:
    """Confirmed orders for articles that stock is kept of from now on stand in the queue as if they came now."""
    if not skus:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO orders_stockwait (order_id, shop_id, promise_at, since, due, skus, short, ready, wanted)
               SELECT o.id, o.shop_id, COALESCE(o.promised_ship_at, o.promised_delivery_at, o.paid_at, o.placed_at),
                      %(now)s, true, array_agg(DISTINCT l.sku), '[]', 0, 0
               FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id AND l.sku = ANY(%(skus)s)
               WHERE o.shop_id = %(shop)s AND o.placed_at > %(since)s AND o.placed_at <= %(now)s
                 AND o.paid_at <= %(now)s AND o.shipped_at IS NULL AND o.delivered_at IS NULL
                 AND o.cancelled_at IS NULL
               GROUP BY o.id ORDER BY o.id
               ON CONFLICT (order_id) DO UPDATE SET due = true""",
            {"shop": shop.pk, "skus": sorted(skus), "now": present, "since": present - LOOK_BACK},
        )
