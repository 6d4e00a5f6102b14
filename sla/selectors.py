"""What the wall shows. Every read is a constant number of queries, and none walks closed work.

The lists and counts start from the tickets that the reader may see (`tickets.access.visible_to`). Attainment and
response times come from judged clocks, within the reader's teams where those are given. "Now" is each shop's own
present.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Q

from orders.presents import Presents
from sla.localtime import instant_of, reached
from sla.models import Metric
from tickets.models import Ticket
from tickets.querysets import TicketQuerySet

SOON = timedelta(hours=1)
LISTED = 10
DAYS = 14
WEEK = timedelta(days=7)
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
    """The live numbers: in all, by team (None: no team yet), by grade, by the anomaly that raised the ticket ("": none)
    and by the carrier's id (None: no carrier)."""

    total: Load
    by_team: Mapping[int | None, Load]
    by_grade: Mapping[int, Load]
    by_reason: Mapping[str, Load]
    by_carrier: Mapping[int | None, Load]


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
    """The live numbers, from one walk over the live tickets."""
    late = presents.at_or_before("due_by")
    rows = (
        tickets.live()
        .order_by()
        .annotate(late=_whether(late), soon=_whether(presents.at_or_before("due_by", SOON) & ~late))
        .values("team_id", "grade", "anomaly_code", "carrier_id", "assignee_id", "paused", "late", "soon")
    )
    sql, parameters = rows.query.sql_with_params()
    counted = f"""
        SELECT GROUPING(team_id), GROUPING(anomaly_code), team_id, grade, anomaly_code, carrier_id, COUNT(*),
            COUNT(*) FILTER (WHERE late), COUNT(*) FILTER (WHERE soon), COUNT(*) FILTER (WHERE assignee_id IS NULL),
            COUNT(*) FILTER (WHERE paused)
        FROM ({sql}) x GROUP BY GROUPING SETS ((team_id, grade), (anomaly_code), (carrier_id))
    """
    by_team: dict[int | None, Load] = defaultdict(Load)
    by_grade: dict[int, Load] = dict.fromkeys((1, 2, 3, 4), Load())
    by_reason: dict[str, Load] = {}
    by_carrier: dict[int | None, Load] = {}
    for without_team, without_reason, team_id, grade, reason, carrier_id, *numbers in _rows([counted], parameters):
        if not without_team:
            by_team[team_id] += Load(*numbers)
            by_grade[grade] += Load(*numbers)
        elif not without_reason:
            by_reason[reason] = Load(*numbers)
        else:
            by_carrier[carrier_id] = Load(*numbers)
    return Wall(sum(by_grade.values(), Load()), dict(by_team), by_grade, by_reason, by_carrier)


def _whether(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())


def gravest_breached(tickets: TicketQuerySet, presents: Presents, limit: int = LISTED) -> list[Ticket]:
    """Late tickets, gravest first, those late longest first within a grade. Two queries, each grade from its index."""
    late = tickets.late(presents)
    return _firsts([late.filter(grade=grade) for grade in (1, 2, 3, 4)], limit)


def next_to_breach(tickets: TicketQuerySet, presents: Presents, limit: int = LISTED) -> list[Ticket]:
    """Tickets that are not late yet, the next to be late first, whatever their grade. Two queries."""
    return _firsts([tickets.live().filter(presents.after("due_by"))], limit)


def attainment(
    presents: Presents, zone: ZoneInfo, *, days: int = DAYS, team_ids: Collection[int] | None = None
) -> list[Day]:
    """The promises to customers that fell due on each of the last `days` local days, oldest first, today included.

    A promise counts on the day it was due, by its first verdict; broken and still open counts as broken. Days are those
    before each shop's own present; they are named by that present if all shops counted share one. One query.
    """
    parts: list[str] = []
    parameters: list[Any] = []
    for present, shops, given in by_present(presents, team_ids):
        today = present.astimezone(zone).date()
        edges = [instant_of(reached(zone, today - timedelta(days=ago), 0)) for ago in reversed(range(days))]
        parts.append(
            f"""SELECT %s::timestamptz, width_bucket(c.judged_due_at, %s::timestamptz[]), COUNT(*),
                       COUNT(*) FILTER (WHERE c.first_verdict = 'met')
                FROM sla_clock c
                WHERE c.metric = ANY(%s) AND c.judged_due_at >= %s AND c.judged_due_at <= %s AND {shops} GROUP BY 2"""
        )
        parameters += [present, edges, [metric.value for metric in PROMISED], edges[0], present, *given]
    met, judged, seen = [0] * days, [0] * days, set()
    for present, number, all_, kept in _rows(parts, parameters):
        judged[number - 1] += all_
        met[number - 1] += kept
        seen.add(present)
    today = (seen.pop() if len(seen) == 1 else presents.now).astimezone(zone).date()
    return [Day(today - timedelta(days=days - 1 - n), judged[n], met[n]) for n in range(days)]


def response_times(presents: Presents, *, team_ids: Collection[int] | None = None) -> ResponseTimes:
    """Median first response of this week and of the one before, by when it was due. One query."""
    parts: list[str] = []
    parameters: list[Any] = []
    for present, shops, given in by_present(presents, team_ids):
        parts.append(
            f"""SELECT c.judged_due_at > %s AS recent, c.consumed_s FROM sla_clock c
                WHERE c.metric = 'first_response' AND c.judged_due_at > %s AND c.judged_due_at <= %s
                  AND c.first_verdict <> '' AND {shops}"""
        )
        parameters += [present - WEEK, present - 2 * WEEK, present, *given]
    counted = " UNION ALL ".join(parts)
    median = "percentile_cont(0.5) WITHIN GROUP (ORDER BY consumed_s)"
    found = dict(_rows([f"SELECT recent, {median} FROM ({counted}) x GROUP BY recent"], parameters))
    return ResponseTimes(found.get(True), found.get(False))


def by_present(presents: Presents, team_ids: Collection[int] | None) -> Iterator[tuple[datetime, str, list[Any]]]:
    """(present, condition on the shops that live in it and on the teams asked about, its parameters); the desk's own
    present first. Each is one range of the index."""
    teams, given = ("", []) if team_ids is None else (" AND c.team_id = ANY(%s)", [list(team_ids)])
    if presents.replayed:
        yield presents.now, f"c.shop_id <> ALL(%s){teams}", [list(presents.replayed), *given]
    else:
        yield presents.now, f"TRUE{teams}", given
    for present in sorted(set(presents.replayed.values())):
        shops = [shop_id for shop_id, theirs in presents.replayed.items() if theirs == present]
        yield present, f"c.shop_id = ANY(%s){teams}", [shops, *given]


def _firsts(groups: list[TicketQuerySet], limit: int) -> list[Ticket]:
    """The first `limit` tickets of the groups together, by group and then by due time: each group gives its first ones
    from its index, and only what is shown is read in full."""
    parts: list[str] = []
    parameters: list[Any] = []
    for number, group in enumerate(groups):
        sql, args = group.order_by("due_by", "id").values("due_by", "pk")[:limit].query.sql_with_params()
        parts.append(f"SELECT {number}, x.* FROM ({sql}) x")
        parameters += args
    ids = [pk for _, _, pk in sorted(_rows(parts, parameters))[:limit]]
    found = Ticket.objects.select_related("shop", "team", "assignee", "order", "anomaly").in_bulk(ids)
    return [found[pk] for pk in ids]


def _rows(parts: Sequence[str], parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return cursor.fetchall()
