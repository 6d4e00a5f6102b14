"""What came of predictions, and which lanes' warnings deserve belief."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from orders.lanes import ALL, Key

TRUSTED_FROM, TRIED = 0.6, 20
"""A group whose warnings came true less often than this gives none; before so many warnings it cannot be said."""
LOOKED_BACK = timedelta(days=180)
NOTHING_YET = (0, 0)

_FILL = """
    UPDATE orders_lateprediction p SET late = COALESCE(o.delivered_at, 'infinity') > p.promise_at,
        known_at = LEAST(o.delivered_at, p.promise_at)
    FROM orders_order o WHERE p.shop_id = %(shop)s AND p.late IS NULL AND o.id = p.order_id
        AND (o.delivered_at <= %(present)s OR p.promise_at < %(present)s)
        AND (o.cancelled_at IS NULL OR o.cancelled_at > %(present)s)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """How many warnings were given in half a year, how many of them were right, and whether more are to be given."""

    warned: int = 0
    rightly: int = 0
    muted: bool = False


@dataclass(slots=True)
class Precision:
    """Warnings of lanes, of destinations and of all."""

    counts: dict[Key, tuple[int, int]] = field(default_factory=dict)

    def of(self, key: Key) -> Record:
        """The group's own record. It is muted by it, or before enough warnings of its own by that of a wider group."""
        warned, rightly = self.counts.get(key, NOTHING_YET)
        for judge in (key, Key("dest", "", "", key.dest), ALL):
            tried, right = self.counts.get(judge, NOTHING_YET)
            if tried >= TRIED:
                return Record(warned, rightly, right < TRUSTED_FROM * tried)
        return Record(warned, rightly)


def fill_outcomes(shop_id: int, present: datetime) -> int:
    """Note what came of predictions by the shop's present: arrived, or the promise has passed; how many were noted."""
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"shop": shop_id, "present": present})
        return int(cursor.rowcount)


def precision_of(shop_id: int, present: datetime) -> Precision:
    """The warnings of the last half year whose outcome is known; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT carrier, origin, dest, COUNT(*), COUNT(*) FILTER (WHERE late) FROM orders_lateprediction
               WHERE shop_id = %s AND fired_at > %s AND fired_at <= %s AND late IS NOT NULL GROUP BY 1, 2, 3""",
            [shop_id, present - LOOKED_BACK, present],
        )
        rows = cursor.fetchall()
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for carrier, origin, dest, warned, rightly in rows:
        for key in (ALL, Key("dest", "", "", dest), Key("lane", carrier, origin, dest)):
            sums[key][0] += warned
            sums[key][1] += rightly
    return Precision({key: (warned, rightly) for key, (warned, rightly) in sums.items()})
