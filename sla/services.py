"""The sweep that lets due steps act, and the explanation of a deadline."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from orders.due import DueTable
from sla import ledger, notices, story
from sla.clockwork import ClockState, judged
from sla.explaining import Period, periods
from sla.ladder import Owed, plan
from sla.ledger import Claimed, Note, Row
from sla.models import CalendarVersion, Clock, Fire, PolicyVersion
from sla.notices import Call
from sla.versions import calendar_of, policy_of
from ticketdesk.outbox.heartbeat import beat
from tickets.services import Escalation, escalate

log = logging.getLogger(__name__)

DUE = DueTable(table="sla_clock", key="id", due="next_fire_at")
BATCH = 500
# A worker's turn: shorter than a task's soft time limit, long enough to be worth the wake-up.
TURN_S = 20.0
# A clock that can not be planned is set aside for so long, so that it never stops the others.
SET_ASIDE = timedelta(minutes=10)


@dataclass(slots=True)
class Swept:
    """What a sweep did: clocks looked at, steps that acted and were passed over, breaches put on record."""

    clocks: int = 0
    acted: int = 0
    skipped: int = 0
    breached: int = 0
    escalated: int = 0
    told: int = 0
    failed: int = 0

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(slots=True)
class _Writing:
    """What one batch writes."""

    notes: list[Note] = field(default_factory=list)
    owed: list[tuple[Row, Owed, str]] = field(default_factory=list)
    failed: int = 0


def sweep_until_idle(*, now: datetime | None = None, limit: int = BATCH, turn_s: float = TURN_S) -> Swept:
    """Sweep until nothing is due or `turn_s` seconds are over. May run anywhere, any number of times, overlapping."""
    beat("sla")
    total, ends = Swept(), time.monotonic() + turn_s
    while time.monotonic() < ends:
        part = sweep(now=now, limit=limit)
        total += part
        if part.clocks == 0:
            break
    return total


def sweep(*, now: datetime | None = None, limit: int = BATCH) -> Swept:
    """Take at most `limit` due clocks of each shop, oldest first, and let their steps act, each exactly once.

    A batch is one transaction that holds the clocks and their tickets: a crash leaves nothing half done, and what
    somebody else holds is left to him. `now` replaces the database's clock for shops that live in the real present.
    """
    total = Swept()
    for shop_id, present in DUE.shops(now=now):
        with transaction.atomic():
            claimed = ledger.claim(shop_id, present, limit)
            if claimed:
                total += _fire(claimed, present)
    return total


def _fire(claimed: Sequence[Claimed], present: datetime) -> Swept:
    fired = ledger.fired([each.row.id for each in claimed if each.row.id is not None])
    writing = _Writing()
    for each in claimed:
        _look(each.row, fired.get(each.row.id or 0, set()), present, writing)
    new = ledger.fire(writing.owed, present)
    ledger.update_looked_at([each.row for each in claimed])
    ledger.note(writing.notes)
    acting = [
        (row, owed)
        for row, owed, outcome in writing.owed
        if outcome == Fire.Outcome.ACTED and (row.id, owed.step.key, owed.repeat_no) in new
    ]
    escalations, calls = _actions(acting, {each.row.id: each.assignee_id for each in claimed}, present)
    escalate(escalations)
    return Swept(
        clocks=len(claimed),
        acted=len(acting),
        skipped=sum(outcome == Fire.Outcome.SKIPPED for _, _, outcome in writing.owed),
        breached=len(writing.notes),
        escalated=len(escalations),
        told=notices.tell(calls),
        failed=writing.failed,
    )


def _look(row: Row, fired: set[tuple[str, int]], present: datetime, writing: _Writing) -> None:
    """Judge and plan one clock. One that can not be planned is set aside with a log line; the others go on."""
    try:
        told = plan(
            row.state,
            policy_of(row.policy_version_id).ladder(row.metric, row.grade),
            fired,
            calendar_of(row.calendar_version_id),
            present,
        )
    except Exception:
        log.exception("Clock %s can not be planned", row.id)
        row.next_fire_at = present + SET_ASIDE
        writing.failed += 1
        return
    state = judged(row.state, present)
    if state.breached_at is not None and row.state.breached_at is None:
        writing.notes.append(Note(row, story.BREACH, state.breached_at, {}))
    row.state = state
    row.next_fire_at = _earliest(told.next_fire_at, state)
    row.epoch += 1
    writing.owed += [(row, owed, Fire.Outcome.ACTED.value) for owed in told.acting]
    writing.owed += [(row, owed, Fire.Outcome.SKIPPED.value) for owed in told.skipped]


def _earliest(next_fire_at: datetime | None, state: ClockState) -> datetime | None:
    """The breach is put on record even where no step stands at the due time."""
    if state.breached_at is not None or state.due_at is None:
        return next_fire_at
    return state.due_at if next_fire_at is None else min(state.due_at, next_fire_at)


def _actions(
    acting: Sequence[tuple[Row, Owed]], assignees: dict[int | None, int | None], present: datetime
) -> tuple[list[Escalation], list[Call]]:
    escalations, calls = [], []
    for row, owed in acting:
        for action in owed.step.actions:
            if action["do"] == "escalate":
                data = {"metric": row.metric, "step": owed.step.key, "clock": row.id, "grade": row.grade}
                escalations.append(Escalation(row.ticket_id, action["tier"], present, data))
            else:
                calls.append(
                    Call(
                        key=f"fire:{row.id}:{owed.step.key}:{owed.repeat_no}",
                        ticket_id=row.ticket_id,
                        team_id=row.team_id,
                        assignee_id=assignees[row.id],
                        kind=action["kind"],
                        metric=row.metric,
                        role=action["to"],
                        at=owed.moment,
                    )
                )
    return escalations, calls


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a clock is due when it is. Each period names its calendar version by id; `calendars` holds them."""

    clock: Clock
    state: ClockState
    late: bool
    periods: list[Period]
    calendars: dict[int, CalendarVersion]
    policy_version: PolicyVersion
    fires: list[Fire]


def explain(clock: Clock, *, now: datetime) -> Explained:
    """A clock's deadline step by step, as seen at the shop's present `now`; four queries."""
    entries = ledger.story_of(clock.pk)
    state = story.fold(entries, calendar_of).state
    until = clock.stopped_at or max(now, clock.due_at or now)
    told = periods(entries, calendar_of, until)
    used = {period.calendar for period in told}
    versions = CalendarVersion.objects.select_related("calendar").filter(pk__in=used)
    return Explained(
        clock=clock,
        state=judged(state, now),
        late=state.is_late(now),
        periods=told,
        calendars={version.pk: version for version in versions},
        policy_version=PolicyVersion.objects.select_related("policy").get(pk=clock.policy_version_id),
        fires=list(Fire.objects.filter(clock=clock).order_by("due_at")),
    )
