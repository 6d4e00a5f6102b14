"""What came in and what was solved: for the charts of the wall."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from orders.presents import Presents
from sla.localtime import instant_of, reached
from sla.selectors import by_present

DAYS = 14


@dataclass(frozen=True, slots=True)
class Flow:
    """Tickets opened and solved per local day, oldest first, and the days."""

    days: list[date]
    opened: list[int]
    solved: list[int]


def flow(presents: Presents, zone: ZoneInfo, *, team_ids: Collection[int] | None = None, days: int = DAYS) -> Flow:
    """The last `days` local days before each shop's own present, today included. One query, ranges of two indexes."""
    parts: list[str] = []
    parameters: list[Any] = []
    for present, shops, given in by_present(presents, team_ids):
        today = present.astimezone(zone).date()
        first = instant_of(reached(zone, today - timedelta(days=days - 1), 0))
        for column in ("opened_at", "solved_at"):
            parts.append(
                f"""SELECT '{column}', %s::date - (c.{column} AT TIME ZONE %s)::date AS ago, COUNT(*)
                    FROM tickets_ticket c WHERE c.{column} >= %s AND c.{column} <= %s AND {shops} GROUP BY ago"""
            )
            parameters += [today, zone.key, first, present, *given]
    found: dict[tuple[str, int], int] = defaultdict(int)
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        for column, ago, number in cursor.fetchall():
            found[column, ago] += number
    back = list(reversed(range(days)))
    today = presents.now.astimezone(zone).date()
    return Flow(
        [today - timedelta(days=ago) for ago in back],
        [found["opened_at", ago] for ago in back],
        [found["solved_at", ago] for ago in back],
    )
