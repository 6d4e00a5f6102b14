"""Which warehouse serves which part of an order: pure choice, and when more comes in. No Django, no clock."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

Place = tuple[int, str]
"""Warehouse and SKU."""


def choose(need: Mapping[str, int], free: Mapping[Place, int], ranked: Sequence[int]) -> dict[Place, int]:
    """What each warehouse gives towards `need`, of what is `free` in it; `ranked` are the warehouses, best first.

    The first that can serve all of it does. If none can, the one that can give most pieces gives them, then the one
    that can give most of the rest, and so on: few parcels, nothing left lying that is needed.
    """
    left = {sku: qty for sku, qty in need.items() if qty > 0}
    for warehouse in ranked:
        if all(free.get((warehouse, sku), 0) >= qty for sku, qty in left.items()):
            return {(warehouse, sku): qty for sku, qty in left.items()}
    given: dict[Place, int] = {}
    unused = list(ranked)
    while left and unused:
        # max keeps the first of equals, which is the one of better rank.
        best = max(unused, key=lambda warehouse: sum(_gives(free, warehouse, left).values()))
        part = _gives(free, best, left)
        if not part:
            break
        unused.remove(best)
        for sku, qty in part.items():
            given[best, sku] = qty
            left[sku] -= qty
        left = {sku: qty for sku, qty in left.items() if qty}
    return given


def _gives(free: Mapping[Place, int], warehouse: int, left: Mapping[str, int]) -> dict[str, int]:
    able = {sku: min(qty, free.get((warehouse, sku), 0)) for sku, qty in left.items()}
    return {sku: qty for sku, qty in able.items() if qty > 0}


def trimmed(need: Mapping[str, int], held: Mapping[Place, int], ranked: Sequence[int]) -> dict[Place, int]:
    """What stays of `held` when no more than `need` is needed: the warehouse of the worst rank lets go first."""
    kept: dict[Place, int] = {}
    left = dict(need)
    for warehouse in ranked:
        for (place, sku), qty in sorted(held.items()):
            if place == warehouse and (stays := min(qty, left.get(sku, 0))) > 0:
                kept[place, sku] = stays
                left[sku] -= stays
    return kept


def missing(need: Mapping[str, int], given: Mapping[Place, int]) -> dict[str, int]:
    """What is short of each SKU."""
    left = dict(need)
    for (_, sku), qty in given.items():
        left[sku] = left.get(sku, 0) - qty
    return {sku: qty for sku, qty in left.items() if qty > 0}


def expected(short: int, ahead: int, incoming: Iterable[tuple[datetime, int]]) -> datetime | None:
    """When so much has come in that `short` pieces are left after the `ahead` that others wait for; None if never."""
    left = short + ahead
    for at, qty in sorted(incoming):
        left -= qty
        if left <= 0:
            return at
    return None
