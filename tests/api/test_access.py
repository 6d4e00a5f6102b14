"""Who may see and do what: the same by session and by key, and never a word about what belongs to others."""

from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from orders.models import Order, TrackingEvent
from tests import factories as make
from tests.api.cast import fields_of, key_of, post, with_key, with_session
from tests.clock import NOW
from ticketdesk.accounts import services
from ticketdesk.accounts.models import ApiKey, Membership
from tickets.models import Handover, Message, Ticket, TicketEvent

SOON = (NOW + timedelta(hours=2)).isoformat()
ACTIONS = {
    "accept": {},
    "assign": {"assignee": 1},
    "reply": {"body": "b"},
    "note": {"body": "b"},
    "wait": {"waiting_for": "carrier", "reason": "r", "call_back_at": SOON},
    "resume": {},
    "hand_over": {"to_team": "t", "question": "q", "due_by": SOON},
    "answer": {"answer": "a"},
    "call_back": {},
    "regrade": {"grade": 1, "why": "w"},
    "solve": {"cause": "delay", "resolution": "r"},
    "close": {"why": "w"},
    "reopen": {"why": "w"},
}


def state() -> list:
    """Everything that an action could have changed."""
    tickets = Ticket.objects.order_by("pk").values_list("pk", "version", "status", "team", "assignee")
    return [*tickets, *(model.objects.count() for model in (TicketEvent, Message, Handover))]


def is_same_404(reply, nothing) -> bool:
    return reply.status_code == nothing.status_code == 404 and reply.json() == nothing.json()


def test_a_ticket_of_another_team_is_answered_like_a_number_never_given_out(as_user, cast):
    client = as_user(cast.agent_a)
    theirs, nothing = (client.get(f"/api/v1/tickets/{pk}/") for pk in (cast.ticket_b.pk, 10**9))
    assert is_same_404(theirs, nothing)


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_can_be_done_to_a_ticket_of_another_team(as_user, cast, action):
    client, before = as_user(cast.agent_a), state()
    body = {**ACTIONS[action], **({"to_team": cast.team_b.code} if action == "hand_over" else {})}
    theirs, nothing = (post(client, f"tickets/{pk}/{action}/", body) for pk in (cast.ticket_b.pk, 10**9))
    assert is_same_404(theirs, nothing)
    assert state() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_not_even_a_wrong_body_tells_that_the_ticket_exists(as_user, cast, action):
    client = as_user(cast.agent_a)
    theirs, nothing = (post(client, f"tickets/{pk}/{action}/", {"x": 1}) for pk in (cast.ticket_b.pk, 10**9))
    assert is_same_404(theirs, nothing)


def test_lists_and_filters_hold_nothing_of_another_team(as_user, cast):
    client = as_user(cast.agent_a)
    cast.ticket_b.external_id = "x-9"
    cast.ticket_b.save()
    for asked in (
        {}, {"team": cast.team_b.code}, {"q": f"#{cast.ticket_b.pk}"}, {"external_id": "x-9"}, {"status": "new"},
        {"shop": "demo"}, {"assignee": cast.agent_b.pk},
    ):  # fmt: skip
        found = {ticket["id"] for ticket in client.get("/api/v1/tickets/", asked).json()["results"]}
        assert found <= {cast.ticket_a.pk}, asked


def test_a_ticket_that_moved_to_another_team_is_gone_at_once(as_user, cast):
    client = as_user(cast.agent_a)
    assert client.get(f"/api/v1/tickets/{cast.ticket_a.pk}/").status_code == 200
    Ticket.objects.filter(pk=cast.ticket_a.pk).update(team=cast.team_b)
    assert client.get(f"/api/v1/tickets/{cast.ticket_a.pk}/").status_code == 404


def test_whoever_leaves_a_team_loses_its_tickets_at_once(as_user, cast):
    client = as_user(cast.agent_a)
    Membership.objects.filter(user=cast.agent_a).delete()
    assert client.get(f"/api/v1/tickets/{cast.ticket_a.pk}/").status_code == 404


def test_a_colleague_of_another_team_cannot_be_named_and_is_not_named(as_user, cast):
    client, before = as_user(cast.agent_a), state()
    replies = [post(client, f"tickets/{cast.ticket_a.pk}/assign/", {"assignee": pk}) for pk in (cast.agent_b.pk, 10**9)]
    assert [reply.status_code for reply in replies] == [400, 400]
    assert replies[0].json() == replies[1].json()
    assert state() == before


def test_a_ticket_is_not_opened_in_another_team(as_user, cast):
    client, before = as_user(cast.agent_a), state()
    body = {"shop": "demo", "subject": "s", "team": cast.team_b.code}
    reply = post(client, "tickets/", body)
    assert (reply.status_code, fields_of(reply)) == (400, {"team"})
    assert cast.team_b.name not in reply.content.decode()
    assert state() == before


@pytest.fixture
def hidden(cast, carrier):
    """An order with a parcel, a scan and an anomaly, of which the contact of team A has no ticket."""
    order = make.order(cast.shop, external_no="HIDDEN", placed_at=NOW - timedelta(hours=9))
    parcel = make.shipment(order, by=carrier, number="HIDDEN1", number_norm="HIDDEN1")
    scan = {"carrier": "sf-express", "tracking_number": "HIDDEN1", "status": "exception.damaged"}
    post(with_key(cast.agent_a), "tracking-events/", {**scan, "occurred_at": NOW.isoformat()})
    return order, parcel


