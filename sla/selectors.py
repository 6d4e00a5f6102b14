"""What the wall shows. Every read is a constant number of queries, and none walks closed work.

The lists and counts start from the tickets that the reader may see (`tickets.access.visible_to`). Attainment and
response times come from judged clocks, within the reader's teams where those are given. "Now" is each shop's own
present.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q

from orders.presents import Presents
from sla.models import Metric
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet

SOON = timedelta(hours=1)
LISTED = 10
DAYS = 14
WEEK_S = 7 * 86_400
PROMISED = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.SOLUTION)


@dataclass(frozen=True, slots=True)
class Load:
    """How many live tickets there are, and of these how many are late, late within the hour, nobody's, and paused."""

    open: int = 0
    breached: int = 0
    soon: int = 0
    unassigned: int = 0
    paused: int = 0

    def __add__(self, other: "Load") -> "Load":
        return Load(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Wall:
    """The live numbers: in all, by team (None: no team yet) and by grade."""

    total: Load
    by_team: Mapping[int | None, Load]
    by_grade: Mapping[int, Load]


@dataclass(frozen=True, slots=True)
class Day:
    """The promises that fell due on one local day, and how many of them were kept."""

    day: date
    judged: int
    met: int

    @property
    def share(self) -> float | None:
        """The part that was kept, 0 to 1; None on a day without promises."""
        return self.met / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class ResponseTimes:
    """Median open seconds until the first response, in the last seven days and in the seven before; None: no case."""

    this_week: float | None
    last_week: float | None


def wall(tickets: TicketQuerySet, presents: Presents) -> Wall:
    """The live numbers, from one query over the live tickets."""
    late = presents.at_or_before("due_by")
    counted = (
        tickets.live()
        .order_by()
        .values_list("team_id", "grade")
        .annotate(
            open=Count("pk"),
            breached=Count("pk", filter=late),
            soon=Count("pk", filter=presents.at_or_before("due_by", SOON) & ~late),
            unassigned=Count("pk", filter=Q(assignee=None)),
            paused=Count("pk", filter=Q(paused=True)),
        )
    )
    by_team: dict[int | None, Load] = defaultdict(Load)
    by_grade: dict[int, Load] = dict.fromkeys((1, 2, 3, 4), Load())
    for team_id, grade, *numbers in counted:
        by_team[team_id] += Load(*numbers)
        by_grade[grade] += Load(*numbers)
    return Wall(sum(by_grade.values(), Load()), dict(by_team), by_grade)


def gravest_breached(tickets: TicketQuerySet, presents: Presents, limit: int = LISTED) -> list[Ticket]:
    """Late tickets, gravest first, those late longest first within a grade. Two queries, each grade from its index."""
    # A subquery for the reader's scope: joined, a ticket seen through two teams would come twice.
    of_grade = [tickets.late(presents).filter(grade=grade).order_by("due_by", "id") for grade in (1, 2, 3, 4)]
    ids = _firsts(of_grade, limit)
    return sorted(_shown(ids), key=lambda ticket: (ticket.grade, ticket.due_by, ticket.pk))[:limit]


def next_to_breach(tickets: TicketQuerySet, presents: Presents, limit: int = LISTED) -> list[Ticket]:
    """Tickets that are not late yet, the next to be late first. Two queries."""
    ids = _firsts([tickets.live().filter(_ahead(presents)).order_by("due_by", "id")], limit)
    return sorted(_shown(ids), key=lambda ticket: (ticket.due_by, ticket.pk))


def attainment(
    presents: Presents, zone: ZoneInfo, *, days: int = DAYS, team_ids: Collection[int] | None = None
) -> list[Day]:
    """The promises to customers that fell due on each of the last `days` local days, oldest first, today included.

    A promise counts on the day it was due, by its first verdict; broken and still open counts as broken. Days are those
    before each shop's own present; they are named by that present if all shops counted share one. One query.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH g AS ({_PRESENTS})
                SELECT (g.present AT TIME ZONE %(zone)s)::date - (c.judged_due_at AT TIME ZONE %(zone)s)::date AS ago,
                       COUNT(*), COUNT(*) FILTER (WHERE c.first_verdict = 'met'), array_agg(DISTINCT g.present)
                FROM g JOIN sla_clock c ON c.metric = ANY(%(metrics)s) AND c.shop_id = ANY(g.shops)
                 AND c.judged_due_at <= g.present
                 AND c.judged_due_at >= ((g.present AT TIME ZONE %(zone)s)::date - %(last)s) AT TIME ZONE %(zone)s
                WHERE %(everybody)s OR c.team_id = ANY(%(teams)s) GROUP BY ago""",
            {
                **_scope(presents, team_ids),
                "zone": zone.key,
                "metrics": [metric.value for metric in PROMISED],
                "last": days - 1,
            },
        )
        rows = cursor.fetchall()
    found = {ago: (judged, met) for ago, judged, met, _ in rows}
    seen = {present for *_, shown in rows for present in shown}
    today = (seen.pop() if len(seen) == 1 else presents.now).astimezone(zone).date()
    return [Day(today - timedelta(days=ago), *found.get(ago, (0, 0))) for ago in reversed(range(days))]


def response_times(presents: Presents, *, team_ids: Collection[int] | None = None) -> ResponseTimes:
    """Median first response of this week and of the one before, by when it was due. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH g AS ({_PRESENTS})
                SELECT c.judged_due_at > g.present - %(week)s * interval '1 second' AS recent,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY c.consumed_s)
                FROM g JOIN sla_clock c ON c.metric = 'first_response' AND c.shop_id = ANY(g.shops)
                 AND c.judged_due_at > g.present - 2 * %(week)s * interval '1 second' AND c.judged_due_at <= g.present
                WHERE c.first_verdict <> '' AND (%(everybody)s OR c.team_id = ANY(%(teams)s)) GROUP BY recent""",
            {**_scope(presents, team_ids), "week": WEEK_S},
        )
        found = dict(cursor.fetchall())
    return ResponseTimes(found.get(True), found.get(False))


# Shops that share a present are read together: one range of the index for all that live in the real one.
_PRESENTS = (
    """SELECT COALESCE(s.present_at, %(now)s) AS present, array_agg(s.id) AS shops FROM orders_shop s GROUP BY 1"""
)


def _scope(presents: Presents, team_ids: Collection[int] | None) -> dict[str, Any]:
    return {"now": presents.now, "everybody": team_ids is None, "teams": list(team_ids or ())}


def _ahead(presents: Presents) -> Q:
    condition = Q(due_by__gt=presents.now)
    if presents.replayed:
        condition &= ~Q(shop_id__in=list(presents.replayed))
    for shop_id, present in presents.replayed.items():
        condition |= Q(shop_id=shop_id, due_by__gt=present)
    return condition


def _firsts(querysets: list[TicketQuerySet], limit: int) -> list[int]:
    parts: list[str] = []
    parameters: list[Any] = []
    for queryset in querysets:
        sql, args = queryset.values("pk")[:limit].query.sql_with_params()
        parts.append(f"({sql})")
        parameters += args
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return [row[0] for row in cursor.fetchall()]


def _shown(ids: list[int]) -> list[Any]:
    return list(Ticket.objects.filter(pk__in=ids).select_related("shop", "team", "assignee", "order", "anomaly"))
