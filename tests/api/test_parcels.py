"""Parcels, their scans and anomalies by API."""

from datetime import timedelta

import pytest

from orders.models import Anomaly, Shipment, TrackingEvent
from orders.services.folding import fold_until_idle
from tests import factories as make
from tests.api.cast import fields_of, post
from tests.clock import NOW
from tests.factories import ago

ADDRESS = "/api/v1/tracking-events/"


def parcel_of(order, **changes):
    return {"shop": "demo", "carrier": "sf-express", "tracking_number": "SF 1001", "orders": [order.pk]} | changes


def scan(status="in_transit.moving", **changes):
    given = {"carrier": "sf-express", "tracking_number": "SF1001", "status": status}
    return {**given, "occurred_at": ago(2).isoformat(), **changes}


@pytest.fixture
def parcel(cast, carrier) -> Shipment:
    return make.shipment(cast.order, by=carrier, number="SF 1001", number_norm="SF1001")


def test_a_parcel_is_announced_once_and_takes_in_further_orders(agent, cast, carrier):
    other = make.order(cast.shop)
    first = post(agent, "shipments/", parcel_of(cast.order))
    second = post(agent, "shipments/", parcel_of(other, tracking_number="sf-1001"))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["orders"] == [cast.order.pk, other.pk]
    assert first.json()["announced_at"] and first.json()["event_count"] == 0


def test_a_parcel_that_is_announced_again_is_left_as_it_is(agent, cast, carrier):
    versions = {post(agent, "shipments/", parcel_of(cast.order)).json()["version"] for _ in range(2)}
    assert versions == {1}


def test_an_announced_parcel_ends_the_wait_for_shipping_at_once(agent, cast, carrier):
    late = make.order(cast.shop, external_no="SO-9", placed_at=ago(90), paid_at=ago(89))
    agent.patch(f"/api/v1/orders/{late.pk}/", {"promised_ship_at": ago(5).isoformat()}, format="json")
    assert Anomaly.objects.get().state == "open"
    post(agent, "shipments/", parcel_of(late))
    assert Anomaly.objects.get().state == "cleared"


def test_a_number_used_again_long_after_its_end_is_another_parcel(agent, cast, parcel):
    Shipment.objects.update(flags="T", status="delivered", delivered_at=ago(24 * 61))
    response = post(agent, "shipments/", parcel_of(cast.order))
    assert (response.status_code, Shipment.objects.count()) == (201, 2)
    Shipment.objects.filter(generation=2).update(flags="T", status="delivered", delivered_at=ago(24 * 3))
    assert post(agent, "shipments/", parcel_of(cast.order)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"carrier": "pigeon"}, "carrier"),
        ({"tracking_number": " - - "}, "tracking_number"),
        ({"tracking_number": "x" * 65}, "tracking_number"),
        ({"orders": []}, "orders"),
        ({"orders": [2**62]}, "orders.0"),
        ({"orders": [2**63]}, "orders.0"),
        ({"orders": "1"}, "orders"),
        ({"origin_country": "China"}, "origin_country"),
        ({"announced_at": "2099-01-01T00:00:00Z"}, "announced_at"),
    ],
)
def test_a_parcel_that_cannot_be_is_refused_by_name(agent, cast, carrier, changes, field):
    response = post(agent, "shipments/", parcel_of(cast.order, **changes))
    assert (response.status_code, fields_of(response)) == (400, {field})
    assert not Shipment.objects.exists()


def test_an_unknown_carrier_is_answered_with_those_there_are(agent, cast, carrier):
    for response in (
        post(agent, "shipments/", parcel_of(cast.order, carrier="pigeon")),
        agent.post(ADDRESS, scan(carrier="pigeon"), format="json"),
    ):
        assert response.status_code == 400
        assert response.json()["errors"][0]["remedy"] == "Known: sf-express."


def test_orders_of_another_shop_do_not_lie_in_this_shops_parcel(agent, cast, carrier):
    stranger = make.order(make.shop())
    assert fields_of(post(agent, "shipments/", parcel_of(stranger))) == {"orders"}


def test_a_number_that_another_shop_follows_is_refused(agent, cast, carrier):
    make.shipment(make.order(make.shop()), by=carrier, number="SF1001", number_norm="SF1001")
    assert fields_of(post(agent, "shipments/", parcel_of(cast.order))) == {"tracking_number"}


def test_a_scan_moves_the_parcel_and_its_order_and_is_stored_once(agent, cast, parcel):
    replies = [agent.post(ADDRESS, scan("delivered.signed"), format="json") for _ in range(2)]
    assert [(r.status_code, r.json()["result"]) for r in replies] == [(201, "stored"), (200, "duplicate")]
    shown = agent.get("/api/v1/shipments/", {"tracking_number": "sf-1001"}).json()["results"][0]
    assert (shown["status"], shown["sub_status"], shown["flags"], shown["event_count"]) == (
        "delivered",
        "signed",
        "T",
        1,
    )
    assert shown["delivered_at"] and agent.get(f"/api/v1/orders/{cast.order.pk}/").json()["status"] == "delivered"


