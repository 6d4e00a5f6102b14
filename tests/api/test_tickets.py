"""Tickets by API: the same buttons as on the pages, and the same refusals."""

from datetime import timedelta

import pytest

from tests import factories as make
from tests.api.cast import fields_of, post, with_key
from tests.clock import NOW
from tests.factories import ago
from tickets.models import Ticket, TicketEvent

SOON = (NOW + timedelta(hours=2)).isoformat()


@pytest.fixture
def press(agent, cast):
    """Presses a button of team A's ticket."""

    def pressed(action, body=None, **headers):
        return post(agent, f"tickets/{cast.ticket_a.pk}/{action}/", body or {}, **headers)

    return pressed


def test_a_ticket_is_worked_from_open_to_closed(agent, cast, press):
    assert press("accept").json()["assignee"] == {"id": cast.agent_a.pk, "name": "Ann"}
    assert press("reply", {"body": "We are looking into it."}).json()["status"] == "in_progress"
    assert press("note", {"body": "Carrier asked."}).status_code == 200
    waiting = press("wait", {"waiting_for": "carrier", "reason": "Asked SF", "call_back_at": SOON}).json()
    assert (waiting["status"], waiting["holder"]) == ("waiting", "carrier")
    assert press("resume").json()["status"] == "in_progress"
    assert press("regrade", {"grade": 2, "why": "VIP called"}).json()["grade"] == 2
    solved = press("solve", {"cause": "delay", "resolution": "Found and sent on."}).json()
    assert (solved["status"], solved["cause"]) == ("solved", "delay")
    assert press("close", {"why": "Confirmed"}).json()["actions"] == ["note", "reopen"]
    assert press("reopen", {"why": "Still not there"}).json()["reopened"] == 1
    story = agent.get(f"/api/v1/tickets/{cast.ticket_a.pk}/").json()
    assert [event["kind"] for event in story["events"]] == [
        "accept", "reply", "note", "wait", "resume", "regrade", "solve", "close", "reopen",
    ]  # fmt: skip
    assert [message["kind"] for message in story["messages"]] == ["reply", "note"]


def test_a_question_goes_to_another_team_and_its_answer_comes_back(cast, press):
    asked = press("hand_over", {"to_team": cast.team_b.code, "question": "Where is it?", "due_by": SOON}).json()
    assert (asked["holder"], asked["handovers"][0]["state"]) == ("logistics", "open")
    other = with_key(cast.agent_b)
    answered = post(other, f"tickets/{cast.ticket_a.pk}/answer/", {"answer": "In Hangzhou."}).json()
    assert answered["handovers"][0]["answered_by"]["name"] == "Bob Secret"


def test_a_question_is_called_back(cast, press):
    press("hand_over", {"to_team": cast.team_b.code, "question": "Where is it?", "due_by": SOON})
    assert press("call_back").json()["handovers"][0]["state"] == "called_back"


def test_a_ticket_is_given_to_a_colleague_or_to_another_team(agent, cast, press):
    colleague = make.user(cast.team_a, name="Cleo")
    assert press("assign", {"assignee": colleague.pk}).json()["assignee"]["name"] == "Cleo"
    assert press("assign", {"team": cast.team_b.code}).status_code == 204
    assert agent.get(f"/api/v1/tickets/{cast.ticket_a.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("assign", {}, "assignee"),
        ("assign", {"team": "nowhere"}, "team"),
        ("assign", {"assignee": 2**63}, "assignee"),
        ("reply", {}, "body"),
        ("reply", {"body": "  "}, "body"),
        ("reply", {"body": "x" * 20_001}, "body"),
        ("note", {"body": ["a"]}, "body"),
        ("wait", {"waiting_for": "godot", "reason": "r", "call_back_at": SOON}, "waiting_for"),
        ("wait", {"waiting_for": "carrier", "reason": "r", "call_back_at": ago(1).isoformat()}, "call_back_at"),
        ("wait", {"waiting_for": "carrier", "reason": "r", "call_back_at": "2028-01-01T00:00:00Z"}, "call_back_at"),
        ("wait", {"waiting_for": "carrier", "reason": "r", "call_back_at": "9999-01-01T00:00:00Z"}, "call_back_at"),
        ("hand_over", {"to_team": "nowhere", "question": "q", "due_by": SOON}, "to_team"),
        ("answer", {"answer": "It is here."}, "answer"),
        ("regrade", {"grade": 5, "why": "w"}, "grade"),
        ("regrade", {"grade": True, "why": "w"}, "grade"),
        ("regrade", {"grade": 1}, "why"),
        ("solve", {"cause": "magic", "resolution": "r"}, "cause"),
        ("close", {}, "why"),
        ("accept", {"version": 0}, "version"),
        ("accept", {"version": "１"}, "version"),
    ],
)
def test_what_does_not_make_sense_is_refused_by_name(cast, press, action, body, field):
    response = press(action, body)
    assert (response.status_code, fields_of(response)) == (400, {field})
    assert not TicketEvent.objects.exists()


def test_a_button_that_the_status_does_not_have_is_409(press):
    response = press("resume")
    assert (response.status_code, response.json()["type"]) == (409, "urn:ticketdesk:problem:wrong_status")


def test_a_ticket_that_changed_since_is_409_by_version_and_412_by_etag(agent, cast, press):
    seen = agent.get(f"/api/v1/tickets/{cast.ticket_a.pk}/")
    press("accept")
    assert press("note", {"body": "n", "version": seen.json()["version"]}).status_code == 409
    assert press("note", {"body": "n"}, **{"If-Match": seen["ETag"]}).status_code == 412
    assert press("note", {"body": "n"}, **{"If-Match": '"2"'}).status_code == 200


