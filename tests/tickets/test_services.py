"""The buttons: what each writes, and what it refuses."""

import pytest

from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.models import Role, User
from ticketdesk.outbox.models import Delivery
from tickets import access, services
from tickets.lifecycle import WrongStatus
from tickets.models import Handover, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> User:
    return make.user(make.team("front_line"))


@pytest.fixture
def ticket(agent: User) -> Ticket:
    return make.ticket(make.shop(), team=agent.teams.get())


def history(ticket: Ticket) -> list[str]:
    return list(ticket.events.order_by("id").values_list("kind", flat=True))


def test_accepting_makes_the_person_the_assignee_and_is_on_record(agent: User, ticket: Ticket) -> None:
    done = services.accept(ticket=ticket, by=agent, now=NOW)
    assert (done.status, done.assignee, done.accepted_at, done.touched_at, done.version) == (
        "accepted",
        agent,
        NOW,
        NOW,
        2,
    )
    event = ticket.events.get()
    assert (event.kind, event.actor, event.at, event.data["from"], event.data["to"]) == (
        "accept",
        agent,
        NOW,
        "new",
        "accepted",
    )


def test_a_reply_sent_twice_with_one_key_is_one_message(agent: User, ticket: Ticket) -> None:
    first = services.reply(ticket=ticket, by=agent, now=NOW, body="On its way.", key="k")
    again = services.reply(ticket=ticket, by=agent, now=ahead(1), body="On its way.", key="k")
    assert (first.pk, history(ticket)) == (again.pk, ["reply"])
    ticket.refresh_from_db()
    assert (ticket.status, ticket.responded_at, ticket.assignee) == ("in_progress", NOW, agent)


def test_a_note_answers_nobody(agent: User, ticket: Ticket) -> None:
    services.note(ticket=ticket, by=agent, now=NOW, body="Called the carrier.")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.responded_at) == ("new", None)


def test_waiting_needs_a_reason_and_a_time_in_the_future(agent: User, ticket: Ticket) -> None:
    asked = {"ticket": ticket, "by": agent, "now": NOW, "waiting_for": "carrier"}
    with pytest.raises(services.Refused) as no_reason:
        services.wait(**asked, reason=" ", call_back_at=ahead(1))
    with pytest.raises(services.Refused) as past:
        services.wait(**asked, reason="search", call_back_at=NOW)
    assert (no_reason.value.field, past.value.field) == ("reason", "call_back_at")


def test_a_waiting_ticket_comes_back_by_itself_when_its_call_back_time_has_come(agent: User, ticket: Ticket) -> None:
    services.accept(ticket=ticket, by=agent, now=NOW)
    services.wait(ticket=ticket, by=agent, now=NOW, waiting_for="carrier", reason="search", call_back_at=ahead(2))
    assert services.wake_waiting(now=ahead(1)) == 0
    assert services.wake_waiting(now=ahead(2)) == 1
    assert services.wake_waiting(now=ahead(3)) == 0
    ticket.refresh_from_db()
    assert (ticket.status, ticket.holder, ticket.call_back_at) == ("in_progress", "front_line", None)
    assert Delivery.objects.filter(recipient=agent, kind="call_back").count() == 1


def test_a_hand_over_moves_the_ball_and_the_answer_brings_it_back(agent: User, ticket: Ticket) -> None:
    logistics = make.team("logistics")
    contact = make.user(logistics, role=Role.CONTACT)
    services.hand_over(ticket=ticket, by=agent, now=NOW, to_team=logistics, question="Where is it?", due_by=ahead(4))
    ticket.refresh_from_db()
    assert ticket.holder == "logistics"
    done = services.answer(ticket=ticket, by=contact, now=ahead(1), answer="At the hub.")
    ticket.refresh_from_db()
    assert (ticket.holder, done.state, done.answered_by, done.answered_at) == (
        "front_line",
        "answered",
        contact,
        ahead(1),
    )
    assert list(Delivery.objects.values_list("recipient", "kind")) == [
        (contact.pk, "handed_over"),
        (agent.pk, "answered"),
    ]


def test_only_the_team_that_was_asked_may_answer(agent: User, ticket: Ticket) -> None:
    services.hand_over(
        ticket=ticket, by=agent, now=NOW, to_team=make.team("logistics"), question="Where?", due_by=ahead(4)
    )
    with pytest.raises(access.NotAllowed):
        services.answer(ticket=ticket, by=agent, now=NOW, answer="Here.")


