"""EasyPost: its statuses and details, returns, its signature, and that no body breaks it."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers import catalogue
from orders.carriers.base import Message, Unusable
from orders.carriers.easypost import CODES, DETAILS, EMPTY, STATUSES, parse, verify
from orders.projection import project
from tests.orders.carriers.shared_data import payloads
from tests.orders.carriers.spoiling import AT, SHOP, every_line, read, sent, spoilt

SIGNED = (
    b'{"id":"evt_1","object":"Event","description":"tracker.updated","result":{"id":"trk_1","object":"Tracker",'
    b'"tracking_code":"EZ4000000004","status":"delivered","status_detail":"arrived_at_destination","carrier":"USPS",'
    b'"is_return":false,"tracking_details":[]}}'
)
SIGNATURE = "hmac-sha256-hex=2b79f99072386b085828fa4681047d30f5254ce4143b071e53368194d21afb53"
SECRET = "s\u00e9cret"
OURS = """
    unknown unknown.unmapped_code, pre_transit info_received.label_created, in_transit in_transit.moving,
    out_for_delivery out_for_delivery.out, delivered delivered.delivered,
    available_for_pickup available_for_pickup.ready, return_to_sender returning.in_transit,
    failure exception.undeliverable, cancelled cancelled.voided, error unknown.source_error,
    in_transit/address_correction exception.address, in_transit/arrived_at_destination in_transit.arrived_city,
    delivered/arrived_at_destination delivered.delivered, in_transit/arrived_at_facility in_transit.arrived_facility,
    in_transit/received_at_destination_facility in_transit.arrived_facility,
    in_transit/received_at_origin_facility picked_up.accepted,
    pre_transit/received_at_origin_facility picked_up.accepted,
    available_for_pickup/arrived_at_pickup_location available_for_pickup.ready,
    in_transit/arrived_at_pickup_location available_for_pickup.ready,
    in_transit/awaiting_information exception.info_required, cancelled/cancelled cancelled.voided,
    in_transit/damaged exception.damaged, failure/damaged exception.damaged, in_transit/delayed exception.delayed,
    out_for_delivery/delivery_exception attempt_failed.other, in_transit/departed_facility in_transit.departed_facility,
    in_transit/departed_origin_facility in_transit.departed_facility, unknown/expired expired.no_result,
    failure/failure exception.undeliverable, in_transit/held exception.held, in_transit/in_transit in_transit.moving,
    pre_transit/label_created info_received.label_created, in_transit/lost exception.lost, failure/lost exception.lost,
    in_transit/missorted exception.delayed_processing, out_for_delivery/out_for_delivery out_for_delivery.out,
    failure/refused exception.refused, return_to_sender/return returning.in_transit,
    in_transit/return returning.in_transit, in_transit/status_update in_transit.moving,
    pre_transit/status_update info_received.label_created,
    in_transit/transferred_to_destination_carrier in_transit.handed_over,
    in_transit/transit_exception exception.other, in_transit/unknown in_transit.moving,
    in_transit/weather_delay exception.delayed_weather, error/status_update unknown.source_error,
    return_to_sender/arrived_at_facility returning.in_transit, delivered/in_transit delivered.delivered,
    out_for_delivery/in_transit out_for_delivery.out
