"""Why a clock is due when it is."""

from datetime import timedelta

import pytest

from sla.services import explain
from tests import factories as make
from tests.clock import NOW
from tests.factories import ahead as after
from tests.sla.looking import clock_of
from ticketdesk.accounts.models import User
from tickets.services import regrade, reply, wait, wake_waiting

pytestmark = pytest.mark.django_db


def test_a_pause_and_what_ran_before_and_after_are_told(opened, agent: User) -> None:
    ticket = opened()
    wait(ticket=ticket, by=agent, now=after(1), waiting_for="carrier", reason="Asked.", call_back_at=after(3))
    wake_waiting(now=after(3))
    told = explain(clock_of(ticket, "solution"), now=after(4))
    assert [(period.state, period.cause) for period in told.periods] == [
        ("running", "start"),
        ("paused", "pause"),
        ("running", "resume"),
    ]
    assert told.periods[1].data["reason"] == "Asked."
    assert sum(period.used.seconds for period in told.periods if period.used) == told.clock.target_s
    assert (told.state.due_at, told.late) == (after(6), False)


def test_days_off_on_the_way_are_named(opened) -> None:
    friday = NOW - timedelta(days=3)
    shop = make.shop(calendar_code="cn_business")
    ticket = opened(shop=shop, grade=4, now=friday)
    told = explain(clock_of(ticket, "solution"), now=friday)
    (period,) = told.periods
    assert [day.kind for day in period.used.days] == ["day_off", "day_off"]
    assert [span.seconds for span in period.used.spans] == [8 * 3600, 9 * 3600, 3600]
    assert told.calendars[period.calendar].calendar.code == "cn_business"
    assert told.policy_version.policy.code == "default"


def test_a_changed_target_is_a_period_of_its_own_with_its_calendar(opened, agent: User) -> None:
    ticket = opened(shop=make.shop(calendar_code="cn_business"), grade=3)
    regrade(ticket=ticket, by=agent, now=after(1), grade=1, why="Press.")
    told = explain(clock_of(ticket, "solution"), now=after(2))
    codes = [told.calendars[period.calendar].calendar.code for period in told.periods]
    assert codes == ["cn_business", "always"]
    assert told.periods[-1].until == told.state.due_at == after(4)


def test_a_finished_clock_is_explained_up_to_its_end(opened, agent: User) -> None:
    ticket = opened()
    reply(ticket=ticket, by=agent, now=after(0.5), body="Here.")
    told = explain(clock_of(ticket, "first_response"), now=after(99))
    assert [(p.state, p.until) for p in told.periods] == [("running", after(0.5)), ("met", after(0.5))]
    assert not told.late


def test_a_late_clock_is_explained_up_to_the_present(opened) -> None:
    told = explain(clock_of(opened(), "first_response"), now=after(3))
    assert told.late
    assert told.periods[-1].until == after(3)
    assert told.state.breached_at == after(1)
