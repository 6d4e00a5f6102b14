"""What the wall shows."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from orders.models import Shop
from orders.presents import Presents
from sla import selectors
from sla.selectors import Day, Load, attainment, gravest_breached, next_to_breach, response_times, wall
from sla.services import sweep_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from tests.factories import ahead as after
from ticketdesk.accounts.models import Membership, Role, Team, User
from tickets import access
from tickets.models import Ticket
from tickets.services import close, reopen, reply, solve, wait

pytestmark = pytest.mark.django_db
UTC_ZONE = ZoneInfo("UTC")
NOW_EVERYWHERE = Presents(NOW)


def everything():
    return Ticket.objects.all()


def test_the_live_numbers_count_by_team_and_grade(shop: Shop, front_line: Team, agent: User) -> None:
    make.ticket(shop, team=front_line, grade=1, due_by=ago(1), assignee=agent)
    make.ticket(shop, team=front_line, grade=2, due_by=after(0.5))
    make.ticket(shop, grade=2, paused=True)
    make.ticket(shop, team=front_line, grade=2, due_by=after(5))
    make.ticket(shop, grade=1, status="closed", closed_at=NOW, due_by=ago(9))
    seen = wall(everything(), NOW_EVERYWHERE)
    assert seen.total == Load(open=4, breached=1, soon=1, unassigned=3, paused=1)
    assert seen.by_grade[1] == Load(open=1, breached=1)
    assert seen.by_team == {front_line.pk: Load(3, 1, 1, 2, 0), None: Load(1, 0, 0, 1, 1)}
    assert seen.by_grade[4] == Load()


def test_late_is_now_at_the_due_second(shop: Shop) -> None:
    make.ticket(shop, due_by=NOW)
    seen = wall(everything(), NOW_EVERYWHERE).total
    assert (seen.breached, seen.soon) == (1, 0)


def test_a_replayed_shop_is_late_by_its_own_present(shop: Shop) -> None:
    replayed = make.shop(present_at=ago(1000))
    tickets = [make.ticket(replayed, due_by=ago(999)), make.ticket(replayed, due_by=ago(1001))]
    presents = Presents.at(NOW)
    assert wall(everything(), presents).total.breached == 1
    assert gravest_breached(everything(), presents) == [tickets[1]]
    assert next_to_breach(everything(), presents) == [tickets[0]]


def test_breached_tickets_come_gravest_first_and_then_those_late_longest(shop: Shop) -> None:
    mild, grave, graver_late, fine = (
        make.ticket(shop, grade=grade, due_by=ago(hours)) for grade, hours in ((3, 9), (1, 1), (1, 5), (1, -1))
    )
    assert gravest_breached(everything(), NOW_EVERYWHERE) == [graver_late, grave, mild]
    assert gravest_breached(everything(), NOW_EVERYWHERE, limit=1) == [graver_late]
    assert next_to_breach(everything(), NOW_EVERYWHERE) == [fine]


def test_a_ticket_seen_through_two_teams_is_listed_once(shop: Shop, front_line: Team, agent: User) -> None:
    Membership.objects.create(user=agent, team=make.team("senior"))
    ticket = make.ticket(shop, team=front_line, assignee=agent, due_by=ago(1))
    make.ticket(shop, team=make.team("legal"), due_by=ago(1))
    assert gravest_breached(access.visible_to(agent), NOW_EVERYWHERE) == [ticket]
    assert wall(access.visible_to(agent), NOW_EVERYWHERE).total.open == 1


def test_attainment_counts_each_promise_on_the_day_it_was_due(opened, agent: User) -> None:
    kept = opened(now=ago(48))
    opened(now=ago(24))  # never answered nor solved
    opened(now=ago(0.5))  # not due yet
    reply(ticket=kept, by=agent, now=ago(47.5), body="Here.")
    solve(ticket=kept, by=agent, now=ago(47), cause="delay", resolution="Found.")
    sweep_until_idle(now=NOW)
    days = attainment(NOW_EVERYWHERE, UTC_ZONE, days=3)
    today = NOW.date()
    assert days == [
        Day(today - timedelta(days=2), 2, 2),
        Day(today - timedelta(days=1), 2, 0),
        Day(today, 0, 0),
    ]
    assert [day.share for day in days] == [1.0, 0.0, None]


def test_reopening_a_ticket_does_not_change_a_day_that_is_over(opened, agent: User) -> None:
    ticket = opened(now=ago(48))
    reply(ticket=ticket, by=agent, now=ago(47.5), body="Here.")
    solve(ticket=ticket, by=agent, now=ago(47), cause="delay", resolution="Found.")
    before = attainment(NOW_EVERYWHERE, UTC_ZONE)
    reopen(ticket=ticket, by=agent, now=ago(24), why="Not content.")
    sweep_until_idle(now=NOW)
    assert attainment(NOW_EVERYWHERE, UTC_ZONE) == before


def test_a_promise_kept_early_counts_when_it_falls_due(opened, agent: User) -> None:
    reply(ticket=opened(now=ago(0.5)), by=agent, now=ago(0.25), body="Here.")
    assert attainment(NOW_EVERYWHERE, UTC_ZONE)[-1].judged == 0
    assert attainment(Presents(after(0.5)), UTC_ZONE)[-1] == Day(NOW.date(), 1, 1)


def test_what_was_cancelled_in_time_counts_neither_way(opened, agent: User) -> None:
    close(ticket=opened(now=ago(5)), by=agent, now=ago(4.9), why="Spam")
    assert sum(day.judged for day in attainment(NOW_EVERYWHERE, UTC_ZONE)) == 0


def test_attainment_of_a_replayed_shop_names_its_own_days(opened, agent: User) -> None:
    past = ago(24 * 365)
    replayed = make.shop(calendar_code="always", present_at=past)
    ticket = opened(shop=replayed, now=past - timedelta(hours=20))
    reply(ticket=ticket, by=agent, now=past - timedelta(hours=19.5), body="Here.")
    days = attainment(Presents.at(NOW), UTC_ZONE, days=2)
    assert [(day.day, day.judged) for day in days] == [(past.date() - timedelta(days=1), 1), (past.date(), 0)]


def test_attainment_may_be_asked_of_some_teams_only(opened, agent: User, front_line: Team) -> None:
    reply(ticket=opened(now=ago(3)), by=agent, now=ago(2.5), body="Here.")
    assert sum(day.judged for day in attainment(NOW_EVERYWHERE, UTC_ZONE, team_ids=[front_line.pk])) == 1
    assert sum(day.judged for day in attainment(NOW_EVERYWHERE, UTC_ZONE, team_ids=[])) == 0


def test_the_median_first_response_stands_beside_that_of_the_week_before(opened, agent: User) -> None:
    for days, minutes in ((1, 10), (2, 20), (3, 50), (8, 40)):
        ticket = opened(now=ago(24 * days))
        reply(ticket=ticket, by=agent, now=ago(24 * days) + timedelta(minutes=minutes), body="Here.")
    opened(now=ago(30))
    sweep_until_idle(now=NOW)  # late and unanswered: no response, no time
    found = response_times(NOW_EVERYWHERE)
    assert (found.this_week, found.last_week) == (20 * 60, 40 * 60)


def test_no_answers_no_median(promises: None) -> None:
    assert response_times(NOW_EVERYWHERE) == selectors.ResponseTimes(None, None)


def test_the_wall_costs_the_same_queries_however_many_tickets_there_are(
    shop: Shop, django_assert_num_queries, agent: User
) -> None:
    boss = make.user(role=Role.SUPERVISOR)
    for number in range(30):
        make.ticket(shop, grade=1 + number % 4, due_by=ago(number - 15))
    with django_assert_num_queries(7):
        seen = access.visible_to(boss)
        wall(seen, NOW_EVERYWHERE)
        [str(ticket.shop) for ticket in gravest_breached(seen, NOW_EVERYWHERE)]
        next_to_breach(seen, NOW_EVERYWHERE)
        attainment(NOW_EVERYWHERE, UTC_ZONE)
        response_times(NOW_EVERYWHERE)


def test_waiting_tickets_are_paused_on_the_wall(opened, agent: User) -> None:
    ticket = opened()
    reply(ticket=ticket, by=agent, now=after(0.1), body="May I have your number?")
    wait(ticket=ticket, by=agent, now=after(0.2), waiting_for="customer", reason="Asked.", call_back_at=after(90))
    assert wall(everything(), Presents(after(50))).total == Load(open=1, paused=1)
