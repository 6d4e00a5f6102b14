from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories as make
from tests.clock import NOW
from ticketdesk.accounts.models import Role
from tickets.models import Handover, Ticket

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def team():
    return make.team()


@pytest.fixture
def agent(team):
    return make.user(team)


@pytest.fixture
def ticket(team):
    return make.ticket(make.shop(present_at=NOW), team=team)


@pytest.fixture
def page(agent):
    return signed_in(agent)


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch):
    monkeypatch.setattr("tickets.listening._listeners", lambda: ())


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def press(page, ticket, action, htmx=True, **data):
    return page.post(reverse("act", args=[ticket.pk, action]), data, headers=HTMX if htmx else {})


def later(hours=4) -> str:
    return (NOW + timedelta(hours=hours)).astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")


def test_a_ticket_that_may_not_be_seen_does_not_exist(page):
    foreign = make.ticket(make.shop(), team=make.team())
    assert page.get(reverse("ticket", args=[foreign.pk])).status_code == 404
    assert press(page, foreign, "accept").status_code == 404


def test_the_page_costs_the_same_however_long_the_conversation(page, ticket, django_assert_max_num_queries):
    def cost():
        with django_assert_max_num_queries(40) as counted:
            page.get(reverse("ticket", args=[ticket.pk]))
        return len(counted)

    for _ in range(2):
        page.post(reverse("say", args=[ticket.pk]), {"kind": "note", "body": "x"})
    first = cost()
    for number in range(12):
        page.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": f"x{number}"})
    assert cost() == first


def test_accepting_makes_me_the_assignee_and_answers_with_the_ticket(page, ticket, agent):
    reply = press(page, ticket, "accept", version=ticket.version)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee) == ("accepted", agent)
    assert 'id="ticket"' in reply.content.decode() and "<html" not in reply.content.decode()


def test_without_script_a_button_leads_back_to_the_page(page, ticket):
    reply = press(page, ticket, "accept", htmx=False)
    assert (reply.status_code, reply["Location"]) == (302, reverse("ticket", args=[ticket.pk]))


def test_a_ticket_that_changed_meanwhile_is_refused_and_typed_words_are_kept(page, ticket):
    press(page, ticket, "accept")
    reply = press(page, ticket, "solve", cause="delay", resolution="Sent again", version=ticket.version)
    assert reply.status_code == 409
    assert "changed while you were looking" in reply.content.decode() and "Sent again" in reply.content.decode()
    ticket.refresh_from_db()
    assert ticket.status == "accepted"


def test_pressing_again_after_a_refusal_works(page, ticket):
    press(page, ticket, "accept")
    form = press(page, ticket, "solve", cause="delay", resolution="x", version=ticket.version).context["forms"]["solve"]
    reply = press(page, ticket, "solve", cause="delay", resolution="x", version=form["version"].value())
    assert reply.status_code == 200
    assert Ticket.objects.get().status == "solved"


def test_a_button_that_is_not_possible_now_is_refused(page, ticket):
    assert press(page, ticket, "reopen", why="x").status_code == 409


def test_a_contact_is_asked_for_a_note_not_for_a_reply(page, ticket, team):
    url = reverse("ticket", args=[ticket.pk])
    contact = signed_in(make.user(team, role=Role.CONTACT))
    assert "Write a note for colleagues" in contact.get(url).content.decode()
    assert "Write a reply" in page.get(url).content.decode()


