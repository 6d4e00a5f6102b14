"""What happens to a ticket happens to its clocks."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from orders.models import Shop
from sla.clocks import on_ticket_events
from sla.models import CalendarVersion, Clock, ClockEvent
from tests import factories as make
from tests.clock import NOW
from tests.factories import ahead as after
from tests.sla.looking import clock_of
from ticketdesk.accounts.models import Role, Team, User
from ticketdesk.outbox.models import Delivery
from tickets import services
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def deadlines(ticket: Ticket) -> tuple:
    ticket.refresh_from_db()
    return ticket.respond_by, ticket.resolve_by, ticket.due_by, ticket.paused


def states(ticket: Ticket) -> dict[str, str]:
    return {clock.metric: clock.state for clock in Clock.objects.filter(ticket=ticket).order_by("cycle")}


def wait(ticket: Ticket, agent: User, now, waiting_for: str = "customer") -> None:
    services.wait(
        ticket=ticket, by=agent, now=now, waiting_for=waiting_for, reason="Asked.", call_back_at=now + timedelta(days=9)
    )


def test_a_new_ticket_gets_an_answer_clock_and_a_solution_clock(opened) -> None:
    ticket = opened()
    assert deadlines(ticket) == (after(1), after(4), after(1), False)
    assert states(ticket) == {"first_response": "running", "solution": "running"}


def test_the_row_in_the_callers_hands_carries_its_deadlines(opened) -> None:
    ticket = opened()
    assert (ticket.respond_by, ticket.resolve_by, ticket.due_by) == (after(1), after(4), after(1))


def test_only_a_persons_public_reply_stops_the_first_response(opened, agent: User) -> None:
    ticket = opened()
    services.note(ticket=ticket, by=agent, now=after(0.1), body="Looking into it.")
    services.accept(ticket=ticket, by=agent, now=after(0.2))
    services.customer_message(ticket=ticket, now=after(0.3), body="Hello?")
    robot = TicketEvent.objects.create(ticket=ticket, kind="reply", at=after(0.4), data={})
    on_ticket_events([(ticket, [robot])])
    assert states(ticket) == {"first_response": "running", "solution": "running"}
    services.reply(ticket=ticket, by=agent, now=after(0.5), body="On its way.")
    assert clock_of(ticket, "first_response").state == "met"
    assert deadlines(ticket) == (after(1), after(4), after(4), False)


def test_three_messages_in_a_row_owe_an_answer_from_the_first_on(opened, agent: User) -> None:
    ticket = opened()
    services.reply(ticket=ticket, by=agent, now=after(0.5), body="On its way.")
    for hours in (1, 1.5, 1.75):
        services.customer_message(ticket=ticket, now=after(hours), body="Where is it?")
    assert clock_of(ticket, "next_response").due_at == after(2)
    assert deadlines(ticket)[2] == after(2)
    services.reply(ticket=ticket, by=agent, now=after(1.9), body="In your town.")
    services.customer_message(ticket=ticket, now=after(3), body="Thanks.")
    assert [c.state for c in Clock.objects.filter(metric="next_response").order_by("cycle")] == ["met", "running"]


def test_solving_while_the_customer_spoke_last_cancels_the_answer_owed(opened, agent: User) -> None:
    ticket = opened()
    services.reply(ticket=ticket, by=agent, now=after(0.5), body="On its way.")
    services.customer_message(ticket=ticket, now=after(1), body="It came, thanks.")
    services.solve(ticket=ticket, by=agent, now=after(1.5), cause="delay", resolution="Delivered.")
    assert states(ticket) == {"first_response": "met", "next_response": "cancelled", "solution": "met"}
    assert clock_of(ticket, "next_response").breached_at is None
    assert deadlines(ticket) == (after(1), after(4), None, False)


def test_waiting_for_the_customer_moves_the_solution_and_not_the_first_response(opened, agent: User) -> None:
    ticket = opened()
    wait(ticket, agent, after(0.5))
    assert deadlines(ticket) == (after(1), None, after(1), False)
    services.resume(ticket=ticket, by=agent, now=after(3.5))
    assert deadlines(ticket) == (after(1), after(7), after(1), False)


def test_a_ticket_paused_before_its_deadline_is_not_late_afterwards(opened, agent: User) -> None:
    ticket = opened()
    services.reply(ticket=ticket, by=agent, now=after(0.5), body="May I have your number?")
    wait(ticket, agent, after(1))
    assert deadlines(ticket) == (after(1), None, None, True)
    clock = clock_of(ticket, "solution")
    assert (clock.state, clock.due_at, clock.next_fire_at, clock.consumed_s) == ("paused", None, None, 3600)


def test_waiting_for_our_own_department_does_not_stop_the_customers_clock(opened, agent: User) -> None:
    ticket = opened()
    wait(ticket, agent, after(1), waiting_for="department")
    assert deadlines(ticket)[1] == after(4)


def test_a_customers_message_ends_the_pause(opened, agent: User) -> None:
    ticket = opened()
    services.reply(ticket=ticket, by=agent, now=after(0.5), body="May I have your number?")
    wait(ticket, agent, after(1))
    services.customer_message(ticket=ticket, now=after(3), body="555")
    assert deadlines(ticket) == (after(1), after(6), after(4), False)


def test_a_call_back_ends_the_pause_by_itself(opened, agent: User) -> None:
    ticket = opened()
    wait(ticket, agent, after(1))
    services.wake_waiting(now=NOW + timedelta(days=10))
    assert clock_of(ticket, "solution").state == "running"


def test_a_ticket_solved_out_of_a_pause_keeps_a_due_time(opened, agent: User) -> None:
    ticket = opened()
    wait(ticket, agent, after(1))
    services.solve(ticket=ticket, by=agent, now=after(9), cause="delay", resolution="Found.")
    assert (clock_of(ticket, "solution").state, deadlines(ticket)[1]) == ("met", after(12))


def test_a_ticket_reopened_next_day_goes_on_and_its_first_verdict_stays(opened, agent: User) -> None:
    ticket = opened()
    services.solve(ticket=ticket, by=agent, now=after(3), cause="delay", resolution="Found.")
    services.reopen(ticket=ticket, by=agent, now=after(27), why="Not content.")
    clock = clock_of(ticket, "solution")
    assert (clock.cycle, clock.state, clock.due_at, clock.first_verdict) == (1, "running", after(28), "met")


def test_a_ticket_reopened_after_ten_days_gets_a_new_cycle(opened, agent: User) -> None:
    ticket = opened()
    services.solve(ticket=ticket, by=agent, now=after(3), cause="delay", resolution="Found.")
    services.customer_message(ticket=ticket, now=after(243), body="Gone again.")
    first, second = Clock.objects.filter(metric="solution").order_by("cycle")
    assert (first.state, second.state, second.due_at) == ("met", "running", after(247))


def test_a_handover_starts_the_departments_clock_and_leaves_the_solution_alone(opened, agent: User) -> None:
    ticket, warehouse = opened(), make.team("warehouse")
    ask = {"to_team": warehouse, "question": "Is it there?", "due_by": after(2)}
    services.hand_over(ticket=ticket, by=agent, now=after(0.5), **ask)
    theirs = clock_of(ticket, "handover")
    assert (theirs.holder, theirs.team, theirs.due_at) == ("warehouse", warehouse, after(2))
    assert deadlines(ticket) == (after(1), after(4), after(1), False)
    services.answer(ticket=ticket, by=make.user(warehouse, role=Role.CONTACT), now=after(1), answer="It is.")
    assert states(ticket) == {"first_response": "running", "solution": "running", "handover": "met"}
    services.hand_over(ticket=ticket, by=agent, now=after(1.1), **ask)
    services.call_back(ticket=ticket, by=agent, now=after(1.2))
    assert (clock_of(ticket, "handover").cycle, clock_of(ticket, "handover").state) == (2, "cancelled")


def test_solving_calls_an_open_question_to_another_team_back(opened, agent: User) -> None:
    ticket = opened()
    team = make.team("warehouse")
    services.hand_over(ticket=ticket, by=agent, now=after(0.5), to_team=team, question="There?", due_by=after(2))
    services.solve(ticket=ticket, by=agent, now=after(1), cause="delay", resolution="Found.")
    assert states(ticket) == {"first_response": "cancelled", "solution": "met", "handover": "cancelled"}


def test_a_raised_grade_keeps_what_is_consumed_and_leaves_a_quarter_of_an_hour(opened, agent: User) -> None:
    ticket = opened(grade=3)
    services.regrade(ticket=ticket, by=agent, now=after(5), grade=1, why="Press.")
    clock = clock_of(ticket, "solution")
    assert (clock.grade, clock.rule, clock.consumed_s, clock.due_at) == (1, "P1", 5 * 3600, after(5.25))


def test_a_breach_on_record_survives_a_lowered_grade(opened, agent: User) -> None:
    ticket = opened()
    services.regrade(ticket=ticket, by=agent, now=after(2), grade=4, why="No hurry.")
    answer, solution = clock_of(ticket, "first_response"), clock_of(ticket, "solution")
    assert (answer.breached_at, answer.due_at) == (after(1), after(1))
    assert solution.due_at == after(18)


def test_a_raised_grade_leaves_business_hours(opened, agent: User) -> None:
    ticket = opened(shop=make.shop(calendar_code="cn_business"), grade=3, now=after(7))  # 17:00 in Shanghai
    assert deadlines(ticket)[0] == after(7 + 19)
    services.regrade(ticket=ticket, by=agent, now=after(9), grade=1, why="Press.")
    assert deadlines(ticket)[0] == after(9.25)


def test_closing_cancels_what_runs(opened, agent: User) -> None:
    ticket = opened()
    services.close(ticket=ticket, by=agent, now=after(0.5), why="Spam")
    assert states(ticket) == {"first_response": "cancelled", "solution": "cancelled"}
    assert deadlines(ticket) == (None, None, None, False)


def test_an_answer_that_arrives_late_counts_from_when_it_was_given(opened, agent: User) -> None:
    ticket = opened()
    wait(ticket, agent, after(2))
    told_late = TicketEvent.objects.create(ticket=ticket, kind="reply", actor=agent, at=after(1) - SECOND, data={})
    Clock.objects.filter(metric="first_response").update(breached_at=after(1), changed_at=after(1.5))
    on_ticket_events([(ticket, [told_late])])
    clock = clock_of(ticket, "first_response")
    assert (clock.state, clock.breached_at, clock.stopped_at) == ("met", None, after(1) - SECOND)
    assert list(clock.events.order_by("id").values_list("kind", flat=True)) == ["start", "stop", "retract"]


def test_an_earlier_answer_that_is_told_after_a_later_one_counts(opened, agent: User) -> None:
    ticket = opened()
    services.reply(ticket=ticket, by=agent, now=after(2), body="Here.")
    assert clock_of(ticket, "first_response").state == "late"
    by_mail = TicketEvent.objects.create(ticket=ticket, kind="reply", actor=agent, at=after(0.5), data={})
    on_ticket_events([(ticket, [by_mail])])
    clock = clock_of(ticket, "first_response")
    assert (clock.state, clock.stopped_at, clock.first_verdict) == ("met", after(0.5), "met")


def test_a_pause_that_arrives_late_is_counted_where_it_belongs(opened, agent: User) -> None:
    ticket = opened()
    wait(ticket, agent, after(3))
    earlier = TicketEvent.objects.create(ticket=ticket, kind="wait", at=after(1), data={"waiting_for": "carrier"})
    on_ticket_events([(ticket, [earlier])])
    assert clock_of(ticket, "solution").consumed_s == 3600


def test_an_imported_ticket_that_is_closed_gets_no_clock(shop: Shop) -> None:
    ticket = make.ticket(shop, status="closed", closed_at=NOW)
    event = TicketEvent.objects.create(ticket=ticket, kind="opened", at=NOW, data={})
    on_ticket_events([(ticket, [event])])
    assert not Clock.objects.exists()


def test_internal_work_owes_no_answer_to_anybody(opened) -> None:
    assert states(opened(kind="internal")) == {"solution": "running"}


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        ({"channel": "chat", "grade": 3}, 1),
        ({"channel": "phone", "grade": 3}, 15),
        ({"grade": 1}, 30),
        ({"grade": 2}, 60),
        ({"grade": 3}, 240),
    ],
)
def test_the_first_response_follows_the_table_of_promises(opened, given, minutes) -> None:
    assert opened(**given).respond_by == NOW + timedelta(minutes=minutes)


def test_a_vip_is_answered_in_a_quarter_of_an_hour_and_helped_in_four_hours(opened, shop: Shop) -> None:
    ticket = opened(customer=make.customer(shop, tier="vip"), grade=4)
    assert (ticket.respond_by, ticket.resolve_by) == (after(0.25), after(4))


def test_business_hours_are_the_shops_own_and_an_unknown_calendar_is_round_the_clock(opened) -> None:
    weekend = after(7 * 24 - 48)  # a Saturday, 10:00 in Shanghai
    by_calendar = {
        code: opened(shop=make.shop(calendar_code=code), now=weekend).respond_by - weekend
        for code in ("cn_business", "nowhere")
    }
    assert by_calendar == {"cn_business": timedelta(hours=48), "nowhere": timedelta(hours=1)}


def test_a_calendar_without_open_time_is_replaced_and_the_administrators_are_told_once(opened) -> None:
    boss = make.user(role=Role.ADMINISTRATOR)
    closed = CalendarVersion.objects.get(calendar__code="cn_business").calendar
    CalendarVersion.objects.create(calendar=closed, number=2, data={"zone": "Asia/Shanghai", "weekly": {}})
    tickets = [opened(shop=make.shop(calendar_code="cn_business")) for _ in range(2)]
    assert [ticket.respond_by for ticket in tickets] == [after(1), after(1)]
    assert Delivery.objects.filter(recipient=boss, kind="no_open_time", channel="inapp").count() == 1


def test_without_a_policy_a_ticket_is_opened_all_the_same(db: None, caplog: pytest.LogCaptureFixture) -> None:
    new = services.NewTicket(make.shop(), "consultation", "email", "Where?", team=make.team())
    ticket = services.open_ticket(new=new, by=None, now=NOW)
    assert ticket.due_by is None
    assert "setup_defaults" in caplog.text


def fresh(shop: Shop, count: int) -> list[tuple[Ticket, list[TicketEvent]]]:
    tickets = [make.ticket(shop, grade=1 + number % 4, customer=make.customer(shop)) for number in range(count)]
    return [(ticket, [TicketEvent.objects.create(ticket=ticket, kind="opened", at=NOW, data={})]) for ticket in tickets]


def test_clocks_of_many_tickets_start_in_as_many_queries_as_those_of_one(shop: Shop) -> None:
    on_ticket_events(fresh(shop, 1))  # reads the versions, which the process keeps
    counts = []
    for number in (1, 40):
        pairs = fresh(shop, number)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            on_ticket_events(pairs)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
    assert Clock.objects.count() == 2 * 42


def test_an_opening_told_twice_starts_its_clocks_once(shop: Shop) -> None:
    pairs = fresh(shop, 2)
    on_ticket_events(pairs)
    on_ticket_events(pairs)
    assert Clock.objects.count() == ClockEvent.objects.count() == 4


def test_a_clocks_team_follows_its_ticket(opened, agent: User, front_line: Team) -> None:
    ticket, other = opened(), make.team("senior")
    boss = make.user(role=Role.SUPERVISOR)
    services.assign(ticket=ticket, by=boss, now=after(0.1), team=other)
    assert set(Clock.objects.values_list("team", flat=True)) == {other.pk}


@pytest.mark.parametrize("model", [ClockEvent, CalendarVersion])
def test_history_and_versions_can_not_be_edited(opened, model) -> None:
    opened()
    row = model.objects.order_by("pk").last()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        model.objects.filter(pk=row.pk).update(data={})
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        row.delete()
