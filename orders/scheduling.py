"""From a promise back to the plan, from what slipped on to the forecast. Pure.

A plan is laid once, backwards from the promised day: a step ends where the next one must begin, less its own slack.
The forecast walks forwards over what has happened: a step begins when the one before it ended and never ends before
its plan, so a slip moves the followers by max(0, slip - slack), counted in the open time of the calendar.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from orders.steps import Step, Unit

HOUR_S = 3600


class Workdays(Protocol):
    """A business calendar: open seconds forwards and backwards. `day_s` is how long its usual open day is."""

    @property
    def day_s(self) -> int:
        """Open seconds of a usual day."""

    def add(self, at: datetime, seconds: int) -> datetime:
        """When `seconds` of open time have passed since `at`."""

    def back(self, at: datetime, seconds: int) -> datetime:
        """The latest moment from which `seconds` of open time are left until `at`."""


def later(at: datetime, amount: int, unit: str, calendar: Workdays) -> datetime:
    """`at` plus a step's length; a length of nothing leaves it where it is."""
    if not amount:
        return at
    if unit == Unit.HOURS:
        return at + timedelta(hours=amount)
    return calendar.add(at, amount * (calendar.day_s if unit == Unit.BUSINESS_DAYS else HOUR_S))


def earlier(at: datetime, amount: int, unit: str, calendar: Workdays) -> datetime:
    """`at` less a step's length."""
    if not amount:
        return at
    if unit == Unit.HOURS:
        return at - timedelta(hours=amount)
    return calendar.back(at, amount * (calendar.day_s if unit == Unit.BUSINESS_DAYS else HOUR_S))


def lay(
    steps: Iterable[Step],
    calendar: Workdays,
    *,
    placed_at: datetime,
    ship_by: datetime | None = None,
    deliver_by: datetime | None = None,
) -> dict[str, datetime]:
    """When each needed step is to end, by code; `steps` in their order, the first one is the placing itself.

    Backwards from the promised delivery, or from the agreed hand-over, forwards from there; without either, forwards
    from the placing. A hand-over agreed earlier than the plan needs it holds. What would have to end before the order
    was placed ends then: such a plan is late from the start, and the forecast says so.
    """
    path = [step for step in steps if step.needed]
    codes = [step.code for step in path]
    if deliver_by is not None and "delivered" in codes:
        anchor, end = codes.index("delivered"), deliver_by
    elif ship_by is not None and "handed_over" in codes:
        anchor, end = codes.index("handed_over"), ship_by
    else:
        anchor, end = 0, placed_at
    ends = {path[anchor].code: end}
    for before, step in zip(reversed(path[:anchor]), reversed(path[1 : anchor + 1]), strict=True):
        end = earlier(earlier(end, step.amount, step.unit, calendar), before.slack, before.unit, calendar)
        if before.code == "handed_over" and ship_by is not None:
            end = min(end, ship_by)
        ends[before.code] = end
    end = ends[path[anchor].code]
    for before, step in zip(path[anchor:], path[anchor + 1 :], strict=False):
        end = later(later(end, before.slack, before.unit, calendar), step.amount, step.unit, calendar)
        ends[step.code] = end
    return {code: placed_at if code == codes[0] else max(ends[code], placed_at) for code in codes}


@dataclass(frozen=True, slots=True)
class Course:
    """One step as it stands. `told_at` is when somebody who knows better, such as the carrier, expects it to end."""

    code: str
    amount: int
    unit: str
    planned_at: datetime | None
    promised_at: datetime | None = None
    actual_at: datetime | None = None
    told_at: datetime | None = None


def passed_over(course: Sequence[Course]) -> set[str]:
    """Steps without a time of their own that lie before one that is done: nobody waits for them any more."""
    last = max((number for number, step in enumerate(course) if step.actual_at is not None), default=-1)
    return {step.code for step in course[: max(last, 0)] if step.actual_at is None}


def forecast(
    course: Sequence[Course], calendar: Workdays, *, placed_at: datetime, now: datetime | None = None
) -> dict[str, datetime]:
    """When each step that is not done is expected to end, and the time of each that is; by code.

    An open step ends no earlier than planned, than promised anew, than its length after the one before it, and (with
    `now`) than the present. Steps that were passed over are left out.
    """
    expected: dict[str, datetime] = {}
    silent, ready = passed_over(course), placed_at
    for step in course:
        if step.code in silent:
            continue
        if step.actual_at is not None:
            end = step.actual_at
        elif step.told_at is not None:
            end = max(step.told_at, ready)
        else:
            end = max(filter(None, (later(ready, step.amount, step.unit, calendar), step.planned_at, step.promised_at)))
        if now is not None and step.actual_at is None:
            end = max(end, now)
        expected[step.code] = ready = end
    return expected


# What a parcel's scans say about an order's steps, in the order in which a parcel takes them.
ON_THE_WAY = ("export_cleared", "departed", "arrived", "import_cleared", "out_for_delivery")
_SIGNS: Mapping[tuple[str, str], str] = {
    ("in_transit", "departed_country"): "departed",
    ("in_transit", "arrived_country"): "arrived",
}
_SIGNS_OF_STATUS = {
    "out_for_delivery": "out_for_delivery", "available_for_pickup": "out_for_delivery",
    "attempt_failed": "out_for_delivery", "delivered": "delivered",
}  # fmt: skip
RELEASED = ("customs", "released")
TELLING = frozenset({key[0] for key in (*_SIGNS, RELEASED)} | set(_SIGNS_OF_STATUS))
"""Statuses of scans that say anything about a step."""


def reached(scans: Iterable[tuple[datetime, str, str]]) -> dict[str, datetime]:
    """When one parcel reached the steps on its way, from its scans (time, status, sub-status) in any order.

    A release by customs before it left the country is the export's, any other the import's. A later step proves the
    ones before it.
    """
    told = sorted(scans)
    first: dict[str, datetime] = {}
    for at, status, sub_status in told:
        code = _SIGNS.get((status, sub_status)) or _SIGNS_OF_STATUS.get(status)
        if code:
            first.setdefault(code, at)
    left = first.get("departed")
    for at, status, sub_status in told:
        if (status, sub_status) == RELEASED:
            first.setdefault("export_cleared" if left is not None and at < left else "import_cleared", at)
    found: dict[str, datetime] = {}
    proven = first.get("delivered")
    for code in reversed(ON_THE_WAY):
        proven = min(filter(None, (first.get(code), proven)), default=None)
        if proven is not None:
            found[code] = proven
    return found


def reached_by_all(parcels: Sequence[Mapping[str, datetime]]) -> dict[str, datetime]:
    """The steps that every parcel of an order has reached, at the last one's time."""
    if not parcels:
        return {}
    return {
        code: max(parcel[code] for parcel in parcels)
        for code in ON_THE_WAY
        if all(code in parcel for parcel in parcels)
    }
