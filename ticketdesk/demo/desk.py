"""The demo's people at work: each open ticket has a thread of steps that are taken when their time has come."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ticketdesk.demo import scripts
from ticketdesk.demo.hands import Hands
from ticketdesk.demo.moments import hours, minutes
from ticketdesk.demo.scripts import Step
from ticketdesk.demo.timing import BUSY, LATE, first_answer, next_at
from tickets.lifecycle import possible
from tickets.models import Handover, Ticket

ACTION = {"customer": "customer_message", "settle": "wait", "decide": "note"}
"""Which action of the life cycle a step is, where its name is not the action's."""
LIVELY, SMOOTH = timedelta(days=4), 0.6
"""Of the tickets older than some days so many went smoothly; the younger ones are there to be looked at."""
PUTS_OFF = 0.5
"""How often somebody with time left looks again later before he has the ticket wait."""


@dataclass(slots=True)
class Thread:
    """What is still to be done on one ticket. A call that was made for an earlier `turn` is void."""

    ticket_id: int
    about: str
    rng: Random
    steps: deque[Step]
    late: bool = False
    settled: bool = False
    turn: int = 0
    ticket: Ticket | None = None
    """The ticket as this thread left it; None when it must be looked at again."""

    def next(self) -> str:
        """What is to be done next; empty when nothing is."""
        return self.steps[0].do if self.steps else ""


Call = Callable[[datetime, Thread], None]
"""Asks for `Desk.go_on` with this thread at a moment."""


