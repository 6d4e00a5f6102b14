"""What settling writes, each in one statement for any number of orders."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from orders.allocating import expected
from orders.services.stocking.reading import Held, Level, Want, incoming_of, waited_for
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

ALLOCATION = "orders_allocation"


@dataclass(frozen=True, slots=True)
class Wait:
    """An order that lacks `short` per SKU; `undecided` ones only stand in the queue. `ready` of `wanted` are held."""

    want: Want
    short: Mapping[str, int]
    skus: list[str]
    undecided: bool
    ready: int
    wanted: int


def write_shipped(shipped: Sequence[tuple[int, int, int]], now: datetime) -> None:
    """Put on record what has left: (order, level, pieces)."""
    bulk.insert(
        ALLOCATION,
        {
            "order_id": Column("bigint", [order_id for order_id, _, _ in shipped]),
            "level_id": Column("bigint", [level_id for _, level_id, _ in shipped]),
            "qty": Column("integer", [qty for _, _, qty in shipped]),
        },
        constants={"state": "shipped", "at": now, "ended_at": now},
        returning=(),
    )


def write_held(
    held: Mapping[int, Mapping[int, Held]],
    target: Mapping[int, Mapping[int, int]],
    shipped: Sequence[tuple[int, int, int]],
    now: datetime,
) -> None:
    """Make the reservations what they are to be; what was let go stays on record as released, what left is gone."""
    left = {(order_id, level_id) for order_id, level_id, _ in shipped}
    ended: list[int] = []
    gone: list[int] = []
    changed: list[tuple[int, int]] = []
    fresh: list[tuple[int, int, int]] = []
    for order_id in {*held, *target}:
        wanted = target.get(order_id, {})
        for level_id, row in held.get(order_id, {}).items():
            if level_id in wanted:
                changed += [(row.id, wanted[level_id])] if wanted[level_id] != row.qty else []
            else:
                (gone if (order_id, level_id) in left else ended).append(row.id)
        fresh += [(order_id, *pair) for pair in wanted.items() if pair[0] not in held.get(order_id, {})]
    if ended or gone:
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {ALLOCATION} SET state = 'released', ended_at = %s WHERE id = ANY(%s)", [now, ended]
            )
            cursor.execute(f"DELETE FROM {ALLOCATION} WHERE id = ANY(%s)", [gone])
    bulk.update(
        ALLOCATION,
        {"qty": Column("integer", [qty for _, qty in changed])},
        Column("bigint", [row_id for row_id, _ in changed]),
    )
    bulk.insert(
        ALLOCATION,
        {
            "order_id": Column("bigint", [order_id for order_id, _, _ in fresh]),
            "level_id": Column("bigint", [level_id for _, level_id, _ in fresh]),
            "qty": Column("integer", [qty for _, _, qty in fresh]),
        },
        constants={"state": "reserved", "at": now},
        returning=(),
    )


def write_levels(levels: Iterable[Level]) -> None:
    """The locked levels' new numbers."""
    with connection.cursor() as cursor:
        source, parameters = bulk.unnest(_numbers(list(levels)))
        cursor.execute(
            f"""UPDATE orders_stocklevel v SET on_hand = u.on_hand, reserved = u.reserved, updated_at = now()
                FROM {source} WHERE v.id = u.id AND (v.on_hand, v.reserved) <> (u.on_hand, u.reserved)""",
            parameters,
        )


def _numbers(levels: Sequence[Level]) -> dict[str, Column]:
    return {
        "id": Column("bigint", [level.id for level in levels]),
        "on_hand": Column("integer", [level.on_hand for level in levels]),
        "reserved": Column("integer", [level.reserved for level in levels]),
    }


def write_waits(shop_id: int, waits: Sequence[Wait], now: datetime) -> None:
    """Who waits for what, with the day on which enough will have come in, those counted who wait longer."""
    if not waits:
        return
    short = _short(shop_id, waits)
    bulk.insert(
        "orders_stockwait",
        {
            "order_id": Column("bigint", [wait.want.order_id for wait in waits]),
            "promise_at": Column("timestamptz", [wait.want.promise_at for wait in waits]),
            "due": Column("boolean", [wait.undecided for wait in waits]),
            "short": Column("jsonb", short),
            "ready": Column("integer", [wait.ready for wait in waits]),
            "wanted": Column("integer", [wait.wanted for wait in waits]),
        },
        constants={"shop_id": shop_id, "since": now, "skus": []},
        conflict="""(order_id) DO UPDATE SET promise_at = EXCLUDED.promise_at, due = EXCLUDED.due,
            -- what is not decided yet does not take back what was found before
            short = CASE WHEN EXCLUDED.due THEN orders_stockwait.short ELSE EXCLUDED.short END,
            ready = EXCLUDED.ready, wanted = EXCLUDED.wanted""",
        returning=(),
    )
    pairs = [(wait.want.order_id, sku) for wait in waits for sku in wait.skus]
    source, parameters = bulk.unnest(
        {"id": Column("bigint", [pair[0] for pair in pairs]), "sku": Column("text", [pair[1] for pair in pairs])}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_stockwait w SET skus = s.skus
                FROM (SELECT id, array_agg(sku ORDER BY sku) AS skus FROM {source} GROUP BY id) s
                WHERE w.order_id = s.id AND w.skus IS DISTINCT FROM s.skus::varchar[]""",
            parameters,
        )


def _short(shop_id: int, waits: Sequence[Wait]) -> list[str]:
    skus = sorted({sku for wait in waits for sku in wait.short})
    if not skus:
        return ["[]"] * len(waits)
    incoming = incoming_of(shop_id, skus)
    others = waited_for(shop_id, skus, [wait.want.order_id for wait in waits])
    in_batch: Counter[str] = Counter()
    told = []
    for wait in waits:  # in the sequence of their promises
        rows: list[dict[str, Any]] = []
        for sku, lacks in wait.short.items():
            ahead = sum(qty for other, day, qty in others if other == sku and day < wait.want.promise_at)
            at = expected(lacks, ahead + in_batch[sku], incoming.get(sku, ()))
            in_batch[sku] += lacks
            rows.append(
                {
                    "sku": sku,
                    "name": wait.want.names.get(sku, ""),
                    "ordered": wait.want.ordered.get(sku, lacks),
                    "missing": lacks,
                    "expected_at": at.isoformat() if at else None,
                }
            )
        told.append(json.dumps(rows))
    return told


def forget(ids: Sequence[int]) -> None:
    """These orders wait for nothing any more."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM orders_stockwait WHERE order_id = ANY(%s)", [list(ids)])


def wake(shop_id: int, skus: Collection[str], *, but: Sequence[int] = ()) -> int:
    """Have the sweep look at those who wait for one of these articles, except the orders `but`; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_stockwait SET due = true WHERE order_id IN (
                   SELECT order_id FROM orders_stockwait
                   WHERE shop_id = %s AND NOT due AND skus && %s::varchar[] AND NOT order_id = ANY(%s)
                   ORDER BY order_id FOR UPDATE)""",
            [shop_id, sorted(skus), list(but)],
        )
        return int(cursor.rowcount)
