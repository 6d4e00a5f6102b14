"""Every field of every call, with values that broke somebody's desk: refused or taken, never an error of ours."""

from datetime import timedelta

import pytest
from django.urls import reverse

from orders.api.anomalies import AnomalyFilters
from orders.api.events import EventFilters
from orders.api.orders import OrderFilters
from orders.api.parcels import ShipmentFilters
from orders.serializers.orders import CustomerGiven, LineGiven, OrderChange, OrderGiven, RecipientGiven
from orders.serializers.parcels import EventGiven, ShipmentGiven
from sla.api import ClockFilters
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from tickets import serializers as told
from tickets.api import TicketFilters

VALUES = [
    None, True, -1, 2**63, 1e30, "", "１２", "字" * 9_999, [], [[None]], {"a": [1]}, "' OR 1=1 -- %s {{ 7 }} \u202e",
    "0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-22T23:59:59+23:59", "2099-12-31T23:59:59Z",
]  # fmt: skip


def bodies(cast):
    """Calls that are taken as they stand: address, body, and what reads it."""
    at, soon, ticket = ago(2).isoformat(), (NOW + timedelta(hours=1)).isoformat(), f"tickets/{cast.ticket_a.pk}/"
    order = {"shop": "demo", "external_no": "N-1", "placed_at": at}
    return {
        "order": ("post", "orders/", order, OrderGiven, ()),
        "line": ("post", "orders/", {**order, "lines": [{"line_no": 1, "sku": "a"}]}, LineGiven, ("lines", 0)),
        "buyer": ("post", "orders/", {**order, "customer": {"external_id": "1"}}, CustomerGiven, ("customer",)),
        "recipient": ("post", "orders/", {**order, "recipient": {}}, RecipientGiven, ("recipient",)),
        "facts": ("patch", f"orders/{cast.order.pk}/", {}, OrderChange, ()),
        "parcel": (
            "post", "shipments/",
            {"shop": "demo", "carrier": "sf-express", "tracking_number": "T1", "orders": [cast.order.pk]},
            ShipmentGiven, (),
        ),
        "scan": (
            "post", "tracking-events/",
            {"carrier": "sf-express", "tracking_number": "P1", "status": "delivered", "occurred_at": at},
            EventGiven, (),
        ),
        "ticket": ("post", "tickets/", {"shop": "demo", "subject": "s"}, told.TicketGiven, ()),
        "accept": ("post", f"{ticket}accept/", {}, told.ActionGiven, ()),
        "assign": ("post", f"{ticket}assign/", {"assignee": cast.agent_a.pk}, told.AssignGiven, ()),
        "note": ("post", f"{ticket}note/", {"body": "b"}, told.BodyGiven, ()),
        "wait": (
            "post", f"{ticket}wait/", {"waiting_for": "carrier", "reason": "r", "call_back_at": soon},
            told.WaitGiven, (),
        ),
        "hand_over": (
            "post", f"{ticket}hand_over/", {"to_team": cast.team_b.code, "question": "q", "due_by": soon},
            told.HandOverGiven, (),
        ),
        "regrade": ("post", f"{ticket}regrade/", {"grade": 1, "why": "w"}, told.RegradeGiven, ()),
        "solve": ("post", f"{ticket}solve/", {"cause": "delay", "resolution": "r"}, told.SolveGiven, ()),
        "close": ("post", f"{ticket}close/", {"why": "w"}, told.WhyGiven, ()),
    }  # fmt: skip


def with_value(body, path, name, value):
    """The body with one field changed, however deep it lies."""
    if not path:
        return {**body, name: value}
    step, rest = path[0], path[1:]
    changed = with_value(body[step], rest, name, value)
    return [changed] if step == 0 else {**body, step: changed}


CALLS = [
    "order", "line", "buyer", "recipient", "facts", "parcel", "scan", "ticket", "accept", "assign", "note", "wait",
    "hand_over", "regrade", "solve", "close",
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_no_value_of_any_field_is_an_error_of_ours(supervisor, cast, carrier, call):
    make.shipment(cast.order, by=carrier, number="P1", number_norm="P1")
    method, address, body, kind, path = bodies(cast)[call]
    first = getattr(supervisor, method)(f"/api/v1/{address}", body, format="json")
    assert first.status_code < 300, first.json()
    for name in kind().fields:
        for value in VALUES:
            reply = getattr(supervisor, method)(
                f"/api/v1/{address}", with_value(body, path, name, value), format="json"
            )
            assert reply.status_code < 500, (name, value)
            assert reply.status_code < 400 or reply.json()["detail"], (name, value)


LISTS = {
    "order": OrderFilters, "shipment": ShipmentFilters, "event": EventFilters, "anomaly": AnomalyFilters,
    "ticket": TicketFilters, "clock": ClockFilters,
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_no_value_of_any_filter_is_an_error_of_ours(supervisor, cast, name):
    address = reverse(f"api:{name}-list")
    for field in [*LISTS[name]().fields, "limit", "cursor", "ordering", "__proto__"]:
        for value in VALUES:
            if isinstance(value, str | int | float):
                reply = supervisor.get(address, {field: value, **({"shipment": 1} if name == "event" else {})})
                assert reply.status_code in (200, 400), (field, value)
