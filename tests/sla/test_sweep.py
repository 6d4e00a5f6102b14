"""The sweep: due steps act once, in whatever number of processes, and nothing else acts."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from sla import ledger, services
from sla.clocks import on_ticket_events
from sla.models import Clock, Fire, PolicyVersion
from sla.services import Swept, sweep, sweep_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ahead as after
from tests.sla.looking import clock_of
from ticketdesk.accounts.models import Membership, Role, Team, User
from ticketdesk.outbox.models import Delivery
from tickets.models import Ticket, TicketEvent
from tickets.services import reply, solve, wait

pytestmark = pytest.mark.django_db


def fired(ticket: Ticket, metric: str) -> list[tuple[str, str]]:
    steps = Fire.objects.filter(clock__ticket=ticket, clock__metric=metric).order_by("due_at", "step_key")
    return list(steps.values_list("step_key", "outcome"))


def told(person: User) -> list[str]:
    return list(
        Delivery.objects.filter(recipient=person, channel="inapp").order_by("id").values_list("text", flat=True)
    )


@pytest.fixture
def lead(front_line: Team) -> User:
    person = make.user()
    Membership.objects.create(user=person, team=front_line, lead=True)
    return person


def test_nothing_due_is_nothing_done(opened) -> None:
    opened()
    assert sweep(now=after(0.5)) == Swept()


def test_a_warning_goes_to_the_assignee_and_raises_nothing(opened, agent: User) -> None:
    ticket = opened()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    assert sweep(now=after(0.75)) == Swept(clocks=1, acted=1, told=1)
    assert told(agent) == ["The first response on ticket #{ticket} is due soon."]
    ticket.refresh_from_db()
    assert ticket.tier == 1


def test_a_breach_is_put_on_record_escalated_and_told(opened, lead: User) -> None:
    ticket = opened()
    sweep_until_idle(now=after(1))
    assert clock_of(ticket, "first_response").breached_at == after(1)
    ticket.refresh_from_db()
    assert (ticket.tier, ticket.events.last().kind, ticket.events.last().data["step"]) == (2, "escalate", "breach")
    assert "The first response on ticket #{ticket} is late." in told(lead)


def test_a_second_sweep_finds_nothing_to_do(opened) -> None:
    opened()
    assert sweep(now=after(1)).acted == 1
    assert sweep(now=after(1)) == Swept()


def test_after_an_outage_only_the_highest_tier_acts(opened) -> None:
    ticket = opened()
    sweep_until_idle(now=after(100))
    assert fired(ticket, "solution") == [("warn", "skipped"), ("breach", "skipped"), ("twice_the_time", "acted")]
    ticket.refresh_from_db()
    assert ticket.tier == 3
    assert not Clock.objects.filter(next_fire_at__isnull=False).exists()


def test_an_emergency_calls_the_department_head_at_once(opened, front_line: Team) -> None:
    head = make.user(role=Role.SUPERVISOR)
    Team.objects.filter(pk=front_line.pk).update(head=head)
    opened(grade=1)
    sweep_until_idle(now=NOW)
    assert told(head) == ["Emergency on ticket #{ticket}: name a person, open the plan."]
    assert Delivery.objects.filter(recipient=head, channel="email", state="waiting").exists()


def test_an_answered_or_paused_or_solved_ticket_sets_nothing_off(opened, agent: User) -> None:
    ticket = opened()
    reply(ticket=ticket, by=agent, now=after(0.5), body="On its way.")
    wait(ticket=ticket, by=agent, now=after(0.6), waiting_for="carrier", reason="Asked.", call_back_at=after(90))
    assert sweep_until_idle(now=after(80)).acted == 0
    solve(ticket=ticket, by=agent, now=after(81), cause="delay", resolution="Found.")
    assert sweep_until_idle(now=after(800)) == Swept()


def test_an_answer_given_in_time_but_told_late_leaves_both_facts(opened, agent: User) -> None:
    ticket = opened()
    sweep_until_idle(now=after(1))
    moment = after(1) - timedelta(seconds=2)
    event = TicketEvent.objects.create(ticket=ticket, kind="reply", actor=agent, at=moment, data={})
    on_ticket_events([(ticket, [event])])
    clock = clock_of(ticket, "first_response")
    assert (clock.state, clock.breached_at) == ("met", None)
    assert list(clock.events.order_by("id").values_list("kind", flat=True)) == ["start", "breach", "stop", "retract"]
    assert fired(ticket, "first_response")[-1] == ("breach", "acted")


def test_a_raised_grade_does_not_repeat_what_has_acted(opened, agent: User) -> None:
    ticket = opened()
    sweep_until_idle(now=after(3))
    before = Fire.objects.count()
    wait(ticket=ticket, by=agent, now=after(3), waiting_for="carrier", reason="Asked.", call_back_at=after(5))
    services_resumed = TicketEvent.objects.create(ticket=ticket, kind="resume", at=after(5), data={})
    on_ticket_events([(ticket, [services_resumed])])
    assert sweep_until_idle(now=after(5)).acted == 0
    assert Fire.objects.count() == before


def test_many_breaches_of_one_moment_are_one_digest_for_each_reader(opened, lead: User) -> None:
    for _ in range(7):
        opened()
    sweep_until_idle(now=after(1))
    assert told(lead) == ["{count} tickets or more have become late; the first is #{ticket}."]
    assert Delivery.objects.get(recipient=lead).params["count"] >= 7


def test_whoever_is_away_is_replaced_by_the_lead_and_he_by_the_supervisors(opened, agent: User, lead: User) -> None:
    boss = make.user(role=Role.SUPERVISOR)
    ticket = opened()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=agent)
    User.objects.filter(pk=agent.pk).update(available=False)
    sweep(now=after(0.75))
    assert (len(told(agent)), len(told(lead)), len(told(boss))) == (0, 1, 0)
    User.objects.filter(pk=lead.pk).update(available=False)
    sweep(now=after(1))
    assert (len(told(lead)), len(told(boss))) == (1, 1)


def test_a_replayed_shop_is_swept_at_its_own_present(opened, promises: None) -> None:
    ticket = opened(shop=make.shop(calendar_code="always", present_at=after(0.5)))
    assert sweep(now=after(9)) == Swept()
    ticket.shop.present_at = after(1)
    ticket.shop.save()
    assert sweep(now=NOW).breached == 1
    assert Fire.objects.filter(fired_at=after(1)).exists()


def test_a_clock_that_can_not_be_planned_does_not_stop_the_others(opened, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = opened(), opened()
    original = services.plan

    def plan(state, *rest):
        if state.started_at == NOW and rest[1] == {("broken", 0)}:
            raise ZeroDivisionError
        return original(state, *rest)

    clock = clock_of(broken, "first_response")
    Fire.objects.create(
        clock=clock, step_key="broken", repeat_no=0, outcome="skipped", due_at=NOW, fired_at=NOW, epoch=1
    )
    monkeypatch.setattr(services, "plan", plan)
    swept = sweep(now=after(1))
    assert (swept.failed, swept.breached) == (1, 1)
    assert clock_of(sound, "first_response").breached_at == after(1)
    assert sweep(now=after(1)) == Swept()


def test_a_breach_is_put_on_record_even_where_no_step_stands_at_the_due_time(opened, promises: None) -> None:
    newest = PolicyVersion.objects.latest("number")
    PolicyVersion.objects.create(policy=newest.policy, number=2, rules=newest.rules, ladder=[])
    ticket = opened()
    assert sweep(now=after(1)) == Swept(clocks=1, breached=1)
    assert clock_of(ticket, "first_response").next_fire_at is None


def test_a_breach_is_put_on_record_before_the_first_step_that_stands_after_it(opened, promises: None) -> None:
    newest = PolicyVersion.objects.latest("number")
    ladder = [{"key": "warn", "percent": 75}, {"key": "later", "percent": 300}]
    PolicyVersion.objects.create(policy=newest.policy, number=2, rules=newest.rules, ladder=ladder)
    ticket = opened()
    sweep(now=after(0.75))
    assert clock_of(ticket, "first_response").next_fire_at == after(1)
    assert sweep(now=after(1)).breached == 1
    assert clock_of(ticket, "first_response").next_fire_at == after(3)


def test_when_everybody_is_away_all_supervisors_are_told(opened, agent: User) -> None:
    boss = make.user(role=Role.SUPERVISOR, available=False)
    opened()
    sweep(now=after(0.75))
    assert len(told(boss)) == 1


def test_the_sweep_costs_as_many_queries_for_many_clocks_as_for_one(opened, django_assert_max_num_queries) -> None:
    for _ in range(12):
        opened()
    sweep_until_idle(now=after(0.75))
    with django_assert_max_num_queries(16):
        assert sweep(now=after(1)).breached == 12


@pytest.mark.django_db(transaction=True)
def test_six_workers_at_once_let_each_step_act_once(opened) -> None:
    tickets = [opened() for _ in range(20)]
    gate, swept = threading.Barrier(6), []

    def work() -> None:
        try:
            gate.wait()
            swept.append(sweep_until_idle(now=after(1), limit=3))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    # Somebody may have met only held clocks and gone home; the next wake-up takes what is left.
    swept.append(sweep_until_idle(now=after(1)))
    assert sum(each.acted for each in swept) == sum(each.breached for each in swept) == 20
    assert TicketEvent.objects.filter(kind="escalate").count() == 20
    assert all(clock_of(ticket, "first_response").breached_at == after(1) for ticket in tickets)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_before_its_commit_leaves_the_work_to_the_next(opened, monkeypatch) -> None:
    ticket = opened()

    def die(*_args: object) -> int:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(services.notices, "tell", die)
        sweep(now=after(1))
    ticket.refresh_from_db()
    assert (ticket.tier, Fire.objects.count(), Delivery.objects.count()) == (1, 0, 0)
    assert sweep(now=after(1)).acted == 1


@pytest.mark.django_db(transaction=True)
def test_a_ticket_in_somebodys_hands_is_left_to_the_next_sweep(opened) -> None:
    ticket = opened()
    seen: list[Swept] = []

    def work() -> None:
        try:
            seen.append(sweep(now=after(1)))
        finally:
            connections.close_all()

    with transaction.atomic():
        Ticket.objects.select_for_update().get(pk=ticket.pk)
        other = threading.Thread(target=work)
        other.start()
        other.join()
    assert seen == [Swept()]
    assert sweep(now=after(1)).breached == 1


def test_a_step_entered_in_the_ledger_by_somebody_else_meanwhile_does_not_act(opened, monkeypatch) -> None:
    clock = clock_of(opened(), "first_response")
    at = {"due_at": after(1), "fired_at": after(1), "epoch": 1}
    Fire.objects.create(clock=clock, step_key="breach", repeat_no=0, outcome="acted", **at)
    monkeypatch.setattr(ledger, "fired", lambda clock_ids: {})  # read before it was entered
    swept = sweep(now=after(1))
    assert (swept.acted, swept.escalated, swept.breached) == (0, 0, 1)


def test_the_sweep_reads_the_index_of_due_clocks_alone(opened) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM sla_clock WHERE shop_id = 1 AND next_fire_at <= now() ORDER BY next_fire_at LIMIT 5"
        )
        assert "clock_fires" in "\n".join(row[0] for row in cursor.fetchall())
