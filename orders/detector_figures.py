"""How each detector does: how often it finds something, how often it is right, how long it takes until it is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from orders import detectors, wording
from orders.detectors.base import Detector

WINDOW = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Figures:
    """One detector over the last 28 days. `rate`: anomalies per 1,000 orders placed; None where nothing is known."""

    code: str
    title: str
    department: str
    grade: int
    found: int = 0
    rate: float | None = None
    open_now: int = 0
    suspected: int = 0
    real: int = 0
    false: int = 0
    median_clear_s: float | None = None

    @property
    def judged(self) -> int:
        """Verdicts given."""
        return self.real + self.false

    @property
    def precision(self) -> int | None:
        """Per cent of the verdicts that say real; None without one."""
        return round(100 * self.real / self.judged) if self.judged else None

    @property
    def median_clear(self) -> timedelta | None:
        """Half of those that cleared by themselves took no longer."""
        return None if self.median_clear_s is None else timedelta(seconds=self.median_clear_s)


def figures(now: datetime, *, shop_id: int | None = None) -> list[Figures]:
    """Every detector of the catalogue, by title; three queries. `now` is the desk's clock, or the shop's present."""
    since = now - WINDOW
    given = {"since": since, "now": now, "shop": shop_id}
    of_shop = "AND shop_id = %(shop)s" if shop_id else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT code, COUNT(*), COUNT(*) FILTER (WHERE verdict = 'real'),
                    COUNT(*) FILTER (WHERE verdict = 'false'),
                    percentile_cont(0.5) WITHIN GROUP (ORDER BY EXTRACT(EPOCH FROM closed_at - opened_at))
                        FILTER (WHERE state = 'cleared')
                FROM orders_anomaly WHERE opened_at > %(since)s AND opened_at <= %(now)s {of_shop} GROUP BY code""",
            given,
        )
        recent = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(
            f"""SELECT code, COUNT(*) FILTER (WHERE state <> 'suspected'), COUNT(*) FILTER (WHERE state = 'suspected')
                FROM orders_anomaly WHERE closed_at IS NULL {of_shop} GROUP BY code""",
            given,
        )
        still = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(
            f"SELECT COUNT(*) FROM orders_order WHERE placed_at > %(since)s AND placed_at <= %(now)s {of_shop}", given
        )
        placed = int(cursor.fetchone()[0])
    found = [_figures(detector, recent, still, placed) for detector in detectors.catalogue().values()]
    return sorted(found, key=lambda each: each.title)


def _figures(detector: type[Detector], recent: dict[str, tuple], still: dict[str, tuple], placed: int) -> Figures:
    count, real, false, median = recent.get(detector.code, (0, 0, 0, None))
    open_now, suspected = still.get(detector.code, (0, 0))
    return Figures(
        code=detector.code,
        title=wording.title(detector.code),
        department=detector.department,
        grade=detector.grade,
        found=count,
        rate=round(1000 * count / placed, 1) if placed else None,
        open_now=open_now,
        suspected=suspected,
        real=real,
        false=false,
        median_clear_s=median,
    )


def by_day(code: str, now: datetime, *, shop_id: int | None = None) -> tuple[Sequence[date], Sequence[int]]:
    """The last 28 days (UTC) and how many anomalies of this code opened on each; one query."""
    days = [(now - timedelta(days=back)).date() for back in range(27, -1, -1)]
    of_shop = "AND shop_id = %(shop)s" if shop_id else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT (opened_at AT TIME ZONE 'UTC')::date, COUNT(*) FROM orders_anomaly
                WHERE code = %(code)s AND opened_at > %(since)s AND opened_at <= %(now)s {of_shop} GROUP BY 1""",
            {"code": code, "since": now - WINDOW, "now": now, "shop": shop_id},
        )
        counted = dict(cursor.fetchall())
    return days, [counted.get(day, 0) for day in days]
