"""Lanes are learnt every night, by the database: what a journey counts is summed there, never held here row by row.

The same sums as orders/lanes.py `learn` makes of a list; a test holds both against each other.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from orders.journeys import journeys
from orders.lanes import (
    ALL,
    DRIFT_HALF_LIFE,
    LEAST,
    SHAPE_HALF_LIFE,
    Cell,
    Groups,
    Key,
    Lane,
    Model,
    groups,
    shape_of,
)
from orders.models import LaneStat, Shop
from orders.services.foreseeing import forget
from orders.services.outcomes import Precision, fill_outcomes, precision_of
from orders.survival import BUCKETS, LOW, STEP, Counts
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from ticketdesk.outbox.heartbeat import beat

LOOP = "lanes"
EVERY = timedelta(hours=20)
ARMED_AT_ONCE = 5000
SPREAD = timedelta(hours=1)
WRITTEN_AT_ONCE = 1000
log = structlog.get_logger("orders.learning")

_DUE_SHOPS = """
    SELECT s.id FROM orders_shop s LEFT JOIN orders_lanestat a ON a.shop_id = s.id AND a.level = 'all'
    WHERE a.id IS NULL OR a.updated_at < %(before)s ORDER BY s.id
"""
_CELLS = f"""
    SELECT carrier, origin, dest, origin_area, dest_area, weekday, SUM(w), SUM(w * ln(days))
    FROM (SELECT *, power(0.5, age / {SHAPE_HALF_LIFE}) AS w FROM lane_journey WHERE ended) j
    GROUP BY 1, 2, 3, 4, 5, 6
"""
_EFFECTS = (
    ("weekday", "'' AND e.origin = '' AND e.dest = j.weekday::text"),
    ("carrier", "j.carrier AND e.origin = '' AND e.dest = ''"),
    ("origin", "'' AND e.origin = j.origin AND e.dest = ''"),
    ("dest", "'' AND e.origin = '' AND e.dest = j.dest"),
    ("lane", "j.carrier AND e.origin = j.origin AND e.dest = j.dest"),
    ("origin_area", "'' AND e.origin = j.origin || ' ' || j.origin_area AND e.dest = ''"),
    ("dest_area", "'' AND e.origin = '' AND e.dest = j.dest || ' ' || j.dest_area"),
)
_TOLD = " + ".join(f"COALESCE({level}.effect, 0)" for level, _ in _EFFECTS)
_JOINED = " ".join(
    f"LEFT JOIN lane_effect {level} ON {level}.level = '{level}' AND {level}.carrier = {on.replace('e.', f'{level}.')}"
    for level, on in _EFFECTS
)
_DRIFT = f"""
    SELECT carrier, origin, dest, ended, LEAST(GREATEST(floor((ln(days) - told - ({LOW})) / {STEP}) + 1, 0),
        {BUCKETS - 1})::int AS bucket, SUM(power(0.5, age / {DRIFT_HALF_LIFE})), COUNT(*)
    FROM (SELECT j.*, %(mean)s + {_TOLD} AS told FROM lane_journey j {_JOINED}) j GROUP BY 1, 2, 3, 4, 5
"""


def learn_nightly() -> int:
    """Learn for every shop whose lanes were last learnt 20 hours ago or never; how many were.

    Each shop is a transaction of its own, so a run that is cut short goes on where it stopped.
    """
    beat(LOOP)
    with connection.cursor() as cursor:
        cursor.execute(_DUE_SHOPS, {"before": timezone.now() - EVERY})
        shop_ids = [row[0] for row in cursor.fetchall()]
    return sum(learn_shop(shop_id) > 0 for shop_id in shop_ids)


def learn_shop(shop_id: int, *, now: datetime | None = None) -> int:
    """Learn the shop's lanes from what is known at its present; how many journeys it learnt from.

    0 when another process learns them right now, or when there are too few to say anything: then nothing is predicted.
    """
    with transaction.atomic():
        shop = Shop.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=shop_id).first()
        if shop is None:
            return 0
        present = shop.present(now or timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '15min'")
        fill_outcomes(shop.pk, present)
        with journeys(shop.pk, shop.time_zone, present):
            model = _learnt()
        if model.n.get(ALL, 0) < LEAST:
            model = Model({}, {}, {})
        _store(shop.pk, model, present)
    forget(shop.pk)
    learnt = model.n.get(ALL, 0)
    armed = _look_again(shop.pk, present, frozen=shop.present_at is not None) if learnt else 0
    log.info("lanes learnt", shop=shop.pk, journeys=learnt, groups=len(model.effects), armed=armed)
    return learnt


def _learnt() -> Model:
    effects = shape_of(_cells)
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE lane_effect (level text, carrier text, origin text, dest text, effect float8)"
            " ON COMMIT DROP"
        )
    bulk.insert("lane_effect", _columns(list(effects)) | {"effect": _floats(list(effects.values()))}, returning=())
    sums: dict[Key, tuple[list[float], list[float]]] = {}
    n: dict[Key, int] = {}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE lane_effect")
        cursor.execute(_DRIFT, {"mean": effects.get(ALL, 0.0)})
        for carrier, origin, dest, ended, place, weight, count in cursor:
            for key in (ALL, Key("dest", "", "", dest), Key("lane", carrier, origin, dest)):
                if key not in sums:
                    sums[key], n[key] = ([0.0] * BUCKETS, [0.0] * BUCKETS), 0
                sums[key][not ended][place] += weight
                n[key] += count * ended
        cursor.execute("DROP TABLE lane_effect")
    return Model(effects, {key: Counts(tuple(ended), tuple(left)) for key, (ended, left) in sums.items()}, n)


def _cells() -> Iterator[Cell]:
    """Sums per lane, areas and weekday, fetched in portions: shape_of reads them once per level."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CELLS)
        for *lane, weekday, weight, log_sum in cursor:
            yield Cell(groups(Lane(*lane), weekday), weight, log_sum)