class Desk:
    """Thinks of what is done about each ticket, and has it done."""

    def __init__(self, hands: Hands, seed: int, now: datetime, call: Call) -> None:
        self.hands, self.seed, self.now, self.call = hands, seed, now, call
        self.threads: dict[int, Thread] = {}

    # -- what comes to the desk --------------------------------------------------------------------------------------

    def meet(self, ticket: Ticket, target_s: int) -> None:
        """A new ticket with its target for the first answer, in seconds of open time; 0 when nobody waits for one."""
        about = ticket.anomaly_code or ticket.kind
        if not self.hands.knows(about):
            return  # such as a buyer let down again and again: it waits for whoever looks at the demo
        number = ticket.order.external_no if ticket.order else str(ticket.pk)
        rng = Random(f"{self.seed}:{number}:{about}:{ticket.channel}")  # noqa: S311  # a story, not a secret
        smooth = ticket.opened_at < self.now - LIVELY and rng.random() < SMOOTH
        steps = deque(scripts.short_script(about, rng) if smooth else scripts.script(about, rng))
        thread = self.threads[ticket.pk] = Thread(ticket.pk, about, rng, steps, late=rng.random() < self._late(ticket))
        opened, due = ticket.opened_at, ticket.respond_by
        if due is None or not target_s:
            self._plan(thread, ticket, opened + minutes(rng.uniform(2, 40)))
            return
        answer_at = first_answer(opened, due, target_s, thread.late, rng)
        if thread.next() == "accept":
            begins = max(opened, due - minutes(target_s / 60))
            answer_at = begins + rng.uniform(0.1, 0.8) * max(answer_at - begins, minutes(0.2))
        self._plan(thread, ticket, answer_at)

    def play(self, ticket: Ticket, steps: Iterable[tuple[datetime, Step]]) -> None:
        """A ticket whose few steps have set times and are taken by anybody; nothing follows them."""
        for at, step in steps:
            rng = Random(f"{self.seed}:{ticket.subject}:{step.do}")  # noqa: S311
            self.call(at, Thread(ticket.pk, ticket.kind, rng, deque([step])))

    def cause_cleared(self, ticket_id: int, at: datetime) -> None:
        """What raised the ticket is over: whoever waited for that goes on."""
        thread = self.threads.get(ticket_id)
        if thread is None:
            return
        thread.settled = True
        if thread.next() == "settle":
            self._call(thread, at + hours(thread.rng.uniform(0.3, 2.5)))

    def found_again(self, ticket_id: int, at: datetime) -> None:
        """The same trouble once more, perhaps on a ticket that was solved."""
        thread = self.threads.get(ticket_id)
        if thread is None:
            return
        thread.settled = False
        if thread.next() in {"", "close", "reopen"}:
            thread.steps = deque(scripts.again(thread.about))
            self._call(thread, at + minutes(thread.rng.uniform(5, 40)))

    def forget(self, ticket_id: int) -> None:
        """Somebody else changed the ticket: what the thread remembers of it is out of date."""
        if thread := self.threads.get(ticket_id):
            thread.ticket = None

    # -- one step ----------------------------------------------------------------------------------------------------

    def go_on(self, thread: Thread, turn: int, now: datetime) -> None:
        """Take the thread's next step if it is possible, and think of when the one after is taken."""
        if turn != thread.turn or not thread.steps:
            return
        ticket = thread.ticket or Ticket.objects.select_related("shop").get(pk=thread.ticket_id)
        if ticket.status == Ticket.Status.CLOSED:
            thread.steps.clear()
            return
        step = thread.steps[0]
        if step.do == "settle" and not thread.settled:
            self._wait_for_news(thread, ticket, now)
            return
        if step.do not in {"settle", "decide"} and ACTION.get(step.do, step.do) in possible(ticket.status):
            ticket = self.hands.do(step, ticket, thread.rng, now)
        thread.ticket = ticket
        thread.steps.popleft()
        if thread.steps:
            self._plan(thread, ticket, self._next_at(thread, ticket, now))

    def _wait_for_news(self, thread: Thread, ticket: Ticket, now: datetime) -> None:
        """Until the parcel moves the ticket waits for the carrier, and is looked at when its call-back time comes."""
        waiting = ticket.status == Ticket.Status.WAITING
        time_left = timedelta() if waiting or ticket.resolve_by is None else ticket.resolve_by - now
        if time_left > hours(6) and thread.rng.random() < PUTS_OFF:
            self._call(thread, now + time_left - hours(thread.rng.uniform(0.7, 3)))
            return
        if not waiting and not thread.late and "wait" in possible(ticket.status):
            ticket = self.hands.do(Step("wait", "carrier"), ticket, thread.rng, now)
        thread.ticket = ticket
        look_at = max(ticket.call_back_at or now + hours(12), now)
        self._call(thread, look_at + minutes(thread.rng.uniform(6, 40)))

    def _plan(self, thread: Thread, ticket: Ticket, at: datetime) -> None:
        """Have the next step taken at `at`, or when somebody comes to work; a promise is not broken for that."""
        do = thread.next()
        if do not in {"customer", "settle", "decide", "answer"}:
            manned = self.hands.roster.first_moment(ticket, do, at)
            kept = ticket.due_by is None or manned < ticket.due_by or ticket.due_by < at
            at = manned if kept or thread.late else at
        self._call(thread, at)

    def _next_at(self, thread: Thread, ticket: Ticket, now: datetime) -> datetime:
        rng, do = thread.rng, thread.next()
        if do == "reply" and ticket.responded_at is None and ticket.respond_by is not None:
            if thread.late:
                return max(now, ticket.respond_by) + minutes(rng.uniform(4, 90))
            return now + max(minutes(0.5), rng.uniform(0.2, 0.8) * (ticket.respond_by - now))
        if do == "answer" and (asked := ticket.handovers.filter(state=Handover.State.OPEN).first()):
            begins = self.hands.roster.next_at_work(asked.to_team_id, now)
            share = rng.uniform(0.2, 0.9) if rng.random() > 2 * LATE else rng.uniform(1.1, 1.6)
            return self.hands.roster.next_at_work(asked.to_team_id, begins + share * (asked.due_by - begins))
        return next_at(do, ticket, now, thread.late, rng)

    def _late(self, ticket: Ticket) -> float:
        return LATE * BUSY if ticket.opened_at > self.now - hours(20) else LATE

    def _call(self, thread: Thread, at: datetime) -> None:
        thread.turn += 1
        self.call(at, thread)