@pytest.mark.parametrize(
    ("action", "data", "field"),
    [
        ("solve", {"cause": "delay"}, "resolution"),
        ("solve", {"cause": "", "resolution": "Sent again"}, "cause"),
        ("wait", {"waiting_for": "carrier", "reason": "scan", "call_back_at": "2020-01-01T10:00"}, "call_back_at"),
        ("wait", {"waiting_for": "carrier", "reason": "scan", "call_back_at": "9999-12-31T23:59"}, "call_back_at"),
        ("hand_over", {"question": "where?", "due_by": "2099-01-01T10:00"}, "due_by"),
        ("regrade", {"grade": "7", "why": "x"}, "grade"),
        ("assign", {"to": "99:99"}, "to"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(page, ticket, action, data, field):
    reply = press(page, ticket, action, **data)
    assert reply.status_code == 422
    assert field in reply.context["forms"][action].errors


def test_waiting_names_whom_for_what_and_until_when(page, ticket):
    press(page, ticket, "wait", waiting_for="customer", reason="photos", call_back_at=later())
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_for, ticket.waiting_reason) == ("waiting", "customer", "photos")
    assert "photos" in page.get(reverse("ticket", args=[ticket.pk])).content.decode()


def test_a_hand_over_is_answered_by_whom_it_was_given_to(page, ticket, team):
    warehouse = make.team("warehouse")
    contact = signed_in(make.user(warehouse, role=Role.CONTACT))
    press(page, ticket, "hand_over", to_team=warehouse.pk, question="Is it packed?", due_by=later())
    assert "answer" not in page.get(reverse("ticket", args=[ticket.pk])).context["may"]
    assert "answer" in contact.get(reverse("ticket", args=[ticket.pk])).context["may"]
    press(contact, ticket, "answer", answer="Yes, since noon.")
    assert Handover.objects.get().answer == "Yes, since noon."


def test_a_contact_never_writes_to_buyers(team, ticket):
    contact = signed_in(make.user(team, role=Role.CONTACT))
    reply = contact.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": "Hello"}, headers=HTMX)
    assert reply.status_code == 403
    assert 'value="reply"' not in contact.get(reverse("ticket", args=[ticket.pk])).content.decode()


def test_a_reader_sees_no_button(ticket):
    reader = signed_in(make.user(role=Role.READONLY))
    text = reader.get(reverse("ticket", args=[ticket.pk])).content.decode()
    assert "<textarea" not in text
    assert press(reader, ticket, "accept").status_code == 403


def test_sending_twice_says_it_once(page, ticket):
    for _ in range(2):
        page.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": "Hello", "key": "k1"}, headers=HTMX)
    assert ticket.messages.count() == 1


def test_blank_words_are_not_sent(page, ticket):
    reply = page.post(reverse("say", args=[ticket.pk]), {"kind": "reply", "body": "  \n"}, headers=HTMX)
    assert reply.status_code == 422
    assert ticket.messages.count() == 0


def test_what_was_said_and_done_is_told_in_its_order(page, ticket):
    press(page, ticket, "accept")
    page.post(reverse("say", args=[ticket.pk]), {"kind": "note", "body": "<b>look</b>"})
    reply = page.get(reverse("ticket", args=[ticket.pk]))
    assert [line.kind or line.message.kind for line in reply.context["lines"]] == ["accept", "note"]
    assert "&lt;b&gt;look" in reply.content.decode()


def test_whoever_gives_a_ticket_away_out_of_sight_goes_back_to_the_board(page, ticket, agent):
    other = make.team()
    make.user(other)
    reply = press(page, ticket, "assign", to=str(other.pk))
    assert (reply.status_code, reply["HX-Redirect"]) == (204, "/tickets/")


def test_neighbours_are_those_of_the_view_one_came_from(page, ticket, team):
    soon = make.ticket(ticket.shop, team=team, due_by=make.ahead(1))
    later_on = make.ticket(ticket.shop, team=team, due_by=make.ahead(9))
    reply = page.get(reverse("ticket", args=[later_on.pk]), {"view": "open"})
    assert reply.context["neighbours"] == {"previous": soon.pk, "next": ticket.pk}
    assert page.get(reverse("ticket", args=[soon.pk])).context["neighbours"] == {}


def test_an_unknown_button_is_no_address(page, ticket):
    assert press(page, ticket, "explode").status_code == 404
    assert page.get(reverse("act", args=[ticket.pk, "accept"])).status_code == 405


def test_a_ticket_of_replayed_history_says_so(page, ticket, team):
    assert "2026-11-23 10:00" in page.get(reverse("ticket", args=[ticket.pk])).content.decode()
    today = make.ticket(make.shop(), team=team)
    assert "history is replayed" not in page.get(reverse("ticket", args=[today.pk])).content.decode()
