"""Escalation ladders: which steps of a clock are owed at a moment, and when to look again. Pure.

A step stands at a point of its clock: so much percent of the limit, or an offset from the due time, counted in open
time (it waits while the clock pauses) or in elapsed time. When several steps are owed at once (the desk was down), only
the highest tier reached acts and the rest are recorded as skipped; nobody is flooded with stale warnings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sla.calendars import Calendar, NoOpenTime
from sla.clockwork import RUNNING, ClockState
from sla.localtime import instant_of, seconds_of

ROLES: Final = ("assignee", "lead", "head", "supervisors")
KINDS: Final = ("due_soon", "late", "emergency")
"""Whom an action may tell, and of what."""


class LadderInvalid(ValueError):
    """The data does not describe a ladder; the message says which step and why."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung. Exactly one of `percent` (0 is the start, 100 the due time) and `offset_s` (from the due time) is set.

    `elapsed`: the offset counts round the clock instead of in open time. `tier`: how far up it reaches (0 only tells).
    `alone`: acts whatever else is owed, and silences nobody: an emergency call. `metrics`, `grades`: empty means all.
    `actions` is data for the service that acts: {"do": "escalate", "tier": 2} or
    {"do": "notify", "to": one of ROLES, "kind": one of KINDS}.
    """

    key: str
    percent: int | None = None
    offset_s: int | None = None
    elapsed: bool = False
    tier: int = 0
    alone: bool = False
    metrics: tuple[str, ...] = ()
    grades: tuple[int, ...] = ()
    repeat_every_s: int = 0
    repeat_max: int = 0
    actions: tuple[Mapping[str, Any], ...] = ()

    def concerns(self, metric: str, grade: int) -> bool:
        """Whether the step is meant for clocks of that metric and grade."""
        return (not self.metrics or metric in self.metrics) and (not self.grades or grade in self.grades)


class Owed(NamedTuple):
    """One repetition of a step (0 is the first time) and the moment at which it became due."""

    step: Step
    repeat_no: int
    moment: datetime


class Plan(NamedTuple):
    """What to do now, in the order of moments; what is passed over; when to look again (None: nothing more to come)."""

    acting: tuple[Owed, ...]
    skipped: tuple[Owed, ...]
    next_fire_at: datetime | None


def plan(
    state: ClockState,
    steps: Sequence[Step],
    fired: Collection[tuple[str, int]],
    calendar: Calendar,
    now: datetime,
) -> Plan:
    """The steps owed at `now` that are not in `fired` (pairs of step key and repetition).

    A clock that pauses or is finished owes nothing. `steps` are those that concern the clock.
    """
    if state.state != RUNNING:
        return Plan((), (), None)
    owed: list[Owed] = []
    next_fire_at: datetime | None = None
    for step in steps:
        for repeat_no in range(step.repeat_max + 1):
            if (step.key, repeat_no) in fired:
                continue
            moment = _moment(state, step, repeat_no, calendar)
            if moment is None:
                break
            if moment > now:
                next_fire_at = moment if next_fire_at is None else min(next_fire_at, moment)
                break  # later repetitions come later still
            owed.append(Owed(step, repeat_no, moment))
    owed.sort(key=lambda each: (each.moment, each.step.tier, each.repeat_no))
    acting = _highest(owed)
    return Plan(tuple(acting), tuple(each for each in owed if each not in acting), next_fire_at)


def first_fire(state: ClockState, steps: Sequence[Step], calendar: Calendar) -> datetime | None:
    """When the first step of a clock that has just started is due: `plan` before anything fired, without the plan."""
    if state.state != RUNNING or state.running_since is None:
        return None
    points = [_point(state, step) for step in steps if not (step.elapsed and step.offset_s is not None)]
    moments = [_after(state, min(points), calendar)] if points else []
    moments += [_moment(state, step, 0, calendar) for step in steps if step.elapsed and step.offset_s is not None]
    return min((moment for moment in moments if moment is not None), default=None)


def _highest(owed: Sequence[Owed]) -> list[Owed]:
    """Of what is owed at once: the last repetition of each step of the highest tier, and each step that acts alone."""
    latest = {each.step.key: each for each in owed}
    top = max((each.step.tier for each in latest.values() if not each.step.alone), default=0)
    return [each for each in latest.values() if each.step.alone or each.step.tier == top]


def _moment(state: ClockState, step: Step, repeat_no: int, calendar: Calendar) -> datetime | None:
    extra_s = repeat_no * step.repeat_every_s
    if step.elapsed and step.offset_s is not None:
        if state.due_at is None:
            return None
        return instant_of(seconds_of(state.due_at) + step.offset_s + extra_s)
    return _after(state, _point(state, step) + extra_s, calendar)


def _point(state: ClockState, step: Step) -> int:
    """The step's place in the clock's own open seconds."""
    if step.percent is not None:
        return -(-state.limit_s * step.percent // 100)
    return state.limit_s + (step.offset_s or 0)


def _after(state: ClockState, point_s: int, calendar: Calendar) -> datetime | None:
    """When a running clock has consumed `point_s`; the last resumption when it had by then; None if never."""
    if state.running_since is None:
        return None
    if point_s <= state.consumed_s:
        return state.running_since
    try:
        return calendar.add(state.running_since, point_s - state.consumed_s)
    except NoOpenTime:
        return None


# -- data ------------------------------------------------------------------------------------------------------------


def ladder_from_data(data: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """A ladder from its JSON form: one object per step with the fields of Step. Raises LadderInvalid."""
    steps = tuple(_step(item) for item in data)
    if len({step.key for step in steps}) != len(steps):
        raise LadderInvalid("two steps with one key")
    return steps


def _step(item: Mapping[str, Any]) -> Step:
    try:
        listed = {name: tuple(item[name]) for name in ("metrics", "grades", "actions") if name in item}
        step = Step(**{**item, **listed})
    except TypeError as error:
        raise LadderInvalid(f"not a step: {error}") from error
    for problem in _problems(step):
        raise LadderInvalid(f"step {step.key!r}: {problem}")
    return step


def _problems(step: Step) -> Iterator[str]:
    if (step.percent is None) == (step.offset_s is None):
        yield "give either a percentage or an offset"
    if step.percent is not None and not 0 <= step.percent <= 1000:
        yield "a percentage is between 0 and 1000"
    if step.offset_s is not None and abs(step.offset_s) > timedelta(days=366).total_seconds():
        yield "an offset is at most a year"
    if not 0 <= step.tier <= 3:
        yield "tiers are 0 to 3"
    if not 0 <= step.repeat_max <= 100:
        yield "a step repeats at most 100 times"
    if step.repeat_max and step.repeat_every_s < 60:
        yield "a step repeats every minute at most"
    for action in step.actions:
        match action:
            case {"do": "escalate", "tier": 2 | 3, **rest} if not rest:
                pass
            case {"do": "notify", "to": to, "kind": kind, **rest} if to in ROLES and kind in KINDS and not rest:
                pass
            case _:
                yield f"not an action: {dict(action)!r}"