def test_a_parcel_may_be_named_by_its_id(agent, parcel):
    body = scan(shipment=parcel.pk)
    del body["carrier"], body["tracking_number"]
    assert agent.post(ADDRESS, body, format="json").json()["shipment"] == parcel.pk
    assert fields_of(agent.post(ADDRESS, {**body, "shipment": parcel.pk + 1}, format="json")) == {"shipment"}


def test_of_a_list_each_scan_is_answered_for_itself(agent, cast, parcel):
    good = scan("out_for_delivery")
    told = [good, scan("flying"), good, scan(tracking_number="XX"), 17, scan("damaged", colour="red")]
    response = agent.post(ADDRESS, told, format="json")
    body = response.json()
    assert (response.status_code, body["stored"], body["duplicate"], body["refused"]) == (207, 1, 1, 4)
    assert [each["result"] for each in body["results"]] == [
        "stored", "refused", "duplicate", "refused", "refused", "refused",
    ]  # fmt: skip
    assert [each["index"] for each in body["results"]] == [0, 1, 2, 3, 4, 5]
    assert {error["field"] for error in body["results"][5]["errors"]} == {"colour"}
    assert TrackingEvent.objects.count() == 1


def test_scans_of_many_parcels_come_in_one_list(agent, cast, carrier):
    for number in range(5):
        make.shipment(make.order(cast.shop), by=carrier, number=f"N{number}", number_norm=f"N{number}")
    told = [scan(tracking_number=f"N{number % 5}", text=f"stop {number}") for number in range(20)]
    response = agent.post(ADDRESS, told, format="json")
    assert (response.status_code, response.json()["stored"]) == (200, 20)
    assert fold_until_idle() == 5
    assert set(Shipment.objects.values_list("events_count", flat=True)) == {4}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "flying"}, "status"),
        ({"status": "in_transit.flying"}, "status"),
        ({"status": 4}, "status"),
        ({"occurred_at": "0000-00-00T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
        ({"occurred_at": "2026-11-20T10:00:00"}, "occurred_at"),
        ({"occurred_at": "2026-11-20T10:00:00+25:00"}, "occurred_at"),
        ({"occurred_at": "2099-01-01T00:00:00Z"}, "occurred_at"),
        ({"occurred_at": 1763861400}, "occurred_at"),
        ({"recorded_at": "soon"}, "recorded_at"),
        ({"text": "x" * 501}, "text"),
        ({"country": "Germany"}, "country"),
        ({"country": "1?"}, "country"),
        ({"seq": 2**63}, "seq"),
        ({"seq": -1}, "seq"),
        ({"is_physical": "yes"}, "is_physical"),
        ({"reason_party": "me"}, "reason_party"),
        ({"tracking_number": "unknown"}, "tracking_number"),
        ({"received_at": "2026-11-20T10:00:00Z"}, "received_at"),
        ({"withdrawn_at": "2026-11-20T10:00:00Z"}, "withdrawn_at"),
    ],
)
def test_a_scan_that_cannot_be_is_refused_by_name(agent, parcel, changes, field):
    response = agent.post(ADDRESS, scan(**changes), format="json")
    assert (response.status_code, fields_of(response)) == (400, {field})
    assert not TrackingEvent.objects.exists()


@pytest.mark.parametrize("body", [[], [{}] * 501, "text", 17])
def test_neither_an_event_nor_a_list_of_some_is_refused(agent, parcel, body):
    assert agent.post(ADDRESS, body, format="json").status_code == 400


def test_the_story_of_a_parcel_is_told_oldest_first(agent, parcel):
    for hours, text in ((1, "last"), (9, "first"), (5, "middle")):
        agent.post(ADDRESS, scan(occurred_at=ago(hours).isoformat(), text=text), format="json")
    told = agent.get(ADDRESS, {"shipment": parcel.pk}).json()["results"]
    assert [event["text"] for event in told] == ["first", "middle", "last"]


def test_a_story_is_asked_for_by_parcel(agent, parcel):
    assert fields_of(agent.get(ADDRESS)) == {"shipment"}


def test_an_anomaly_says_why_in_the_readers_language(agent, cast, parcel):
    agent.post(ADDRESS, scan("exception.damaged"), format="json")
    found = agent.get(
        "/api/v1/anomalies/", {"code": "damaged", "state": "open", "order": cast.order.pk, "shop": "demo"}
    )
    anomaly = found.json()["results"][0]
    assert anomaly["sentence"] and "{" not in anomaly["sentence"] and anomaly["tracking_number"] == "SF 1001"
    assert agent.get(f"/api/v1/anomalies/{anomaly['id']}/").json() == anomaly
    assert agent.get("/api/v1/anomalies/", {"state": "cleared"}).json()["results"] == []
    shown = agent.get(f"/api/v1/shipments/{parcel.pk}/").json()["open_anomalies"]
    assert [each["code"] for each in shown] == ["damaged"]


def test_a_scan_dated_within_a_day_ahead_is_a_clocks_slip_and_taken(agent, parcel):
    ahead = (NOW + timedelta(hours=20)).isoformat()
    assert agent.post(ADDRESS, scan(occurred_at=ahead), format="json").status_code == 201