def test_a_role_that_sees_the_ticket_but_may_not_is_403(cast):
    reply = post(with_key(cast.contact), f"tickets/{cast.ticket_a.pk}/reply/", {"body": "Dear customer"})
    assert reply.status_code == 403
    assert post(with_key(cast.reader), f"tickets/{cast.ticket_a.pk}/note/", {"body": "n"}).status_code == 403


def test_a_message_sent_twice_under_one_key_is_said_once(cast, press):
    versions = {press("reply", {"body": "Hello", "key": "k-1"}).json()["version"] for _ in range(2)}
    assert (len(versions), cast.ticket_a.messages.count()) == (1, 1)


def test_times_are_those_of_the_tickets_shop(agent, cast):
    cast.shop.present_at = ago(24 * 800)
    cast.shop.save()
    post(agent, f"tickets/{cast.ticket_a.pk}/accept/", {})
    assert TicketEvent.objects.get().at == ago(24 * 800)


def new_ticket(**changes):
    return {"shop": "demo", "subject": "Where is my tea?", "body": "It is late.", "channel": "web"} | changes


def test_a_ticket_is_opened_once_per_external_id(agent, cast):
    body = new_ticket(external_id="form-1", order=cast.order.pk, kind="complaint")
    first, second = post(agent, "tickets/", body), post(agent, "tickets/", body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert (first.json()["grade"], first.json()["messages"][0]["body"]) == (2, "It is late.")


def test_an_external_id_of_a_ticket_that_is_not_seen_tells_nothing_of_it(agent, cast):
    make.ticket(cast.shop, team=cast.team_b, channel="web", external_id="form-1", subject="Secret")
    response = post(agent, "tickets/", new_ticket(external_id="form-1"))
    assert (response.status_code, fields_of(response)) == (409, {"external_id"})
    assert "Secret" not in response.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"shop": "nowhere"}, "shop"),
        ({"order": 2**62}, "order"),
        ({"order": "SO-1"}, "order"),
        ({"kind": "rant"}, "kind"),
        ({"channel": "fax"}, "channel"),
        ({"subject": ""}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"grade": 0}, "grade"),
        ({"external_id": "x" * 65}, "external_id"),
        ({"team": "nowhere"}, "team"),
        ({"id": 1}, "id"),
        ({"status": "closed"}, "status"),
        ({"version": 3}, "version"),
        ({"is_staff": True}, "is_staff"),
    ],
)
def test_a_ticket_that_cannot_be_is_refused_by_name(agent, changes, field):
    response = post(agent, "tickets/", new_ticket(**changes))
    assert (response.status_code, fields_of(response)) == (400, {field})
    assert Ticket.objects.count() == 2


def test_an_order_of_another_shop_is_refused(agent, cast):
    stranger = make.order(make.shop())
    assert fields_of(post(agent, "tickets/", new_ticket(order=stranger.pk))) == {"order"}


def test_contacts_and_readers_open_no_tickets(cast):
    for person in (cast.contact, cast.reader):
        assert post(with_key(person), "tickets/", new_ticket()).status_code == 403


def test_tickets_are_narrowed_by_what_is_known_of_them(supervisor, cast):
    wanted = make.ticket(
        cast.shop, team=cast.team_a, assignee=cast.agent_a, order=cast.order, grade=1, status="accepted",
        anomaly_code="not_shipped", due_by=ago(1), external_id="x-1", subject="",
    )  # fmt: skip
    for asked in (
        {"status": "accepted"}, {"grade": 1}, {"assignee": cast.agent_a.pk}, {"anomaly_code": "not_shipped"},
        {"late": 1}, {"external_id": "x-1"}, {"q": f"#{wanted.pk}"},
        {"team": cast.team_a.code, "order": cast.order.pk, "shop": "demo", "q": "SO-1", "grade": 1},
    ):  # fmt: skip
        found = supervisor.get("/api/v1/tickets/", asked).json()["results"]
        assert [ticket["id"] for ticket in found] == [wanted.pk], asked
    assert (found[0]["late"], found[0]["subject"], found[0]["external_no"]) == (True, "Not shipped", "SO-1")
    assert supervisor.get("/api/v1/tickets/", {"q": "nothing like it"}).json()["results"] == []


@pytest.mark.parametrize(
    "asked",
    [
        {"late": "yes"}, {"late": 0}, {"grade": "１"}, {"assignee": 2**63}, {"assignee": "me"}, {"q": "a\0b"},
        {"q": "%" * 10_000}, {"status": "any"}, {"order": -1}, {"page": 10**9}, {"ordering": "a.b"},
        {"_connector": "OR 1=1"}, {"status__in": "new"}, {"limit": 10**9}, {"limit": 0}, {"cursor": "x"},
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused_by_name(agent, asked):
    response = agent.get("/api/v1/tickets/", asked)
    assert (response.status_code, fields_of(response)) == (400, set(asked))


def test_a_parameter_that_is_given_twice_is_refused(agent):
    assert fields_of(agent.get("/api/v1/tickets/?status=new&status=closed")) == {"status"}


def test_parameters_where_none_are_taken_are_refused(agent, cast):
    address = f"/api/v1/tickets/{cast.ticket_a.pk}/"
    assert fields_of(agent.get(f"{address}?format=json")) == {"format"}
    assert fields_of(agent.post(f"{address}accept/?force=1", {}, format="json")) == {"force"}
