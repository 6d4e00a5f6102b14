"""Working calendars: from local opening hours to open seconds on the UTC line. Pure.

A calendar is a time zone, weekly opening hours and exceptions by date. It expands, once per process and window, into
sorted UTC spans with running totals of open seconds; every question is then a binary search (about a microsecond).

Conventions
- Hours belong to the local day on which they begin: closing a Friday also closes the night that begins on it.
- Spans are half open, [opens, closes): at the closing instant the calendar is closed. A due time may fall exactly on a
  closing instant (the last moment of the span it used up), and never later than that before the next opening.
- Instants are aware datetimes; answers are UTC in whole seconds; fractions of a second are dropped.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sla.hours import WEEKDAYS, CalendarInvalid, ExceptionDay, Hours, parse_hours
from sla.localtime import DAY_MIN, DAY_S, instant_of, reached, seconds_of, zone_named

HORIZON = timedelta(days=5 * 366)
"""How far ahead open time is looked for before NoOpenTime is raised."""

_HORIZON_S = HORIZON.days * DAY_S
_FIRST_S, _LAST_S = 0, 230 * 366 * DAY_S  # the year 2200: later times are mistakes, not deadlines
_MARGIN_S = 40 * DAY_S
_GROWTH_S = 400 * DAY_S


class TimeOutOfRange(ValueError):
    """An instant before 1970 or after 2200."""


class NoOpenTime(Exception):
    """The calendar has too little open time within the horizon to place a deadline."""

    def __init__(self, calendar: Calendar, after: datetime, needed_s: int) -> None:
        self.calendar, self.after, self.needed_s = calendar, after, needed_s
        super().__init__(
            f"no {needed_s} s of open time within {HORIZON.days} days after {after.isoformat()} ({calendar.zone})"
        )


class OpenSpan(NamedTuple):
    """Open time on the UTC line: [opens, closes)."""

    opens: datetime
    closes: datetime
    seconds: int


class DayNote(NamedTuple):
    """A local day that did not have its usual hours, or has none: kind is holiday, day_off or special."""

    day: date
    name: str
    kind: str


class Explanation(NamedTuple):
    """Why `elapsed(a, b)` is what it is: the spans that were used and the days that were not ordinary."""

    seconds: int
    spans: tuple[OpenSpan, ...]
    days: tuple[DayNote, ...]


class _Window(NamedTuple):
    """Merged spans that cover [low, high): parallel lists, `before[i]` open seconds before span i."""

    low: int
    high: int
    opens: list[int]
    closes: list[int]
    before: list[int]
    through: list[int]


_NOTHING = _Window(1, 0, [], [], [], [])


@dataclass(frozen=True)
class Calendar:
    """An immutable working calendar; equal and hashable by its definition, its expansion is a private cache."""

    zone: str
    weekly: tuple[tuple[Hours, ...], ...]
    exceptions: tuple[ExceptionDay, ...] = ()
    _window: _Window = field(default=_NOTHING, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        zone_named(self.zone)
        if len(self.weekly) != 7:
            raise CalendarInvalid("a calendar needs hours for seven weekdays")
        if not all(h.possible for day in (*self.weekly, *(e.hours for e in self.exceptions)) for h in day):
            raise CalendarInvalid("impossible hours: they begin within their day and last less than 24 h")
        if len({e.day for e in self.exceptions}) != len(self.exceptions):
            raise CalendarInvalid("two exceptions on one date")

    # -- questions ---------------------------------------------------------------------------------------------------

    @cached_property
    def always_open(self) -> bool:
        """True for a calendar that never closes; its answers need no expansion."""
        return not self.exceptions and all(day == (Hours(0, DAY_MIN),) for day in self.weekly)

    def add(self, at: datetime, seconds: int) -> datetime:
        """The instant at which `seconds` of open time have passed since `at`.

        Zero seconds give `at` itself, or the next opening when `at` is closed.
        Raises ValueError for a negative count, NoOpenTime, TimeOutOfRange.
        """
        if seconds < 0:
            raise ValueError("open time is only added forwards")
        start = seconds_of(at)
        if self.always_open:
            return instant_of(_checked(_checked(start) + seconds))
        due = _place(self._window, start, seconds)
        if due is None or due > start + _HORIZON_S:
            due = self._searched(start, seconds)
        return instant_of(due)

    def back(self, at: datetime, seconds: int) -> datetime:
        """The latest instant with `seconds` of open time between it and `at`; `at` itself for none. Raises as `add`."""
        end = _checked(seconds_of(at))
        if not seconds or self.always_open:
            return instant_of(_checked(end - seconds))
        start = end
        while end - start <= _HORIZON_S:
            start -= _GROWTH_S
            window = self._covering(max(start, _FIRST_S), end)
            wanted = _open_before(window, end) - seconds
            if wanted >= 0:
                i = bisect_right(window.before, wanted) - 1
                return instant_of(window.opens[i] + wanted - window.before[i])
        raise NoOpenTime(self, instant_of(max(start, _FIRST_S)), seconds)

    def elapsed(self, since: datetime, until: datetime) -> int:
        """Open seconds in [since, until); 0 when `until` is not after `since`."""
        a, b = _checked(seconds_of(since)), _checked(seconds_of(until))
        if b <= a:
            return 0
        if self.always_open:
            return b - a
        window = self._covering(a, b)
        return _open_before(window, b) - _open_before(window, a)

    def is_open(self, at: datetime) -> bool:
        """Whether the calendar is open at that instant (closed at the closing instant itself)."""
        if self.always_open:
            return True
        t = _checked(seconds_of(at))
        window = self._covering(t, t)
        i = bisect_right(window.opens, t) - 1
        return i >= 0 and t < window.closes[i]

    def next_open(self, at: datetime) -> datetime:
        """The first open instant at or after `at`. Raises NoOpenTime."""
        return self.add(at, 0)

    def explain(self, since: datetime, until: datetime) -> Explanation:
        """The open spans in [since, until) and, for the local days touched, every holiday, day off and special day."""
        a, b = _checked(seconds_of(since)), _checked(seconds_of(until))
        if b <= a:
            return Explanation(0, (), ())
        spans = tuple(OpenSpan(instant_of(o), instant_of(c), c - o) for o, c in self._spans_between(a, b))
        zone = zone_named(self.zone)
        first, last = since.astimezone(zone).date(), (until - timedelta(seconds=1)).astimezone(zone).date()
        return Explanation(sum(span.seconds for span in spans), spans, tuple(self._notes(first, last)))

    # -- data --------------------------------------------------------------------------------------------------------

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Calendar:
        """A calendar from its JSON form; see `to_data`. Raises CalendarInvalid.

        {"zone": "Asia/Shanghai", "weekly": {"mon": ["09:00-12:00", "13:00-18:00"], "sat": ["22:00-06:00"]},
         "exceptions": [{"date": "2025-10-01", "name": "National Day", "hours": []}]}
        """
        try:
            weekly = data["weekly"]
            if unknown := set(weekly) - set(WEEKDAYS):
                raise CalendarInvalid(f"unknown weekdays: {sorted(unknown)}")
            exceptions = (
                ExceptionDay(date.fromisoformat(e["date"]), str(e.get("name", "")), parse_hours(e.get("hours", ())))
                for e in data.get("exceptions", ())
            )
            return cls(
                zone=data["zone"],
                weekly=tuple(parse_hours(weekly.get(day, ())) for day in WEEKDAYS),
                exceptions=tuple(sorted(exceptions)),
            )
        except CalendarInvalid:
            raise
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise CalendarInvalid(f"not a calendar: {error}") from error

    def to_data(self) -> dict[str, Any]:
        """The JSON form: `Calendar.from_data(calendar.to_data()) == calendar`."""
        return {
            "zone": self.zone,
            "weekly": {name: [str(h) for h in day] for name, day in zip(WEEKDAYS, self.weekly, strict=True) if day},
            "exceptions": [
                {"date": e.day.isoformat(), "name": e.name, "hours": [str(h) for h in e.hours]} for e in self.exceptions
            ],
        }

    # -- expansion ---------------------------------------------------------------------------------------------------

    @cached_property
    def _by_date(self) -> dict[date, ExceptionDay]:
        return {e.day: e for e in self.exceptions}

    def _hours_on(self, day: date) -> tuple[Hours, ...]:
        exception = self._by_date.get(day)
        return self.weekly[day.weekday()] if exception is None else exception.hours

    def _covering(self, low: int, high: int) -> _Window:
        """The cached window, first widened if it does not cover [low, high]. Replacing it is atomic, so threads may."""
        known = self._window
        if known.low <= low and high < known.high:
            return known
        start, end = low - _MARGIN_S, high + _GROWTH_S
        if known is not _NOTHING:
            start, end = min(start, known.low), max(end, known.high)
        window = self._expanded(max(start, _FIRST_S), min(end, _LAST_S + DAY_S))
        object.__setattr__(self, "_window", window)
        return window

    def _searched(self, start: int, seconds: int) -> int:
        """`add` outside the cached window: widen it until the seconds fit or the horizon is passed."""
        limit = min(_checked(start) + _HORIZON_S, _LAST_S)
        window = self._covering(start, start)
        while True:
            due = _place(window, start, seconds)
            if due is not None and due <= limit:
                return due
            if window.high > limit:
                raise NoOpenTime(self, instant_of(start), seconds)
            window = self._covering(start, min(window.high + _GROWTH_S, limit))

    def _expanded(self, low: int, high: int) -> _Window:
        merged: list[list[int]] = []
        for opens, closes in sorted(self._raw_spans(low, high)):
            opens, closes = max(opens, low), min(closes, high)
            if opens >= closes:
                continue
            if merged and opens <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], closes)
            else:
                merged.append([opens, closes])
        before, total = [], 0
        for opens, closes in merged:
            before.append(total)
            total += closes - opens
        ends = [closes for _, closes in merged]
        return _Window(low, high, [opens for opens, _ in merged], ends, before, [*before[1:], total] if before else [])

    def _raw_spans(self, low: int, high: int) -> Iterator[tuple[int, int]]:
        # Two days more on either side: the local day is up to a day off UTC's, and a night reaches into the next day.
        zone: ZoneInfo = zone_named(self.zone)
        day, last = instant_of(low).date() - timedelta(days=2), instant_of(high).date() + timedelta(days=2)
        while day <= last:
            for hours in self._hours_on(day):
                yield reached(zone, day, hours.opens), reached(zone, day, hours.closes)
            day += timedelta(days=1)

    def _spans_between(self, a: int, b: int) -> Iterator[tuple[int, int]]:
        if self.always_open:
            yield a, b
            return
        window = self._covering(a, b)
        for i in range(bisect_right(window.closes, a), bisect_left(window.opens, b)):
            yield max(a, window.opens[i]), min(b, window.closes[i])

    def _notes(self, first: date, last: date) -> Iterator[DayNote]:
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            exception = self._by_date.get(day)
            if exception is not None:
                yield DayNote(day, exception.name, "special" if exception.hours else "holiday")
            elif not self.weekly[day.weekday()]:
                yield DayNote(day, "", "day_off")


def _checked(seconds: int) -> int:
    if not _FIRST_S <= seconds <= _LAST_S:
        raise TimeOutOfRange("a time before 1970 or after 2200")
    return seconds


def _place(window: _Window, start: int, seconds: int) -> int | None:
    """Where `seconds` of open time after `start` end, or None when the window does not reach so far."""
    low, high, opens, closes, before, through = window
    if not low <= start < high:
        return None
    i = bisect_right(closes, start)
    if i == len(closes):
        return None
    begin = opens[i] if opens[i] > start else start
    if not seconds:
        return begin
    wanted = before[i] + begin - opens[i] + seconds
    j = bisect_left(through, wanted, i)
    return None if j == len(through) else opens[j] + wanted - before[j]


def _open_before(window: _Window, at: int) -> int:
    """Open seconds from the window's start to `at`."""
    _, _, opens, closes, before, _ = window
    i = bisect_right(opens, at) - 1
    return 0 if i < 0 else before[i] + (at if at < closes[i] else closes[i]) - opens[i]


def always(zone: str = "UTC") -> Calendar:
    """Open round the clock, every day."""
    return Calendar(zone=zone, weekly=((Hours(0, DAY_MIN),),) * 7)


ALWAYS = always()
"""Round the clock: the calendar of emergencies, chats and promises."""
