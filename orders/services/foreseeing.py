"""The outlook of orders on their way: put to their facts before they are judged, and kept to be held against what came.

Nothing is read for shops whose lanes were not learnt, and their orders pass untouched.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from orders.detectors.predicted_late import FIRES, HOLDS, LEAD, WORSE
from orders.facts import OrderFacts, Outlook
from orders.journeys import Travel, travels_of
from orders.lanes import DRIFT_HALF_LIFE, LANE, Key, Model, fade, groups
from orders.survival import Counts
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

DAY = timedelta(days=1)
FRESH_S = 60.0
LOG_CHANCES = tuple(math.log(chance) for chance in (HOLDS, FIRES, WORSE))
FAR = 400.0


@dataclass(slots=True)
class Learnt:
    """A shop's model as this process has read it."""

    model: Model
    muted: frozenset[Key]
    as_of: datetime
    zone: str


_read: dict[int, tuple[float, Learnt | None]] = {}


def forget(shop_id: int) -> None:
    """Read the shop's lanes anew at the next look; other processes do so within a minute."""
    _read.pop(shop_id, None)


def foreseen(shop_id: int, facts: list[OrderFacts], *, now: datetime) -> list[OrderFacts]:
    """The same facts, those of orders on their way to a promise with an outlook; one query, two once a minute.

    What was learnt after `now`, in a present that was set back, is not used.
    """
    learnt = _learnt(shop_id)
    if learnt is None or learnt.as_of > now:
        return facts
    moving = {order.id for order in facts if _is_moving(order, now)}
    if not moving:
        return facts
    travels = travels_of(sorted(moving), learnt.zone)
    fading = fade((now - learnt.as_of) / DAY, DRIFT_HALF_LIFE)
    if abs(fading - learnt.model.faded) > 0.01:
        model = learnt.model
        learnt.model = Model(model.effects, model.counts, model.n, fading)
    return [
        replace(order, outlook=_outlook(order, travels[order.id], learnt, now)) if order.id in travels else order
        for order in facts
    ]


def record(shop_id: int, facts: Sequence[OrderFacts], *, now: datetime) -> None:
    """Keep what is said of orders for the first time, and that the mark was passed; one statement, none without."""
    told = [(order, order.outlook) for order in facts if order.outlook is not None]
    if not told:
        return
    passed = [outlook.fires_at <= now and outlook.promise_at - now >= LEAD for _, outlook in told]
    bulk.insert(
        "orders_lateprediction",
        {
            "order_id": Column("bigint", [order.id for order, _ in told]),
            "carrier": Column("text", [outlook.lane[0] for _, outlook in told]),
            "origin": Column("text", [outlook.lane[1] for _, outlook in told]),
            "dest": Column("text", [outlook.lane[2] for _, outlook in told]),
            "promise_at": Column("timestamptz", [outlook.promise_at for _, outlook in told]),
            "chance": Column("float8", [outlook.chance for _, outlook in told]),
            "fired_at": Column("timestamptz", [now if late else None for late in passed]),
            "fired_chance": Column(
                "float8", [outlook.chance if late else None for (_, outlook), late in zip(told, passed, strict=True)]
            ),
        },
        constants={"shop_id": shop_id, "made_at": now},
        conflict="""(order_id) DO UPDATE SET fired_at = EXCLUDED.fired_at, fired_chance = EXCLUDED.fired_chance
            WHERE orders_lateprediction.fired_at IS NULL AND EXCLUDED.fired_at IS NOT NULL""",
        returning=(),
    )


def _is_moving(order: OrderFacts, now: datetime) -> bool:
    promise, shipped = order.promised_delivery_at, order.shipped_at
    if promise is None or shipped is None or shipped > now or promise <= now:
        return False
    if order.delivered_at is not None and order.delivered_at <= now:
        return False
    return order.cancelled_at is None or order.cancelled_at > now


def _outlook(order: OrderFacts, travel: Travel, learnt: Learnt, now: datetime) -> Outlook:
    start, promise = order.shipped_at, order.promised_delivery_at
    assert start is not None and promise is not None
    of = groups(travel.lane, travel.weekday)
    forecast = learnt.model.forecast(
        of, age=(now - start) / DAY, promise=(promise - start) / DAY, log_chances=LOG_CHANCES
    )
    holds, fires, worse = forecast.crosses
    return Outlook(
        chance=forecast.chance,
        n=forecast.n,
        level=forecast.key.level,
        lane=travel.lane[:3],
        promise_at=promise,
        holds_at=_at(start, holds),
        fires_at=_at(start, fires),
        worse_at=_at(start, worse),
        half_at=None if forecast.half is None else _at(start, forecast.half),
        most_at=None if forecast.most is None else _at(start, forecast.most),
        muted=of[LANE] in learnt.muted,
    )


def _at(start: datetime, days: float) -> datetime:
    return start + timedelta(days=days if days < FAR else FAR)


def _learnt(shop_id: int) -> Learnt | None:
    until, learnt = _read.get(shop_id, (0.0, None))
    if time.monotonic() >= until:
        learnt = _load(shop_id)
        _read[shop_id] = (time.monotonic() + FRESH_S, learnt)
    return learnt


def _load(shop_id: int) -> Learnt | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.level, l.carrier, l.origin, l.dest, l.effect, l.n, l.ended, l.still_open, l.muted,
                      l.learnt_as_of, s.time_zone
               FROM orders_lanestat l JOIN orders_shop s ON s.id = l.shop_id WHERE l.shop_id = %s""",
            [shop_id],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    model, muted = Model({}, {}, {}), set()
    effects, counts, n = {}, {}, {}
    for *words, effect, journeys, ended, still_open, silent, _, _ in rows:
        key = Key(*words)
        effects[key] = effect
        if ended:
            counts[key], n[key] = Counts(tuple(ended), tuple(still_open)), journeys
        if silent:
            muted.add(key)
    if not counts:
        return None
    model = Model(effects, counts, n)
    return Learnt(model, frozenset(muted), rows[0][-2], rows[0][-1])
