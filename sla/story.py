"""A clock's story: what happened to it, in order, and the state that follows from it. Pure.

The stored row of a clock is only the last page of its story. Folding the story again gives the same row whatever order
its entries arrived in; that is how late events are taken in and how the nightly replay checks the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from sla import clockwork
from sla.calendars import Calendar
from sla.clockwork import ClockState

START: Final = "start"
PAUSE: Final = "pause"
RESUME: Final = "resume"
RETARGET: Final = "retarget"
REBASE: Final = "rebase"
STOP: Final = "stop"
CANCEL: Final = "cancel"
REOPEN: Final = "reopen"
CAUSES: Final = (START, PAUSE, RESUME, RETARGET, REBASE, STOP, CANCEL, REOPEN)
"""What moves a clock. Everything else in a ledger (warn, breach, retract, escalate) only tells of it."""

BREACH: Final = "breach"
RETRACT: Final = "retract"


@dataclass(frozen=True, slots=True)
class Entry:
    """One cause. `data` by kind, JSON-able:

    start {target_s, calendar} · retarget {target_s, calendar?, least_s?, lengthen?} · rebase {due_at (ISO)} ·
    stop, cancel {reason} · pause, resume, reopen: nothing that moves the clock. `calendar` is the caller's key.
    """

    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """The state at the end of a story, and the key of the calendar that the clock follows from there on."""

    state: ClockState
    calendar: Any


def follow(told: Told | None, entry: Entry, calendars: Callable[[Any], Calendar]) -> Told:
    """What one more entry makes of the story. Nothing happens to a clock before its start: an earlier entry counts from
    there. Raises OutOfOrder, and ValueError for a story that does not begin with a start."""
    if told is None:
        if entry.kind != START:
            raise ValueError(f"a clock's story begins with its start, not with {entry.kind!r}")
        key = entry.data["calendar"]
        return Told(clockwork.start(entry.at, entry.data["target_s"], calendars(key)), key)
    state, data, calendar = told.state, entry.data, calendars(told.calendar)
    entry = replace(entry, at=max(entry.at, state.started_at))
    match entry.kind:
        case "pause":
            state = clockwork.pause(state, entry.at, calendar)
        case "resume":
            state = clockwork.resume(state, entry.at, calendar)
        case "stop":
            state = clockwork.stop(state, entry.at, calendar, data.get("reason", ""))
        case "cancel":
            state = clockwork.cancel(state, entry.at, calendar, data.get("reason", ""))
        case "reopen":
            state = clockwork.reopen(state, entry.at, calendar)
        case "rebase":
            state = clockwork.rebase(state, entry.at, calendar, due_at=datetime.fromisoformat(data["due_at"]))
        case "retarget":
            return _retargeted(told, entry, calendar, calendars)
        case _:
            raise ValueError(f"not a cause: {entry.kind!r}")
    return Told(state, told.calendar)


def fold(entries: Iterable[Entry], calendars: Callable[[Any], Calendar]) -> Told:
    """The end of a whole story, told in the order in which things happened (at one instant: in the order given)."""
    told: Told | None = None
    for entry in sorted(entries, key=_moment):
        told = follow(told, entry, calendars)
    if told is None:
        raise ValueError("an empty story")
    return told


def announcement(before: ClockState | None, after: ClockState) -> str | None:
    """Which announcement the step from one state to the next calls for: BREACH, RETRACT or None."""
    was, now = before is not None and before.breached_at is not None, after.breached_at is not None
    return None if was == now else (BREACH if now else RETRACT)


def _moment(entry: Entry) -> tuple[bool, datetime]:
    # The start comes first even where a cause carries an earlier time: a message dated before its ticket.
    return entry.kind != START, entry.at


def _retargeted(told: Told, entry: Entry, calendar: Calendar, calendars: Callable[[Any], Calendar]) -> Told:
    data = entry.data
    key = data.get("calendar", told.calendar)
    state = clockwork.retarget(
        told.state,
        entry.at,
        calendar,
        target_s=data["target_s"],
        new_calendar=calendars(key),
        least_s=data.get("least_s", 0),
        lengthen=data.get("lengthen", True),
    )
    # A clock that is late or stopped is not retargeted and keeps its calendar too.
    moved = state.is_open and state.breached_at is None
    return Told(state, key if moved else told.calendar)
