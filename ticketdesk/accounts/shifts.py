"""Working hours of people, in their own wall-clock time."""

from collections.abc import Iterable
from datetime import datetime, time, tzinfo
from typing import Protocol


class ShiftHours(Protocol):
    """One weekly stretch of work: weekday 0 (Monday) to 6; ends <= starts runs into the next day."""

    @property
    def weekday(self) -> int: ...
    @property
    def starts(self) -> time: ...
    @property
    def ends(self) -> time: ...


def on_shift(shifts: Iterable[ShiftHours], zone: tzinfo, now: datetime) -> bool:
    """Whether somebody with these shifts is at work at `now` (aware); without any shift, always.

    The start belongs to the shift, the end does not. Shifts follow the wall clock: an hour that is skipped in
    spring shortens the shift, an hour that is repeated in autumn is worked twice.
    """
    local = now.astimezone(zone)
    rows = list(shifts)
    return not rows or any(_covers(row, local.weekday(), local.time()) for row in rows)


def _covers(shift: ShiftHours, weekday: int, clock: time) -> bool:
    if shift.starts < shift.ends:
        return shift.weekday == weekday and shift.starts <= clock < shift.ends
    began_today = shift.weekday == weekday and clock >= shift.starts
    began_yesterday = shift.weekday == (weekday - 1) % 7 and clock < shift.ends
    return began_today or began_yesterday
