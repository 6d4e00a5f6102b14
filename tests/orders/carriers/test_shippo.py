"""Shippo: its statuses and sub-statuses, its token, and that no body breaks it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers import catalogue
from orders.carriers.base import Message, Unusable
from orders.carriers.shippo import CODES, parse, verify
from orders.projection import project
from tests.orders.carriers.spoiling import AT, SHOP, every_line, read, sent, spoilt

OURS = """
    PRE_TRANSIT/information_received info_received.label_created, TRANSIT/address_issue exception.address,
    TRANSIT/contact_carrier exception.other, TRANSIT/delayed exception.delayed,
    TRANSIT/delivery_attempted attempt_failed.other, TRANSIT/delivery_rescheduled out_for_delivery.scheduled,
    TRANSIT/delivery_scheduled out_for_delivery.scheduled, TRANSIT/location_inaccessible attempt_failed.access,
    TRANSIT/notice_left attempt_failed.no_one, TRANSIT/out_for_delivery out_for_delivery.out,
    TRANSIT/package_accepted picked_up.accepted, TRANSIT/package_arrived in_transit.arrived_facility,
    TRANSIT/package_damaged exception.damaged, TRANSIT/package_departed in_transit.departed_facility,
    TRANSIT/package_forwarded in_transit.rerouted, TRANSIT/package_held exception.held,
    TRANSIT/package_processed in_transit.moving, TRANSIT/package_processing in_transit.moving,
    TRANSIT/pickup_available available_for_pickup.ready, TRANSIT/reschedule_delivery attempt_failed.other,
    DELIVERED/delivered delivered.delivered, RETURNED/return_to_sender returning.in_transit,
    RETURNED/package_unclaimed exception.unclaimed, FAILURE/package_undeliverable exception.undeliverable,
    FAILURE/package_disposed exception.disposed, FAILURE/package_lost exception.lost,
    UNKNOWN/other unknown.unmapped_code
