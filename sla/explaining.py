"""Why a clock is due when it is: its story as periods, with the open time each one used. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sla.calendars import Calendar, Explanation
from sla.clockwork import ClockState
from sla.story import Entry, Told, follow

# Spans are listed for so long a period; a longer one is told by its sum and its days off.
LISTED = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Period:
    """What the clock did from one cause to the next.

    `state` is the clock's state during the period, `cause` what began it and `data` what was said of it. `used` is the
    open time used: None unless the clock ran. `calendar` is the caller's key of the calendar followed.
    """

    since: datetime
    until: datetime
    state: str
    cause: str
    data: Mapping[str, Any]
    calendar: Any
    used: Explanation | None
    after: ClockState


def periods(entries: Sequence[Entry], calendars: Callable[[Any], Calendar], until: datetime) -> list[Period]:
    """The story of a clock as periods up to `until`: usually its due time, or the present if that is later.

    Causes of one instant leave only the last of them. Raises ValueError for a story without a start.
    """
    told: Told | None = None
    found: list[Period] = []
    ordered = sorted(entries, key=lambda entry: (entry.kind != "start", entry.at))
    for number, entry in enumerate(ordered):
        told = follow(told, entry, calendars)
        since = told.state.changed_at
        end = max(since, ordered[number + 1].at) if number + 1 < len(ordered) else max(since, until)
        used = None
        if told.state.running_since is not None:
            used = _used(calendars(told.calendar), since, end)
        found.append(Period(since, end, told.state.state, entry.kind, entry.data, told.calendar, used, told.state))
    return [period for period in found if period.since < period.until or period is found[-1]]


def _used(calendar: Calendar, since: datetime, until: datetime) -> Explanation:
    if until - since <= LISTED:
        return calendar.explain(since, until)
    return Explanation(calendar.elapsed(since, until), (), ())
