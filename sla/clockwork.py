"""One clock, as a value, and everything that can happen to it. Pure.

A clock measures an obligation in open seconds of a calendar: `consumed_s` up to `running_since`, and on from there
while it runs. Nothing ever stores a "hold time": a pause adds up what was consumed, a resumption starts from there.

Every transition takes the time at which its cause happened, not the time at which we learned of it, and returns a new
state; what cannot apply (a pause of a stopped clock) moves nothing but `changed_at`. Causes must come in the order in
which they happened: a late one raises OutOfOrder and the caller folds the clock's whole story again
(`sla.story.fold`), which gives the state that the right order would have given.

Words: the *limit* is target plus grace; late is `at >= due_at`; a *breach* is the fact that a due time passed while the
clock ran. `due_at` is empty while a clock that is not breached pauses: nothing is due then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla.calendars import Calendar, NoOpenTime
from sla.localtime import instant_of, seconds_of

RUNNING: Final = "running"
PAUSED: Final = "paused"
MET: Final = "met"
LATE: Final = "late"
CANCELLED: Final = "cancelled"
STATES: Final = (RUNNING, PAUSED, MET, LATE, CANCELLED)

RESUME_WITHIN = timedelta(hours=72)
"""A ticket reopened sooner goes on with its old clock; later it gets a new cycle."""
RAISE_GRACE_S = 15 * 60
"""Open seconds that a raised grade leaves at least."""


class OutOfOrder(ValueError):
    """A cause happened before one that the clock has already taken in."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """The whole state of a clock. Times are aware UTC in whole seconds, `_s` are open seconds of its calendar.

    `changed_at` is when the latest cause taken in happened. `grace_s` is what the limit differs from the target: more
    when a raised grade left some grace, less when a shorter promise stayed in force.
    """

    target_s: int
    state: str
    started_at: datetime
    changed_at: datetime
    consumed_s: int = 0
    grace_s: int = 0
    running_since: datetime | None = None
    due_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_reason: str = ""
    first_verdict: str = ""
    first_due_at: datetime | None = None

    @property
    def limit_s(self) -> int:
        """Open seconds allowed in all."""
        return self.target_s + self.grace_s

    @property
    def is_open(self) -> bool:
        """Running or paused: the obligation still stands."""
        return self.state in (RUNNING, PAUSED)

    def is_late(self, now: datetime) -> bool:
        """Whether the obligation was broken, as seen at `now`: a due time passed, whether announced or not."""
        return self.breached_at is not None or (self.state == RUNNING and self._due_by(now))

    def _due_by(self, at: datetime) -> bool:
        return self.due_at is not None and at >= self.due_at


def start(at: datetime, target_s: int, calendar: Calendar) -> ClockState:
    """A clock that runs from `at`. Raises ValueError for a target below one second, NoOpenTime, TimeOutOfRange."""
    if target_s < 1:
        raise ValueError("a target is at least one second")
    at = instant_of(seconds_of(at))
    due = calendar.add(at, target_s)
    return ClockState(target_s, RUNNING, started_at=at, changed_at=at, running_since=at, due_at=due)


def pause(state: ClockState, at: datetime, calendar: Calendar) -> ClockState:
    """Stop counting. A clock already late keeps its due time and breach; any other has no due time until it resumes."""
    state, at = _as_of(state, at)
    if state.state != RUNNING:
        return state
    state = _consumed(state, at, calendar)
    return replace(state, state=PAUSED, running_since=None, due_at=state.breached_at)


def resume(state: ClockState, at: datetime, calendar: Calendar) -> ClockState:
    """Count on. Raises NoOpenTime."""
    state, at = _as_of(state, at)
    if state.state != PAUSED:
        return state
    return _running_from(state, at, calendar)


def stop(state: ClockState, at: datetime, calendar: Calendar, reason: str) -> ClockState:
    """The obligation is fulfilled at `at`: met when before the due time, else late. An announced breach whose due time
    had not come at `at` is retracted. The first verdict and the due time it was given on are kept for good."""
    state, at = _as_of(state, at)
    if not state.is_open:
        return state
    state = _finished(state, at, calendar, reason)
    verdict = LATE if state.breached_at else MET
    if state.first_verdict:
        return replace(state, state=verdict)
    return replace(state, state=verdict, first_verdict=verdict, first_due_at=state.due_at)


def cancel(state: ClockState, at: datetime, calendar: Calendar, reason: str) -> ClockState:
    """The obligation falls away at `at`. A breach that had happened by then stays on record."""
    state, at = _as_of(state, at)
    if not state.is_open:
        return state
    return replace(_finished(state, at, calendar, reason), state=CANCELLED)


def retarget(
    state: ClockState,
    at: datetime,
    calendar: Calendar,
    *,
    target_s: int,
    new_calendar: Calendar | None = None,
    least_s: int = 0,
    lengthen: bool = True,
) -> ClockState:
    """Another target, or another calendar, from `at` on; what is consumed stays consumed.

    `least_s` open seconds remain at least (granted as grace). With `lengthen=False` the deadline never moves back.
    A late clock keeps its breach, its due time and its target. Raises NoOpenTime.
    """
    state, at = _as_of(state, at)
    if not state.is_open or state.breached_at:
        return state
    after = new_calendar or calendar
    counted = _consumed(state, at, calendar)
    remaining = max(target_s - counted.consumed_s, least_s, 0)
    if not lengthen:
        remaining = min(remaining, counted.limit_s - counted.consumed_s)
    grace_s = counted.consumed_s + remaining - target_s
    moved = replace(counted, target_s=target_s, grace_s=grace_s)
    return moved if moved.state == PAUSED else _running_from(moved, at, after)


def rebase(state: ClockState, at: datetime, calendar: Calendar, *, due_at: datetime) -> ClockState:
    """Another absolute deadline from `at` on: a promise that was moved. A late clock is left alone: the promise that
    was broken stays broken, and the new one is a new cycle."""
    state, at = _as_of(state, at)
    if not state.is_open or state.breached_at:
        return state
    counted = _consumed(state, at, calendar)
    target_s = max(1, counted.consumed_s + calendar.elapsed(at, due_at))
    moved = replace(counted, target_s=target_s, grace_s=0)
    if moved.state == PAUSED:
        return moved
    return replace(moved, running_since=at, due_at=max(instant_of(seconds_of(due_at)), at))


def reopen(state: ClockState, at: datetime, calendar: Calendar) -> ClockState:
    """Go on with a stopped clock; the time in between does not count. A breach and the first verdict stay.

    Only within RESUME_WITHIN of the stop (see `may_reopen`); later it changes nothing and a new cycle is to start.
    """
    state, at = _as_of(state, at)
    if not may_reopen(state, at):
        return state
    return _running_from(replace(state, stopped_at=None, stop_reason=""), at, calendar)


def may_reopen(state: ClockState, at: datetime) -> bool:
    """Whether a reopening at `at` goes on with this clock instead of starting a new cycle."""
    return state.state in (MET, LATE) and state.stopped_at is not None and at - state.stopped_at <= RESUME_WITHIN


def judged(state: ClockState, now: datetime) -> ClockState:
    """The state with its breach on record, if its due time has passed at `now` while it ran."""
    if state.state == RUNNING and state.breached_at is None and state._due_by(now):
        return replace(state, breached_at=state.due_at)
    return state


def remaining_s(state: ClockState, now: datetime, calendar: Calendar) -> int:
    """Open seconds left at `now`; negative by how much it is over."""
    running = calendar.elapsed(state.running_since, now) if state.running_since else 0
    return state.limit_s - state.consumed_s - running


def _as_of(state: ClockState, at: datetime) -> tuple[ClockState, datetime]:
    """The state as it stood at `at`, with `at` in whole seconds. A breach announced since then is taken back: at `at`
    the due time had not come. Raises OutOfOrder."""
    at = instant_of(seconds_of(at))
    if at < state.changed_at:
        raise OutOfOrder(f"{at.isoformat()} is before {state.changed_at.isoformat()}")
    breached_at = state.breached_at
    if state.is_open:
        breached_at = state.due_at if state._due_by(at) else None
    return replace(state, breached_at=breached_at, changed_at=at), at


def _consumed(state: ClockState, at: datetime, calendar: Calendar) -> ClockState:
    if state.running_since is None:
        return state
    return replace(state, consumed_s=state.consumed_s + calendar.elapsed(state.running_since, at), running_since=at)


def _running_from(state: ClockState, at: datetime, calendar: Calendar) -> ClockState:
    due = state.due_at if state.breached_at else calendar.add(at, max(0, state.limit_s - state.consumed_s))
    return replace(state, state=RUNNING, running_since=at, due_at=due)


def _finished(state: ClockState, at: datetime, calendar: Calendar, reason: str) -> ClockState:
    counted = _consumed(state, at, calendar)
    due = counted.due_at or _due_if_resumed(counted, at, calendar)
    return replace(counted, running_since=None, due_at=due, stopped_at=at, stop_reason=reason)


def _due_if_resumed(state: ClockState, at: datetime, calendar: Calendar) -> datetime | None:
    """When a clock that stops out of a pause would have been due: what lists show and periods are counted by."""
    try:
        return calendar.add(at, max(1, state.limit_s - state.consumed_s))
    except NoOpenTime:
        return None
