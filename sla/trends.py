"""What came in, what was solved, and what the open tickets are about: for the charts of the wall."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count

from orders.presents import Presents
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
    """The last `days` local days before each shop's own present, today included. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH g AS (SELECT COALESCE(s.present_at, %(now)s) AS present, array_agg(s.id) AS shops
                          FROM orders_shop s GROUP BY 1)
               SELECT kind, (g.present AT TIME ZONE %(zone)s)::date - (at AT TIME ZONE %(zone)s)::date AS ago, COUNT(*)
               FROM g JOIN (SELECT 'opened' AS kind, shop_id, team_id, opened_at AS at FROM tickets_ticket
                            UNION ALL
                            SELECT 'solved', shop_id, team_id, solved_at FROM tickets_ticket
                            WHERE solved_at IS NOT NULL) t
                 ON t.shop_id = ANY(g.shops) AND t.at <= g.present
                AND t.at >= ((g.present AT TIME ZONE %(zone)s)::date - %(last)s) AT TIME ZONE %(zone)s
               WHERE %(everybody)s OR t.team_id = ANY(%(teams)s) GROUP BY kind, ago""",
            {
                "now": presents.now,
                "zone": zone.key,
                "last": days - 1,
                "everybody": team_ids is None,
                "teams": list(team_ids or ()),
            },
        )
        found = {(kind, ago): number for kind, ago, number in cursor.fetchall()}
    back = list(reversed(range(days)))
    today = presents.now.astimezone(zone).date()
    return Flow(
        [today - timedelta(days=ago) for ago in back],
        [found.get(("opened", ago), 0) for ago in back],
        [found.get(("solved", ago), 0) for ago in back],
    )


def by_reason(tickets: TicketQuerySet, presents: Presents, most: int = MOST) -> list[Share]:
    """Live tickets by the anomaly that raised them, the commonest first. One query."""
    return _shares(tickets.exclude(anomaly_code=""), "anomaly_code", presents, most)


def by_carrier(tickets: TicketQuerySet, presents: Presents, most: int = MOST) -> list[Share]:
    """Live tickets by the carrier of the parcel that they are about; `code` is the carrier's. One query."""
    about_parcels = tickets.filter(anomaly__shipment__isnull=False)
    return _shares(about_parcels, "anomaly__shipment__carrier__code", presents, most)


def _shares(tickets: TicketQuerySet, column: str, presents: Presents, most: int) -> list[Share]:
    late = presents.at_or_before("due_by")
    rows = (
        tickets.live()
        .order_by()
        .values_list(column)
        .annotate(open=Count("pk", distinct=True), late=Count("pk", filter=late, distinct=True))
        .order_by("-open", column)[:most]
    )
    return [Share(*row) for row in rows]
