"""Whatever happens to tickets: a clock's row is what its story says, a ticket's columns are what its clocks say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sla import ledger, story
from sla.models import Clock, Fire
from sla.services import sweep_until_idle
from sla.versions import calendar_of
from tests import factories as make
from tests.clock import NOW
from ticketdesk.accounts.models import Role
from tickets import lifecycle
from tickets.models import Handover, Ticket
from tickets.services import (
    NewTicket,
    answer,
    call_back,
    close,
    customer_message,
    hand_over,
    open_ticket,
    regrade,
    reopen,
    reply,
    resume,
    solve,
    wait,
    wake_waiting,
)
from tickets.services.acting import Refused

pytestmark = pytest.mark.django_db
TO_CUSTOMER = ("first_response", "next_response", "solution")

BUTTONS = (
    "reply", "customer", "wait", "wait_department", "resume", "hand_over", "answer", "call_back", "solve", "close",
    "reopen", "raise", "lower", "sweep",
)  # fmt: skip
presses_ = st.lists(
    st.tuples(st.sampled_from(BUTTONS), st.integers(1, 3_000).map(lambda minutes: timedelta(minutes=minutes))),
    min_size=3,
    max_size=12,
)


def press(button: str, ticket: Ticket, boss, team, now) -> None:
    given = {"ticket": ticket, "by": boss, "now": now}
    match button:
        case "reply":
            reply(**given, body="Here.")
        case "customer":
            customer_message(ticket=ticket, now=now, body="Where?")
        case "wait" | "wait_department":
            party = "department" if button == "wait_department" else "carrier"
            wait(**given, waiting_for=party, reason="Asked.", call_back_at=now + timedelta(hours=20))
        case "resume":
            resume(**given)
        case "hand_over":
            hand_over(**given, to_team=team, question="Is it there?", due_by=now + timedelta(hours=3))
        case "answer":
            answer(**given, answer="It is.")
        case "call_back":
            call_back(**given)
        case "solve":
            solve(**given, cause="delay", resolution="Found.")
        case "close":
            close(**given, why="Done")
        case "reopen":
            reopen(**given, why="Not content.")
        case "raise" | "lower":
            grade = max(1, ticket.grade - 1) if button == "raise" else min(4, ticket.grade + 1)
            regrade(**given, grade=grade, why="Because.")
        case "sweep":
            wake_waiting(now=now)
            sweep_until_idle(now=now)


def check(ticket: Ticket) -> None:
    ticket.refresh_from_db()
    clocks = list(Clock.objects.filter(ticket=ticket).order_by("cycle"))
    for row in ledger.load([ticket.pk])[ticket.pk]:
        told = story.fold(ledger.story_of(row.id), calendar_of)
        announced = row.state.breached_at if row.state.is_open else told.state.breached_at
        assert (row.state, row.calendar_version_id) == (replace(told.state, breached_at=announced), told.calendar)
        assert (row.next_fire_at is None) or row.state.state == "running"
    running = [c.due_at for c in clocks if c.state == "running" and c.metric in TO_CUSTOMER]
    assert ticket.due_by == min(running, default=None)
    assert not (ticket.paused and running)
    assert ticket.is_live or not any(clock.stopped_at is None for clock in clocks)
    assert not ticket.is_live or any(clock.metric == "solution" and clock.stopped_at is None for clock in clocks)
    assert len({(c.metric, c.cycle, c.holder) for c in clocks}) == len(clocks)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(presses_, st.sampled_from(["always", "cn_business", "br_business"]))
def test_rows_are_what_their_stories_say(promises, presses, calendar) -> None:
    with transaction.atomic():
        senior, other = make.team("senior"), make.team("warehouse")
        boss = make.user(senior, other, role=Role.SUPERVISOR)
        shop = make.shop(calendar_code=calendar)
        new = NewTicket(shop, "consultation", "email", "Where?", grade=2, team=senior)
        ticket, now = open_ticket(new=new, by=None, now=NOW), NOW
        for button, later in presses:
            now += later
            ticket.refresh_from_db()
            try:
                press(button, ticket, boss, other, now)
            except (lifecycle.WrongStatus, Refused):
                continue
            check(ticket)
        sweep_until_idle(now=now + timedelta(days=99))
        assert sweep_until_idle(now=now + timedelta(days=99)).acted == 0
        assert Handover.objects.filter(ticket=ticket, state="open").count() <= 1
        fires = list(Fire.objects.filter(clock__ticket=ticket).values_list("clock", "step_key", "repeat_no"))
        assert len(fires) == len(set(fires))
        transaction.set_rollback(True)