def test_a_contact_sees_only_orders_of_his_tickets_and_what_hangs_on_them(as_user, cast, hidden):
    order, parcel = hidden
    client = as_user(cast.contact)
    assert [each["id"] for each in client.get("/api/v1/orders/").json()["results"]] == [cast.order.pk]
    for address in (f"orders/{order.pk}/", f"shipments/{parcel.pk}/", f"anomalies/{order.anomalies.get().pk}/"):
        assert client.get(f"/api/v1/{address}").status_code == 404
    for asked in (
        "orders/?external_no=HIDDEN", "orders/?tracking_number=HIDDEN1", "shipments/?tracking_number=HIDDEN1",
        f"shipments/?order={order.pk}", f"anomalies/?order={order.pk}", f"tracking-events/?shipment={parcel.pk}",
    ):  # fmt: skip
        assert client.get(f"/api/v1/{asked}").json()["results"] == [], asked


def test_a_parcel_shared_with_a_hidden_order_does_not_name_it(as_user, cast, hidden):
    order, _ = hidden
    shared = make.shipment(cast.order, order)
    assert as_user(cast.contact).get(f"/api/v1/shipments/{shared.pk}/").json()["orders"] == [cast.order.pk]


def test_a_contact_changes_no_order_and_sends_no_scan(as_user, cast, hidden):
    client, scans = as_user(cast.contact), TrackingEvent.objects.count()
    address = f"/api/v1/orders/{cast.order.pk}/"
    assert client.patch(address, {"paid_at": NOW.isoformat()}, format="json").status_code == 403
    assert post(client, "shipments/", {}).status_code == 403
    assert post(client, "tracking-events/", {}).status_code == 403
    assert TrackingEvent.objects.count() == scans


def test_a_reader_sees_everything_and_changes_nothing(as_user, cast):
    client, before = as_user(cast.reader), state()
    assert client.get(f"/api/v1/tickets/{cast.ticket_b.pk}/").json()["actions"] == []
    for action, body in ACTIONS.items():
        assert post(client, f"tickets/{cast.ticket_a.pk}/{action}/", body).status_code == 403
    assert post(client, "orders/", {}).status_code == 403
    assert state() == before


READS = {
    "shops/": "orders:read", "orders/": "orders:read", "shipments/": "orders:read",
    "tracking-events/?shipment=1": "orders:read", "anomalies/": "anomalies:read", "tickets/": "tickets:read",
    "clocks/": "sla:read",
}  # fmt: skip
WRITES = {
    "orders/": "orders:write", "shipments/": "orders:write", "tracking-events/": "events:write",
    "tickets/": "tickets:write", "tickets/1/accept/": "tickets:write",
}  # fmt: skip


@pytest.mark.parametrize("address", READS)
def test_reading_asks_for_its_scope(cast, address):
    others = set(services.Scope.values) - {READS[address]}
    assert with_key(cast.supervisor, *others).get(f"/api/v1/{address}").status_code == 403
    assert with_key(cast.supervisor, READS[address]).get(f"/api/v1/{address}").status_code == 200


@pytest.mark.parametrize("address", WRITES)
def test_writing_asks_for_its_scope(cast, address):
    others = set(services.Scope.values) - {WRITES[address]}
    assert post(with_key(cast.supervisor, *others), address, {"x": 1}).status_code == 403
    assert post(with_key(cast.supervisor, WRITES[address]), address, {"x": 1}).status_code in (400, 404)


def test_a_key_opens_nothing_once_it_has_expired_or_was_revoked(cast, monkeypatch):
    text = key_of(cast.agent_a, expires_at=NOW + timedelta(minutes=1))
    client = APIClient(headers={"Authorization": f"Bearer {text}"})
    assert client.get("/api/v1/shops/").status_code == 200
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + timedelta(minutes=1))
    reply = client.get("/api/v1/shops/")
    assert (reply.status_code, reply.json()["type"]) == (401, "urn:ticketdesk:problem:not_authenticated")
    assert reply["WWW-Authenticate"].startswith("Bearer")
    other = with_key(cast.agent_a)
    ApiKey.objects.update(revoked_at=NOW)
    assert other.get("/api/v1/shops/").status_code == 401


def test_a_key_of_somebody_who_left_opens_nothing(cast):
    client = with_key(cast.agent_a)
    cast.agent_a.is_active = False
    cast.agent_a.save()
    assert client.get("/api/v1/shops/").status_code == 401


def test_a_stranger_is_401_everywhere(db):
    for address in READS:
        assert APIClient().get(f"/api/v1/{address}").status_code == 401
    for address in WRITES:
        assert post(APIClient(), address, {}).status_code == 401


def test_a_session_needs_its_csrf_token_to_write(cast):
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(cast.agent_a)
    reply = post(client, f"tickets/{cast.ticket_a.pk}/accept/", {})
    assert (reply.status_code, reply["Content-Type"]) == (403, "application/problem+json")


def test_a_broken_key_is_not_rescued_by_a_session(cast):
    client = with_session(cast.agent_a)
    assert client.get("/api/v1/shops/", headers={"Authorization": "Bearer pk_live_nonsense"}).status_code == 401


def test_no_full_phone_or_name_leaves_the_house_by_any_list(supervisor, cast, hidden):
    buyer = make.customer(cast.shop, name="王小二", phone="13912345678", email="wang.xiaoer@example.com")
    Order.objects.update(customer=buyer, ship_name="王小二", ship_phone="13912345678", ship_address="人民路 99 号")
    for address in ("orders/", f"orders/{cast.order.pk}/", "shipments/", "anomalies/", "tickets/"):
        told = supervisor.get(f"/api/v1/{address}").content.decode()
        assert not any(secret in told for secret in ("王小二", "13912345678", "wang.xiaoer", "人民路")), address
