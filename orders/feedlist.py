"""What the pages about sources show: the list of endpoints, and the health of one over a week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from orders.carriers import catalogue
from orders.feedshape import Gap, Late, added, gaps, late
from orders.models import Endpoint, FeedHour, InboundMessage
from orders.services.endpoints import address_of
from orders.services.feedhours import hour_of
from ticketdesk.badges import length
from ticketdesk.charts import Bar, Series
from ticketdesk.templatetags.desk import units

PAGE = 50
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BINS = len(FeedHour.DELAYS_S) + 1
DAYS = 7


@dataclass(slots=True)
class Row:
    """An endpoint with what came through it in the last 24 hours; `dead` are those that lie there now."""

    endpoint: Endpoint
    hourly: list[int] = field(default_factory=lambda: [0] * 24)
    delays: list[list[int]] = field(default_factory=list)
    refused: int = 0
    duplicates: int = 0
    dead: int = 0

    @property
    def title(self) -> str:
        """The source's name."""
        return title_of(self.endpoint.source)

    @property
    def address(self) -> str:
        """Where the sender sends to; nothing for a source that is asked."""
        return address_of(self.endpoint) if pushes(self.endpoint) else ""

    @property
    def messages(self) -> int:
        """In 24 hours."""
        return sum(self.hourly)

    @property
    def median(self) -> str:
        """Half of the events came within this time."""
        return lateness(late(added(self.delays, BINS), FeedHour.DELAYS_S, 0.5))

    @property
    def p90(self) -> str:
        """Nine of ten events came within this time."""
        return lateness(late(added(self.delays, BINS), FeedHour.DELAYS_S, 0.9))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, and the cursor of the next one (None on the last)."""

    rows: list[Row]
    next: int | None


def title_of(source: str) -> str:
    """The name of a source; a generic sender's codes are kept under "generic:7"."""
    code = source.partition(":")[0]
    kind = catalogue().get(code)
    return source if kind is None else _("Your own JSON") if code == "generic" else kind.title


def pushes(endpoint: Endpoint) -> bool:
    """Whether the source calls us."""
    kind = catalogue().get(endpoint.source)
    return kind is not None and kind.pushes


def lateness(found: Late | None) -> str:
    """A delay in the reader's units, such as "≤ 5m" or "> 3d"."""
    if found is None:
        return "–"
    return f"{'>' if found.beyond else '≤'} {length(found.at_most, units())}"


def page(*, now: datetime, after: int = 0, limit: int = PAGE) -> Page:
    """Endpoints of all shops, oldest first; three queries."""
    found = list(Endpoint.objects.select_related("shop").filter(pk__gt=after).order_by("pk")[: limit + 1])
    rows = {endpoint.pk: Row(endpoint) for endpoint in found[:limit]}
    first = hour_of(now) - 23 * HOUR
    for hour in FeedHour.objects.filter(endpoint__in=rows, hour__gte=first, hour__lte=now):
        row = rows[hour.endpoint_id]
        row.hourly[(hour.hour - first) // HOUR] += hour.messages
        row.delays.append(hour.delays)
        row.refused += hour.refused
        row.duplicates += hour.duplicates
    dead = InboundMessage.objects.filter(state=InboundMessage.State.DEAD, endpoint__in=rows).order_by()
    for pk, count in dead.values_list("endpoint_id").annotate(count=Count("id")):
        rows[pk].dead = count
    return Page(list(rows.values()), found[limit - 1].pk if len(found) > limit else None)


@dataclass(frozen=True, slots=True)
class Health:
    """A week of one endpoint, ready for charts, in the reader's zone."""

    hours: list[str]
    traffic: list[Series]
    delays: list[Bar]
    days: list[str]
    troubles: list[Series]
    gaps: list[Gap]
    messages: int
    events: int
    median: str
    p90: str

    @property
    def day_rows(self) -> list[tuple[str, list[float]]]:
        """The troubles as a table, newest day first."""
        columns = [series.values for series in self.troubles]
        return [(day, [values[n] for values in columns]) for n, day in reversed(list(enumerate(self.days)))]


def health(endpoint: Endpoint, *, now: datetime) -> Health:
    """Its last seven days; one query."""
    first = hour_of(now) - (DAYS * 24 - 1) * HOUR
    rows = list(FeedHour.objects.filter(endpoint=endpoint, hour__gte=first, hour__lte=now).order_by("hour"))
    by_hour = {row.hour: row.messages for row in rows if row.messages}
    hours = [first + number * HOUR for number in range(DAYS * 24)]
    counts = added([row.delays for row in rows], BINS)
    days, troubles = _by_day(rows, now)
    return Health(
        hours=[timezone.localtime(hour).strftime("%m-%d %Hh") for hour in hours],
        traffic=[Series(_("Messages"), [by_hour.get(hour, 0) for hour in hours], "c-info", area=True)],
        delays=[
            Bar(name, [(_("Events"), count, "c-info")], str(count))
            for name, count in zip(_bins(), counts, strict=True)
        ]
        if sum(counts)
        else [],
        days=days,
        troubles=troubles,
        gaps=gaps(by_hour, now=now) if endpoint.active else [],
        messages=sum(by_hour.values()),
        events=sum(row.events for row in rows),
        median=lateness(late(counts, FeedHour.DELAYS_S, 0.5)),
        p90=lateness(late(counts, FeedHour.DELAYS_S, 0.9)),
    )  # fmt: skip


def _by_day(rows: Sequence[FeedHour], now: datetime) -> tuple[list[str], list[Series]]:
    today = timezone.localtime(now).date()
    days = [today - (DAYS - 1 - number) * DAY for number in range(DAYS)]
    told: dict[str, dict[object, int]] = {name: defaultdict(int) for name in ("dead", "refused", "duplicates")}
    for row in rows:
        for name, counts in told.items():
            counts[timezone.localtime(row.hour).date()] += getattr(row, name)
    looks = (("dead", _("Dead"), "c-breach"), ("refused", _("Refused"), "c-soon"),
             ("duplicates", _("Repeated"), "c-violet"))  # fmt: skip
    series = [Series(label, [told[name][day] for day in days], colour) for name, label, colour in looks]
    return [day.strftime("%m-%d") for day in days], series


def _bins() -> list[str]:
    ends = [length(timedelta(seconds=end), units()) for end in FeedHour.DELAYS_S]
    return [*(f"≤ {end}" for end in ends), f"> {ends[-1]}"]