"""
told = sent(parse)


def detail(status: str, fine: str | None = None, hour: int = 9, **known: Any) -> dict[str, Any]:
    place = {"city": "HOUSTON", "state": "TX", "country": None, "zip": "77063"}
    row = {"status": status, "status_detail": fine, "datetime": f"2026-08-20T{hour:02}:48:26Z", "message": f"at {hour}"}
    return row | {"source": "USPS", "carrier_code": "A1", "tracking_location": place} | known


def tracker(*details: dict[str, Any], **known: Any) -> dict[str, Any]:
    row = {"object": "Tracker", "tracking_code": "EZ4000000004", "carrier": "USPS", "tracking_details": list(details)}
    return row | {"status": "in_transit", "is_return": False, "updated_at": "2026-08-20T20:00:00Z"} | known


def push(*details: dict[str, Any], **known: Any) -> dict[str, Any]:
    return {"object": "Event", "description": "tracker.updated", "result": tracker(*details, **known)}


@pytest.mark.parametrize(("code", "ours"), every_line(OURS))
def test_every_status_and_detail_has_its_status(code, ours):
    status, _, fine = code.partition("/")
    (scan,) = told(push(detail(status, fine))).scans
    assert (str(scan.canonical), scan.raw_code, scan.source) == (ours, code, "easypost")


def test_ten_statuses_and_twenty_eight_details_are_known():
    assert (len(STATUSES), len({*DETAILS, *EMPTY})) == (10, 28)
    assert all(any(code.endswith(f"/{fine}") for code in CODES) for fine in [*DETAILS, *EMPTY])
    assert max(map(len, CODES)) <= 64


@pytest.mark.parametrize(
    "code", ["delivered/damaged", "in_transit/cancelled", "delivered/return", "in_transit/teleported"]
)
def test_what_contradicts_itself_or_is_new_is_not_guessed(code):
    (scan,) = told(push(detail(*code.split("/")))).scans
    assert (str(scan.canonical), scan.raw_code) == ("unknown.unmapped_code", code)


@pytest.mark.parametrize("details", [(), (detail("delivered", "arrived_at_destination"),)])
def test_a_return_is_never_delivered(details):
    parcel = told(push(*details, status="delivered", is_return=True))
    row = project(parcel.scans, now=AT)
    assert (row.status, row.sub_status, row.leg, row.delivered_at) == ("returned", "received", "return", None)
    assert parcel.scans[0].raw_status.endswith("return")


def test_a_tracker_without_details_tells_its_status_until_they_come():
    (before,) = parse(Message(SIGNED, AT), SHOP)
    assert (before.snapshot, str(before.scans[0].canonical)) == (False, "delivered.delivered")
    assert before.scans[0].occurred_at == AT
    assert told(push(status="delivered")).scans[0].occurred_at == datetime(2026, 8, 20, 20, tzinfo=UTC)
    assert told(push(detail("delivered"), status="delivered")).snapshot


@pytest.mark.parametrize("status", ["unknown", "error", "invented"])
def test_a_tracker_that_knows_nothing_tells_no_scan(status):
    assert told(push(status=status)).scans == ()


def test_everything_about_the_parcel_is_read():
    parcel = told(push(detail("in_transit", "held"), status_detail="held"))
    assert (parcel.number, parcel.carrier, parcel.provider_status) == ("EZ4000000004", "USPS", "in_transit/held")
    assert parcel.as_of == datetime(2026, 8, 20, 20, tzinfo=UTC)
    (scan,) = parcel.scans
    assert (scan.city, scan.text, scan.raw_status, scan.tz_source) == ("HOUSTON", "at 9", "A1", "explicit")


def test_midnight_utc_is_a_date_at_the_destination():
    to = {"city": "Los Angeles", "state": "CA", "country": None}
    known = {"est_delivery_date": "2026-08-22T00:00:00Z", "carrier_detail": {"destination_tracking_location": to}}
    eta = told(push(**known)).eta
    assert (eta.day, eta.at) == (date(2026, 8, 22), datetime(2026, 8, 23, 7, tzinfo=UTC))


def test_a_destination_in_one_line_is_read_too():
    known = {"est_delivery_date": "2026-08-22T00:00:00Z"}
    eta = told(push(**known, carrier_detail={"destination_location": "CHARLESTON SC, 29401"})).eta
    assert eta.at == datetime(2026, 8, 23, 4, tzinfo=UTC)


def test_a_bare_tracker_is_an_answer():
    assert told(tracker(detail("delivered"))) == told(push(detail("delivered")))


def test_events_about_other_things_tell_nothing():
    assert parse(Message(b'{"object":"Event","result":{"object":"Batch"}}', AT), SHOP) == []


@given(order=st.permutations(range(4)), again=st.integers(0, 4))
def test_the_order_and_repetition_of_pushes_change_nothing(order, again):
    codes = [("in_transit", "received_at_origin_facility"), ("in_transit", "held"), ("out_for_delivery", None)]
    lines = [detail(*code, hour) for hour, code in enumerate([*codes, ("delivered", "arrived_at_destination")], 1)]
    pushes = [lines[: size + 1] for size in order] + [lines[:again]]
    scans = [scan for rows in pushes if rows for scan in told(push(*rows)).scans]
    row = project(scans, now=AT)
    assert (row.status, row.events_count, row.delivered_at.hour) == ("delivered", 4, 4)


def test_the_key_of_the_signature_is_normalised():
    message = Message(SIGNED, AT, {"x-hmac-signature": SIGNATURE})
    assert verify(message, [SECRET]) and verify(message, ["new", "se\u0301cret"])
    assert not verify(message, ["secret"]) and not verify(message, [""])
    assert not verify(Message(SIGNED, AT, {"x-hmac-signature": SIGNATURE.partition("=")[2]}), [SECRET])
    assert not verify(Message(SIGNED + b"\n", AT, {"x-hmac-signature": SIGNATURE}), [SECRET])
    assert not verify(Message(SIGNED, AT), [SECRET])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"null", "not_an_object"),
        (SIGNED[:-3], "not_json"),
        (b'{"object":"Event","result":null}', "result_missing"),
        (b'{"object":"Event","result":{"object":"Tracker"}}', "number_missing"),
    ],
)
def test_an_unusable_body_says_why(body, code):
    with pytest.raises(Unusable) as refusal:
        parse(Message(body, AT), SHOP)
    assert refusal.value.code == code


def test_every_stored_tracker_is_read():
    paths = sorted((payloads() / "easypost").glob("*.json"))
    assert len(paths) == 9
    for path in paths:
        (parcel,) = read(parse, path.read_bytes())
        row = project(parcel.scans, now=AT)
        assert (row.status, row.unmapped, row.events_count) == ("info_received", 0, 2)
        assert parcel.number in path.name or parcel.number == "EZ1000000001"


@given(st.binary())
def test_no_bytes_break_it(body):
    read(parse, body)


@given(spoilt(push(detail("in_transit", "held"), detail("delivered"))) | spoilt(json.loads(SIGNED)))
def test_no_spoilt_body_breaks_it(body):
    read(parse, body)


def test_it_is_found_among_the_sources():
    source = catalogue()["easypost"]
    assert source.pushes and source.headers_for(SHOP) == ("x-hmac-signature",)
    assert source.answer_to(Message(b"", AT)).status == 200
