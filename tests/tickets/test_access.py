"""Nobody sees what is not his; nobody does what he may not."""

import pytest

from tests import factories as make
from tests.clock import NOW
from tests.factories import ahead
from ticketdesk.accounts.models import Role
from tickets import access, services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_an_agent_sees_his_teams_tickets_his_own_and_those_handed_to_him() -> None:
    shop, ours, theirs = make.shop(), make.team(), make.team("warehouse")
    agent, other = make.user(ours), make.user(theirs)
    of_team, own = make.ticket(shop, team=ours), make.ticket(shop, team=theirs, assignee=agent)
    handed, foreign = make.ticket(shop, team=theirs), make.ticket(shop, team=theirs)
    services.hand_over(ticket=handed, by=other, now=NOW, to_team=ours, question="Which size?", due_by=ahead(1))
    assert set(access.visible_to(agent)) == {of_team, own, handed}
    assert foreign not in access.visible_to(agent)


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR, Role.READONLY])
def test_supervisors_administrators_and_readers_see_everything(role: str) -> None:
    made = make.ticket(make.shop(), team=make.team())
    assert access.visible_to(make.user(role=role)).get() == made


def test_somebody_without_a_team_sees_nothing() -> None:
    make.ticket(make.shop(), team=make.team())
    make.ticket(make.shop())
    assert not access.visible_to(make.user()).exists()


def test_access_ends_at_once_when_a_ticket_moves_or_a_question_is_called_back() -> None:
    shop, ours, theirs = make.shop(), make.team(), make.team("logistics")
    agent, contact = make.user(ours), make.user(theirs, role=Role.CONTACT)
    ticket = make.ticket(shop, team=ours)
    services.hand_over(ticket=ticket, by=agent, now=NOW, to_team=theirs, question="Where?", due_by=ahead(1))
    assert access.visible_to(contact).exists()
    services.call_back(ticket=ticket, by=agent, now=NOW)
    assert not access.visible_to(contact).exists()
    services.assign(ticket=ticket, by=agent, now=NOW, team=theirs)
    assert not access.visible_to(agent).exists()


def test_a_contact_answers_but_neither_replies_nor_solves_what_was_only_handed_to_him() -> None:
    shop, ours, theirs = make.shop(), make.team(), make.team("logistics")
    contact = make.user(theirs, role=Role.CONTACT)
    assert access.actions_of(contact, make.ticket(shop, team=ours)) == {"answer", "note"}
    on_own = access.actions_of(contact, make.ticket(shop, team=theirs))
    assert "solve" in on_own and "reply" not in on_own


def test_a_reader_may_do_nothing() -> None:
    reader, ticket = make.user(role=Role.READONLY), make.ticket(make.shop())
    with pytest.raises(access.NotAllowed):
        services.note(ticket=ticket, by=reader, now=NOW, body="Hello")
    assert Ticket.objects.get().version == 1


def test_a_contact_sees_only_the_orders_of_his_tickets() -> None:
    shop, theirs = make.shop(), make.team("logistics")
    contact = make.user(theirs, role=Role.CONTACT)
    order, _other = make.order(shop), make.order(shop)
    make.ticket(shop, team=theirs, order=order)
    assert list(access.visible_orders(contact)) == [order]
    assert access.visible_orders(make.user()).count() == 2
