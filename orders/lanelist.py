"""What the pages about lanes show: the lanes of a shop, and how good its predictions turned out to be."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from orders.calibration import BINS, Bin, calibration_error
from orders.listing import BadCursor
from orders.models import LaneStat, Shop

PAGE = 50
LOOKED_BACK_DAYS = 400


@dataclass(frozen=True, slots=True)
class LanePage:
    """A page of the list, and the cursor of the next one ("" on the last)."""

    rows: list[LaneStat]
    next: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How good predictions were. Shares lie between 0 and 1; None where there is nothing to measure by."""

    n: int
    late: float | None
    brier: float | None
    skill: float | None
    error: float | None
    bins: list[Bin]
    warned: int
    precision: float | None
    lead_hours: float | None


def page(shop: Shop, *, cursor: str = "", limit: int = PAGE) -> LanePage:
    """One page of the shop's lanes, busiest first; one query. Raises BadCursor for a cursor never given out."""
    lanes = LaneStat.objects.filter(shop=shop, level=LaneStat.Level.LANE).order_by("-n", "-id")
    lanes = lanes.defer("ended", "still_open")
    if cursor:
        last_id, _, n = cursor.partition("_")
        if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in (last_id, n)):
            raise BadCursor
        before = "(orders_lanestat.n, orders_lanestat.id) < (%s, %s)"
        lanes = lanes.filter(RawSQL(before, (int(n), int(last_id)), output_field=BooleanField()))
    found = list(lanes[: limit + 1])
    rows = found[:limit]
    return LanePage(rows, f"{rows[-1].pk}_{rows[-1].n}" if len(found) > limit else "")


def quality_of(shop: Shop, lane: LaneStat | None = None) -> Quality:
    """Of the shop's predictions of about a year, or of one lane's, whose outcome is known; two queries."""
    where = """shop_id = %(shop)s AND late IS NOT NULL AND made_at >= (SELECT COALESCE(present_at, now())
        - %(days)s * interval '1 day' FROM orders_shop WHERE id = %(shop)s)"""
    parameters: dict[str, Any] = {"shop": shop.pk, "days": LOOKED_BACK_DAYS}
    if lane is not None:
        where += " AND carrier = %(carrier)s AND origin = %(origin)s AND dest = %(dest)s"
        parameters |= {"carrier": lane.carrier, "origin": lane.origin, "dest": lane.dest}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT LEAST(floor(chance * {BINS}), {BINS - 1})::int, COUNT(*), SUM(chance),
                       COUNT(*) FILTER (WHERE late), SUM((chance - late::int) ^ 2)
                FROM orders_lateprediction WHERE {where} GROUP BY 1 ORDER BY 1""",
            parameters,
        )
        rows = cursor.fetchall()
        cursor.execute(
            f"""SELECT COUNT(*), COUNT(*) FILTER (WHERE late), EXTRACT(epoch FROM
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY promise_at - fired_at))::float8 / 3600
                FROM orders_lateprediction WHERE {where} AND fired_at IS NOT NULL""",
            parameters,
        )
        warned, rightly, lead = cursor.fetchone()
    bins = [Bin(place / BINS, (place + 1) / BINS, n, n, said / n, came / n) for place, n, said, came, _ in rows]
    n = sum(each.n for each in bins)
    rate = sum(row[3] for row in rows) / n if n else None
    brier = sum(row[4] for row in rows) / n if n else None
    idle = rate * (1 - rate) if rate is not None else 0.0
    return Quality(
        n=n,
        late=rate,
        brier=brier,
        skill=1 - brier / idle if idle and brier is not None else None,
        error=calibration_error(bins) if bins else None,
        bins=bins,
        warned=warned,
        precision=rightly / warned if warned else None,
        lead_hours=lead,
    )
