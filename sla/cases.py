"""One ticket's clocks, and what each kind of ticket event does to them. No query but for a late event's story."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from orders.detectors import catalogue
from sla import clockwork, ledger, story
from sla.calendars import NoOpenTime
from sla.clockwork import RAISE_GRACE_S, RUNNING, ClockState, OutOfOrder
from sla.ladder import first_fire
from sla.ledger import Note, Row
from sla.policies import FIRST_RESPONSE, HANDOVER, NEXT_RESPONSE, SOLUTION, Facts, Policy, Target
from sla.story import Entry, Told
from sla.versions import Current, calendar_of, policy_of
from tickets.models import Ticket, TicketEvent
from tickets.services import Deadlines

log = logging.getLogger(__name__)

# What the customer is promised; a hand-over is a promise among ourselves.
TO_CUSTOMER = (FIRST_RESPONSE, NEXT_RESPONSE, SOLUTION)
SECOND = timedelta(seconds=1)


def next_look(state: ClockState, policy: Policy, metric: str, grade: int, calendar_version_id: int) -> datetime | None:
    """When the sweep must look at a clock that was just planned; None when it does not run. Steps that fired before
    are not left out: looking once in vain is cheaper than asking for them on every change."""
    if state.state != RUNNING:
        return None
    look = first_fire(state, policy.ladder(metric, grade), calendar_of(calendar_version_id))
    if state.breached_at is not None or state.due_at is None:
        return look
    return state.due_at if look is None else min(look, state.due_at)


@dataclass(slots=True)
class Case:
    """A locked ticket with the latest clock of each metric and holder; collects what is to be written."""

    ticket: Ticket
    rows: list[Row]
    current: Current
    is_vip: Callable[[int | None], bool]
    newest: dict[str, Row] = field(init=False)
    """The clock of the latest cycle of each metric."""
    touched: dict[int, Row] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    shut: list[int] = field(default_factory=list)
    """Calendar versions found to have no open time."""

    def __post_init__(self) -> None:
        self.newest = {row.metric: row for row in self.rows}  # the rows come with earlier cycles first

    # -- events ------------------------------------------------------------------------------------------------------

    def take(self, event: TicketEvent) -> None:
        """Let one event do what it does; copies of the ticket's team and grade follow it."""
        if event.data.get("woken"):
            self.left_incident(event)
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event)
        for row in self.rows:
            if row.state.is_open and row.metric != HANDOVER:
                self._copy(row)

    def opened(self, event: TicketEvent) -> None:
        """Start what is promised for the ticket, unless it came in finished (an import) or its incident's ticket
        stands for it."""
        if self.ticket.is_live and not self.ticket.muted:
            for metric in (FIRST_RESPONSE, SOLUTION):
                if self.newest.get(metric) is None:
                    self._start(metric, event.at)

    def joined_incident(self, event: TicketEvent) -> None:
        """The incident's ticket stands for this one: while it is muted its clocks stand still."""
        if self.ticket.muted:
            for row in self._open(*TO_CUSTOMER, HANDOVER):
                self._apply(row, story.PAUSE, event.at, {"reason": "incident"})

    def left_incident(self, event: TicketEvent) -> None:
        """A ticket of its own again: what was promised goes on, or begins."""
        for row in self._open(*TO_CUSTOMER, HANDOVER):
            policy, party = policy_of(row.policy_version_id), self.ticket.waiting_for
            if not (party and policy.pauses_while(party, row.metric)):
                self._resume(row, event.at)
        if self.ticket.responded_at is None and self.newest.get(FIRST_RESPONSE) is None and self.ticket.is_live:
            self._start(FIRST_RESPONSE, event.at)
        if self.newest.get(SOLUTION) is None and self.ticket.is_live:
            self._start(SOLUTION, event.at)

    def replied(self, event: TicketEvent) -> None:
        """A person's answer to the customer; what a machine sends answers nobody."""
        if event.actor_id is not None and not event.data.get("automatic"):
            for metric in (FIRST_RESPONSE, NEXT_RESPONSE):
                self._apply_latest(metric, story.STOP, event.at, {"reason": "reply"})

    def customer_wrote(self, event: TicketEvent) -> None:
        """Back to work; unless an answer is owed already, one is owed from now on."""
        self.back_to_work(event)
        owed = [self.newest.get(metric) for metric in (FIRST_RESPONSE, NEXT_RESPONSE)]
        if not any(row is not None and row.state.is_open for row in owed):
            self._start(NEXT_RESPONSE, event.at)

    def back_to_work(self, event: TicketEvent) -> None:
        """The ticket is being worked on: its solution clock runs, resumed, reopened or begun anew."""
        for row in self._open(*TO_CUSTOMER):
            self._resume(row, event.at)
        solution = self.newest.get(SOLUTION)
        if not self.ticket.is_live or solution is None or solution.state.is_open:
            return
        if clockwork.may_reopen(solution.state, event.at):
            self._apply(solution, story.REOPEN, event.at, {})
        else:
            self._start(SOLUTION, event.at)

    def waited(self, event: TicketEvent) -> None:
        """Waiting pauses what the policy says it pauses, until the ticket comes back to work."""
        party = event.data.get("waiting_for", "")
        data = {key: event.data.get(key) for key in ("waiting_for", "reason", "call_back_at")}
        for row in self._open(*TO_CUSTOMER):
            if policy_of(row.policy_version_id).pauses_while(party, row.metric):
                self._apply(row, story.PAUSE, event.at, data)
            else:
                self._resume(row, event.at)

    def regraded(self, event: TicketEvent) -> None:
        """Another grade, another target, from now on; a raise leaves some grace."""
        raised = event.data.get("grade", 4) < event.data.get("grade_from", 4)
        for row in self._open(*TO_CUSTOMER):
            target = policy_of(row.policy_version_id).targets(self._facts()).get(row.metric)
            if target is not None:
                self._retarget(row, target, event.at, least_s=RAISE_GRACE_S if raised else 0)

    def handed_over(self, event: TicketEvent) -> None:
        """The other department's own clock starts; the solution clock goes on."""
        self.back_to_work(event)
        due_by = datetime.fromisoformat(event.data["due_by"])
        target = Target(max(1, (due_by - event.at) // SECOND), True, "")
        self._start(HANDOVER, event.at, target, holder=event.data["department"], team_id=event.data["to_team"])

    def answered(self, event: TicketEvent) -> None:
        """The other department has answered."""
        for row in self._open(HANDOVER):
            self._apply(row, story.STOP, event.at, {"reason": "answer"})

    def called_back(self, event: TicketEvent) -> None:
        """The question to the other department is taken back."""
        for row in self._open(HANDOVER):
            self._apply(row, story.CANCEL, event.at, {"reason": "called_back"})

    def solved(self, event: TicketEvent) -> None:
        """The solution is there; whatever else was owed is owed no more."""
        self._apply_latest(SOLUTION, story.STOP, event.at, {"reason": "solved"})
        for row in self._open(FIRST_RESPONSE, NEXT_RESPONSE, HANDOVER):
            self._apply(row, story.CANCEL, event.at, {"reason": "solved"})

    def closed(self, event: TicketEvent) -> None:
        """Closed or merged: nothing is owed any more."""
        for row in self._open(*TO_CUSTOMER, HANDOVER):
            self._apply(row, story.CANCEL, event.at, {"reason": str(event.data.get("why") or event.kind)[:40]})

    # -- what is to be written ---------------------------------------------------------------------------------------

    def plan(self) -> None:
        """Say of every touched clock when the sweep must look at it."""
        for row in self.touched.values():
            policy = policy_of(row.policy_version_id)
            row.next_fire_at = next_look(row.state, policy, row.metric, row.grade, row.calendar_version_id)

    def deadlines(self) -> Deadlines:
        """What the ticket's own columns are to say."""
        promises = [row for row in self.rows if row.metric in TO_CUSTOMER and row.state.is_open]
        running = [row.state.due_at for row in promises if row.state.state == RUNNING and row.state.due_at]
        return Deadlines(
            ticket_id=self.ticket.pk,
            respond_by=self._shown(FIRST_RESPONSE),
            resolve_by=self._shown(SOLUTION),
            due_by=min(running, default=None),
            paused=bool(promises) and not running,
        )

    # -- clocks ------------------------------------------------------------------------------------------------------

    def _start(
        self, metric: str, at: datetime, target: Target | None = None, *, holder: str = "", team_id: int | None = None
    ) -> None:
        policy_id = self.current.policy_version_id
        target = target or policy_of(policy_id).targets(self._facts()).get(metric)
        if target is None:
            return
        ticket, before = self.ticket, self.newest.get(metric)
        calendar_id = self.current.calendar_id(ticket.shop_id, round_the_clock=target.round_the_clock)
        try:
            state = clockwork.start(at, target.seconds, calendar_of(calendar_id))
        except NoOpenTime as error:
            calendar_id = self._shut(calendar_id, error)
            state = clockwork.start(at, target.seconds, calendar_of(calendar_id))
        row = Row(
            ticket.pk, ticket.shop_id, team_id or ticket.team_id, ticket.grade, metric,
            before.cycle + 1 if before else 1, holder or ticket.holder, policy_id, calendar_id, target.rule, state,
        )  # fmt: skip
        self.rows.append(row)
        self.newest[metric] = row
        self._touch(row)
        self.notes.append(Note(row, story.START, at, {"target_s": target.seconds, "calendar": calendar_id}))

    def _retarget(self, row: Row, target: Target, at: datetime, *, least_s: int) -> None:
        same_kind = calendar_of(row.calendar_version_id).always_open == target.round_the_clock
        calendar_id = (
            row.calendar_version_id
            if same_kind
            else self.current.calendar_id(self.ticket.shop_id, round_the_clock=target.round_the_clock)
        )
        if target.seconds == row.state.target_s and calendar_id == row.calendar_version_id:
            return
        row.rule = target.rule
        data = {"target_s": target.seconds, "calendar": calendar_id, "least_s": least_s}
        self._apply(row, story.RETARGET, at, data)

    def _apply_latest(self, metric: str, kind: str, at: datetime, data: dict[str, Any]) -> None:
        row = self.newest.get(metric)
        # A finished clock takes in only what happened before it finished and is told late.
        if row is not None and (row.state.is_open or at < row.state.changed_at):
            self._apply(row, kind, at, data)

    def _resume(self, row: Row, at: datetime) -> None:
        if row.state.state == clockwork.PAUSED or at < row.state.changed_at:
            self._apply(row, story.RESUME, at, {})

    def _apply(self, row: Row, kind: str, at: datetime, data: dict[str, Any]) -> None:
        try:
            told = self._followed(row, Entry(kind, at, data))
        except NoOpenTime as error:
            # Rather a deadline round the clock than none at all.
            always_id = self._shut(row.calendar_version_id, error)
            turned = {"target_s": row.state.target_s, **(data if kind == story.RETARGET else {}), "calendar": always_id}
            self._follow(row, self._followed(row, Entry(story.RETARGET, at, turned)), story.RETARGET, at, turned)
            if kind == story.RETARGET:
                return
            told = self._followed(row, Entry(kind, at, data))
        self._follow(row, told, kind, at, data)

    def _followed(self, row: Row, entry: Entry) -> Told:
        try:
            return story.follow(Told(row.state, row.calendar_version_id), entry, calendar_of)
        except OutOfOrder:
            recorded = ledger.story_of(row.id) if row.id is not None else []
            pending = [Entry(n.kind, n.at, n.data) for n in self.notes if n.row is row and n.kind in story.CAUSES]
            return story.fold([*recorded, *pending, entry], calendar_of)

    def _follow(self, row: Row, told: Told, kind: str, at: datetime, data: dict[str, Any]) -> None:
        before, row.state, row.calendar_version_id = row.state, told.state, told.calendar
        self._touch(row)
        self.notes.append(Note(row, kind, at, data))
        if announced := story.announcement(before, row.state):
            self.notes.append(Note(row, announced, row.state.breached_at or at, {}))

    def _shut(self, calendar_id: int, error: NoOpenTime) -> int:
        log.error("Calendar version %s has no open time; ticket %s counts round the clock: %s", calendar_id,
                  self.ticket.pk, error)  # fmt: skip
        self.shut.append(calendar_id)
        return self.current.always_id

    def _copy(self, row: Row) -> None:
        if (row.team_id, row.grade) != (self.ticket.team_id, self.ticket.grade):
            row.team_id, row.grade = self.ticket.team_id, self.ticket.grade
            self._touch(row)

    def _touch(self, row: Row) -> None:
        if id(row) not in self.touched:
            self.touched[id(row)] = row
            row.epoch += row.id is not None

    def _open(self, *metrics: str) -> list[Row]:
        return [row for row in self.rows if row.metric in metrics and row.state.is_open]

    def _shown(self, metric: str) -> datetime | None:
        row = self.newest.get(metric)
        if row is None or (row.state.state == clockwork.CANCELLED and row.state.breached_at is None):
            return None
        return row.state.due_at

    def _facts(self) -> Facts:
        ticket = self.ticket
        detector = catalogue().get(ticket.anomaly_code)
        return Facts(
            grade=ticket.grade,
            channel=ticket.channel,
            kind=ticket.kind,
            scope=ticket.scope,
            anomaly_code=ticket.anomaly_code,
            vip=self.is_vip(ticket.customer_id),
            carrier_reported=detector is not None and detector.carrier_reported,
        )


_HANDLERS: dict[str, Callable[[Case, TicketEvent], None]] = {
    "opened": Case.opened,
    "reply": Case.replied,
    "customer_message": Case.customer_wrote,
    "anomaly_again": Case.back_to_work,
    "resume": Case.back_to_work,
    "reopen": Case.back_to_work,
    "wait": Case.waited,
    "regrade": Case.regraded,
    "hand_over": Case.handed_over,
    "answer": Case.answered,
    "call_back": Case.called_back,
    "solve": Case.solved,
    "close": Case.closed,
    "join_incident": Case.joined_incident,
    "leave_incident": Case.left_incident,
    "merge": Case.closed,
}