def test_a_second_team_is_not_asked_while_the_first_owes_an_answer(agent: User, ticket: Ticket) -> None:
    asked = {"ticket": ticket, "by": agent, "now": NOW, "question": "Where?", "due_by": ahead(4)}
    services.hand_over(**asked, to_team=make.team("logistics"))
    with pytest.raises(services.Refused, match="Another team has been asked already"):
        services.hand_over(**asked, to_team=make.team("customs"))
    services.call_back(ticket=ticket, by=agent, now=NOW)
    services.hand_over(**asked, to_team=make.team("customs"))


def test_solving_needs_cause_and_resolution_and_calls_open_questions_back(agent: User, ticket: Ticket) -> None:
    services.hand_over(
        ticket=ticket, by=agent, now=NOW, to_team=make.team("logistics"), question="Where?", due_by=ahead(4)
    )
    with pytest.raises(services.Refused) as refused:
        services.solve(ticket=ticket, by=agent, now=NOW, cause="weather", resolution="Sent again")
    assert refused.value.field == "cause"
    done = services.solve(ticket=ticket, by=agent, now=NOW, cause="delay", resolution="Sent again")
    assert (done.status, done.solved_at, Handover.objects.get().state) == ("solved", NOW, "called_back")


def test_a_ticket_changed_since_it_was_looked_at_is_refused_and_stays_as_it_is(agent: User, ticket: Ticket) -> None:
    services.note(ticket=ticket, by=agent, now=NOW, body="First.")
    with pytest.raises(services.Stale):
        services.accept(ticket=ticket, by=agent, now=NOW, version=1)
    assert history(ticket) == ["note"]


def test_reopening_counts_and_is_refused_while_another_ticket_about_the_same_is_open(agent: User) -> None:
    shop = make.shop()
    order = make.order(shop)
    about = {"order": order, "anomaly_code": "overdue", "team": agent.teams.get()}
    old = make.ticket(shop, **about, status="closed", closed_at=ago(1))
    newer = make.ticket(shop, **about)
    with pytest.raises(services.Refused, match="Another ticket about the same thing is open"):
        services.reopen(ticket=old, by=agent, now=NOW, why="Still not here")
    services.close(ticket=newer, by=agent, now=NOW, why="duplicate")
    assert services.reopen(ticket=old, by=agent, now=NOW, why="Still not here").reopened == 1


def test_a_grade_set_by_hand_says_who_and_why(agent: User, ticket: Ticket) -> None:
    done = services.regrade(ticket=ticket, by=agent, now=NOW, grade=1, why="Wedding tomorrow")
    assert done.grade == 1
    assert done.grade_factors[-1] == {
        "code": "by_hand",
        "steps": 2,
        "params": {"who": agent.name, "why": "Wedding tomorrow"},
    }


def test_a_ticket_is_given_to_members_of_its_team_only(agent: User, ticket: Ticket) -> None:
    stranger = make.user(make.team("customs"))
    with pytest.raises(services.Refused) as refused:
        services.assign(ticket=ticket, by=agent, now=NOW, to=stranger)
    assert refused.value.field == "assignee"
    given = services.assign(ticket=ticket, by=agent, now=NOW, to=stranger, team=stranger.teams.get())
    assert (given.assignee, given.holder) == (stranger, "customs")


def test_a_gateways_ticket_is_opened_once(agent: User) -> None:
    new = services.NewTicket(make.shop(), "complaint", "chat", "Where is my parcel?", "Hello?", external_id="c-1")
    first = services.open_ticket(new=new, by=None, now=NOW)
    again = services.open_ticket(new=new, by=None, now=NOW)
    assert (first.pk, first.grade, first.messages.get().kind) == (again.pk, 2, "customer")


def test_the_database_itself_refuses_to_rewrite_history(agent: User, ticket: Ticket) -> None:
    from django.db import Error, transaction

    services.accept(ticket=ticket, by=agent, now=NOW)
    with pytest.raises(Error, match="only ever added"), transaction.atomic():
        ticket.events.update(kind="nothing")
    with pytest.raises(Error, match="only ever added"), transaction.atomic():
        ticket.events.all().delete()


@pytest.mark.parametrize("action", ["reply", "solve", "wait", "accept"])
def test_nothing_but_a_note_is_possible_on_a_closed_ticket(agent: User, ticket: Ticket, action: str) -> None:
    services.close(ticket=ticket, by=agent, now=NOW, why="spam")
    given = {
        "reply": {"body": "x"}, "solve": {"cause": "delay", "resolution": "x"}, "accept": {},
        "wait": {"waiting_for": "carrier", "reason": "x", "call_back_at": ahead(1)},
    }  # fmt: skip
    with pytest.raises(WrongStatus):
        getattr(services, action)(ticket=ticket, by=agent, now=NOW, **given[action])
    assert services.note(ticket=ticket, by=agent, now=NOW, body="For the record.").pk
