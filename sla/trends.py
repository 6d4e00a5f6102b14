"""What came in, what was solved, and what the open tickets are about: for the charts of the wall."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count

from orders.presents import Presents
from sla.localtime import instant_of, reached
from sla.selectors import by_present
from tickets.querysets import TicketQuerySet

DAYS = 14
MOST = 8


@dataclass(frozen=True, slots=True)
class Flow:
    """Tickets opened and solved per local day, oldest first, and the days."""

    days: list[date]
    opened: list[int]
    solved: list[int]


@dataclass(frozen=True, slots=True)
class Share:
    """Live tickets about one thing, and how many of them are late."""

    code: str
    open: int
    late: int


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


def by_reason(tickets: TicketQuerySet, presents: Presents, most: int = MOST) -> list[Share]:
    """Live tickets by the anomaly that raised them, the commonest first. One query."""
    return _shares(tickets.exclude(anomaly_code=""), "anomaly_code", presents, most)


def by_carrier(tickets: TicketQuerySet, presents: Presents, most: int = MOST) -> list[Share]:
    """Live tickets by the carrier of the parcel that they are about; `code` is the carrier's. One query."""
    return _shares(tickets.filter(carrier__isnull=False), "carrier__code", presents, most)


def _shares(tickets: TicketQuerySet, column: str, presents: Presents, most: int) -> list[Share]:
    late = presents.at_or_before("due_by")
    rows = (
        tickets.live()
        .order_by()
        .values_list(column)
        .annotate(open=Count("pk"), late=Count("pk", filter=late))
        .order_by("-open", column)[:most]
    )
    return [Share(*row) for row in rows]