def _store(shop_id: int, model: Model, present: datetime) -> None:
    """Put what was learnt in the place of what was learnt before."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM orders_lanestat WHERE shop_id = %s", [shop_id])
    right = precision_of(shop_id, present)
    rows = (_row(shop_id, model, key, right, present) for key in model.effects or [ALL])
    while portion := list(islice(rows, WRITTEN_AT_ONCE)):
        LaneStat.objects.bulk_create(portion)


def _row(shop_id: int, model: Model, key: Key, right: Precision, present: datetime) -> LaneStat:
    counts, record = model.counts.get(key), right.of(key)
    half, most, drift = _told(model, key)
    return LaneStat(
        shop_id=shop_id,
        **key._asdict(),
        effect=model.effects.get(key, 0.0),
        n=model.n.get(key, 0),
        ended=list(counts.ended) if counts else [],
        still_open=list(counts.still_open) if counts else [],
        half_days=half,
        most_days=most,
        drift=drift,
        warned=record.warned,
        warned_rightly=record.rightly,
        muted=record.muted,
        learnt_as_of=present,
    )


def _told(model: Model, key: Key) -> tuple[float | None, float | None, float | None]:
    """Of a lane: by when half and nine tenths arrive, and how the present median compares with the usual one."""
    if key not in model.counts or key.level != "lane":
        return None, None, None
    curve = model.curve(_typical(key))
    expected = model.expected(_typical(key))
    half, most = curve.ratio_at(0.5), curve.ratio_at(0.1)
    return (None if half is None else half * expected, None if most is None else most * expected, half)


def _typical(key: Key) -> Groups:
    """A parcel of the lane, handed over on no day and between no areas in particular."""
    return groups(Lane(key.carrier, key.origin, key.dest, "?", "?"), -1)


def _look_again(shop_id: int, present: datetime, *, frozen: bool) -> int:
    """Have what is on its way judged by what was learnt, spread over an hour; in a frozen present at once."""
    armed, last = 0, 0
    given: dict[str, Any] = {"shop": shop_id, "at": present, "spread": timedelta(0) if frozen else SPREAD}
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                """SELECT id FROM orders_order WHERE shop_id = %s AND id > %s AND shipped_at <= %s
                   AND promised_delivery_at > %s AND cancelled_at IS NULL
                   AND (delivered_at IS NULL OR delivered_at > %s) ORDER BY id LIMIT %s""",
                [shop_id, last, present, present, present, ARMED_AT_ONCE],
            )
            ids = [row[0] for row in cursor.fetchall()]
            if not ids:
                return armed
            cursor.execute(
                """INSERT INTO orders_orderdue AS d (order_id, shop_id, due_at)
                   SELECT id, %(shop)s, %(at)s + random() * %(spread)s FROM unnest(%(ids)s) AS id ORDER BY id
                   ON CONFLICT (order_id) DO UPDATE SET due_at = EXCLUDED.due_at WHERE d.due_at > EXCLUDED.due_at""",
                given | {"ids": ids},
            )
            armed, last = armed + cursor.rowcount, ids[-1]


def _columns(keys: list[Key]) -> dict[str, Column]:
    return {name: Column("text", [getattr(key, name) for key in keys]) for name in Key._fields}


def _floats(values: list[Any]) -> Column:
    return Column("float8", values)
