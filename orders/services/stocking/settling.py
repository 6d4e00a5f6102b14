"""Reservations follow the orders: confirmed ones reserve, shipped ones take away, cancelled ones let go.

Locks are taken in one sequence by everybody: due rows and rows of orders by id, then levels by id, then waiting rows.
What is free is only known under the levels' locks, so nothing is ever promised twice. A shop without a single level
costs one look into an index; otherwise the number of statements does not depend on how many orders there are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from orders.allocating import Place, choose, missing, trimmed
from orders.services.stocking import reading, writing
from orders.services.stocking.reading import Held, Level, Want


@dataclass(slots=True)
class Plan:
    """What a batch writes: new totals of levels, and per order what it holds, has shipped and waits for."""

    levels: dict[int, Level]
    ranked: list[int]
    of_sku: dict[str, list[Level]]
    held: dict[int, dict[int, Held]] = field(default_factory=lambda: defaultdict(dict))
    target: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    shipped: list[tuple[int, int, int]] = field(default_factory=list)
    waits: list[writing.Wait] = field(default_factory=list)
    served: list[int] = field(default_factory=list)
    freed: set[str] = field(default_factory=set)


def keeps_stock(shop_id: int) -> bool:
    """Whether the shop keeps stock of anything."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM orders_stocklevel WHERE shop_id = %s)", [shop_id])
        return bool(cursor.fetchone()[0])


def settle(shop_id: int, order_ids: Iterable[int], *, present: datetime, sweeping: bool = False) -> list[int]:
    """Bring the reservations of these orders of one shop in line with what they are at `present`.

    Inside a transaction; the caller holds the orders' due rows. Returns the orders that are still short. While others
    wait whom the sweep has not served yet, a new order joins them instead of overtaking: only `sweeping` serves.
    """
    ids = sorted(set(order_ids))
    if not ids or not keeps_stock(shop_id):
        return []
    wants = reading.wants_of(shop_id, ids, present)
    skus = sorted({sku for want in wants for sku in want.need} | reading.skus_held(ids))
    if not skus:
        writing.forget(ids)
        return []
    levels = reading.lock_levels(shop_id, skus)
    of_sku: dict[str, list[Level]] = defaultdict(list)
    for level in levels:
        of_sku[level.sku].append(level)
    plan = Plan({level.id: level for level in levels}, _ranked(levels), of_sku)
    for held in reading.held_by(ids):
        plan.held[held.order_id][held.level_id] = held
    awaited = set() if sweeping else reading.awaited(shop_id, skus, ids)
    for want in sorted(wants, key=lambda each: (each.promise_at, each.order_id)):
        _settle(plan, want, awaited)
    return _write(shop_id, plan, ids, present)


def _ranked(levels: Sequence[Level]) -> list[int]:
    return [place for _, place in sorted({(level.rank, level.warehouse_id) for level in levels})]


def _settle(plan: Plan, want: Want, awaited: set[str]) -> None:
    """Decide what one order holds from now on; later orders of the batch find what it leaves."""
    holds = {level_id: held.qty for level_id, held in plan.held[want.order_id].items()}
    for level_id, qty in _taken(plan, want, holds).items():
        plan.shipped.append((want.order_id, level_id, qty))
        plan.levels[level_id].on_hand -= qty
        plan.levels[level_id].reserved -= qty
        holds[level_id] -= qty
    before = {plan.levels[level_id].place: qty for level_id, qty in holds.items() if qty}
    need = want.need if want.open else {}
    after = trimmed(need, before, plan.ranked)
    undecided = bool(missing(need, after)) and not awaited.isdisjoint(missing(need, after))
    if missing(need, after) and not undecided:
        after = choose(need, _free(plan, need, before), plan.ranked)
    _move(plan, want.order_id, before, after)
    short = missing(need, after)
    if not short:
        plan.served.append(want.order_id)
        return
    ready, wanted = sum(after.values()), sum(need.values())
    plan.waits.append(writing.Wait(want, {} if undecided else short, sorted(short), undecided, ready, wanted))


def _taken(plan: Plan, want: Want, holds: Mapping[int, int]) -> dict[int, int]:
    """What has left the warehouse of what the order holds: all of it, or as many pieces as the shop says."""
    if want.gone:
        return dict(holds)
    taken: dict[int, int] = {}
    for sku, left in want.shipped.items():
        for level_id in sorted(holds):
            if left > 0 and plan.levels[level_id].sku == sku:
                taken[level_id] = min(left, holds[level_id])
                left -= taken[level_id]
    return {level_id: qty for level_id, qty in taken.items() if qty}


def _free(plan: Plan, skus: Iterable[str], own: Mapping[Place, int]) -> dict[Place, int]:
    levels = [level for sku in skus for level in plan.of_sku[sku]]
    return {level.place: level.on_hand - level.reserved + own.get(level.place, 0) for level in levels}


def _move(plan: Plan, order_id: int, before: Mapping[Place, int], after: Mapping[Place, int]) -> None:
    skus = {sku for _, sku in (*before, *after)}
    for level in [level for sku in sorted(skus) for level in plan.of_sku[sku]]:
        change = after.get(level.place, 0) - before.get(level.place, 0)
        level.reserved += change
        if change < 0:
            plan.freed.add(level.sku)
        if after.get(level.place):
            plan.target[order_id][level.id] = after[level.place]


def _write(shop_id: int, plan: Plan, ids: Sequence[int], present: datetime) -> list[int]:
    writing.write_shipped(plan.shipped, present)
    writing.write_held(plan.held, plan.target, plan.shipped, present)
    writing.write_levels(plan.levels.values())
    writing.write_waits(shop_id, plan.waits, present)
    writing.forget(sorted(set(ids) - {wait.want.order_id for wait in plan.waits}))
    if plan.freed:
        writing.wake(shop_id, plan.freed, but=ids)
    return [wait.want.order_id for wait in plan.waits]