"""
told = sent(parse)


def entry(code: str, hour: int = 9, **known: Any) -> dict[str, Any]:
    status, _, sub = code.partition("/")
    place = {"city": "Austin", "state": "TX", "zip": "78701", "country": "US"}
    row = {"status": status, "status_details": f"at {hour}", "status_date": f"2026-08-20T{hour:02}:48:00Z"}
    return row | {"substatus": {"code": sub, "text": "T"} if sub else None, "location": place} | known


def push(*entries: dict[str, Any], **known: Any) -> dict[str, Any]:
    to = {"city": "Los Angeles", "state": "CA", "country": "US"}
    track = {"tracking_number": "9205590164917312751089", "carrier": "usps", "address_to": to} | known
    return {"event": "track_updated", "test": False, "data": {"tracking_history": list(entries)} | track}


@pytest.mark.parametrize(("code", "ours"), every_line(OURS))
def test_every_sub_status_has_its_status(code, ours):
    (scan,) = told(push(entry(code))).scans
    assert (str(scan.canonical), scan.raw_code, scan.source) == (ours, code, "shippo")


@pytest.mark.parametrize("status", ["PRE_TRANSIT", "TRANSIT", "DELIVERED", "RETURNED", "FAILURE", "UNKNOWN"])
def test_a_status_serves_an_entry_without_sub_status(status):
    (scan,) = told(push(entry(status))).scans
    assert (scan.canonical, scan.raw_code) == (CODES[status], status)


def test_a_sub_status_that_nobody_read_is_not_guessed():
    (scan,) = told(push(entry("TRANSIT/beamed_up"))).scans
    assert (str(scan.canonical), scan.raw_code) == ("unknown.unmapped_code", "TRANSIT/beamed_up")


@pytest.mark.parametrize("words", ["Delivered, To Original Sender", "Received by the sender"])
def test_only_explicit_words_end_the_way_back(words):
    (scan,) = told(push(entry("RETURNED/return_to_sender", status_details=words))).scans
    assert str(scan.canonical) == "returned.received"


@pytest.mark.parametrize("words", ["To be delivered to sender", "Return to sender", "Delivered to agent of sender"])
def test_other_words_leave_the_parcel_on_its_way_back(words):
    (scan,) = told(push(entry("RETURNED/return_to_sender", status_details=words))).scans
    assert str(scan.canonical) == "returning.in_transit"


def test_a_later_scan_at_the_sender_ends_the_way_back():
    row = project(told(push(entry("RETURNED/return_to_sender", 3), entry("DELIVERED/delivered", 9))).scans, now=AT)
    assert (row.status, row.leg) == ("returned", "return")


def test_shippos_call_to_act_is_kept():
    sub = {"code": "contact_carrier", "text": "Contact the carrier.", "action_required": True}
    (scan,) = told(push(entry("TRANSIT", substatus=sub))).scans
    assert (scan.raw_code, scan.raw_status) == ("TRANSIT/contact_carrier", "action_required")


def test_everything_about_the_parcel_is_read():
    status = entry("TRANSIT/package_held")
    parcel = told(push(status, tracking_status=status, eta="2026-08-22T00:00:00Z", address_from={"country": "CN"}))
    assert (parcel.carrier, parcel.provider_status, parcel.snapshot) == ("usps", "TRANSIT/package_held", True)
    assert (parcel.origin_country, parcel.dest_country) == ("CN", "US")
    assert (parcel.eta.day, parcel.eta.at) == (date(2026, 8, 22), datetime(2026, 8, 23, 7, tzinfo=UTC))
    assert (parcel.scans[0].city, parcel.scans[0].country) == ("Austin", "US")


def test_without_history_the_present_status_counts_but_is_no_snapshot():
    present = entry("TRANSIT/package_held")
    heard = told(push(tracking_status=present))
    assert not heard.snapshot and heard.scans == told(push(present)).scans


def test_a_track_that_was_asked_for_is_read_alike():
    assert told(push(entry("DELIVERED"))["data"]) == told(push(entry("DELIVERED")))


def test_events_about_other_things_tell_nothing():
    assert parse(Message(b'{"event":"transaction_created","data":{}}', AT), SHOP) == []


@given(order=st.permutations(range(3)), newest_first=st.booleans())
def test_the_order_of_pushes_and_of_lists_changes_nothing(order, newest_first):
    codes = ("TRANSIT/package_accepted", "TRANSIT/delivery_attempted", "DELIVERED/delivered")
    lines = [entry(code, hour) for hour, code in enumerate(codes, 1)]
    lists = [lines[: size + 1][:: -1 if newest_first else 1] for size in [*order, 1]]
    scans = [scan for rows in lists for scan in told(push(*rows)).scans]
    row = project(scans, now=AT)
    assert (row.status, row.attempts, row.events_count) == ("delivered", 1, 3)


def test_the_guard_is_the_token_in_the_address():
    message = Message(b"{}", AT, {"query-token": "tok\u00e9n"})
    assert verify(message, ["tok\u00e9n"]) and verify(message, ["new", "tok\u00e9n"])
    assert not verify(message, ["new"]) and not verify(message, [])
    assert not verify(Message(b"{}", AT), ["token", ""])
    assert not verify(Message(b"{}", AT, {"query-token": ""}), [""])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"null", "not_an_object"),
        (b'{"event":"track_updated"', "not_json"),
        (b'{"event":"track_updated","data":null}', "data_missing"),
        (b'{"event":"track_updated","data":{}}', "number_missing"),
    ],
)
def test_an_unusable_body_says_why(body, code):
    with pytest.raises(Unusable) as refusal:
        parse(Message(body, AT), SHOP)
    assert refusal.value.code == code


@given(st.binary())
def test_no_bytes_break_it(body):
    read(parse, body)


@given(spoilt(push(entry("RETURNED/return_to_sender"), tracking_status=entry("DELIVERED"), eta="2026-08-22")))
def test_no_spoilt_body_breaks_it(body):
    read(parse, body)


def test_it_is_found_among_the_sources():
    source = catalogue()["shippo"]
    assert source.pushes and source.headers_for(SHOP) == ("query-token",)
    assert source.answer_to(Message(b"", AT)).status == 200
