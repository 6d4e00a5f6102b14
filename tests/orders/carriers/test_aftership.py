"""AfterShip: its codes, its signature, its times, and that no body breaks it."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers import catalogue
from orders.carriers.aftership import CODES, parse, verify
from orders.carriers.base import Message, Unusable
from orders.projection import project, timeline
from tests.orders.carriers.spoiling import AT, SHOP, every_line, read, sent, spoilt

SIGNED = (
    b'{"ts":1787200000,"event":"tracking_update","event_id":"0b7f5c1e-6d0a-4d0b-9a53-6f4f0f2f9c11",'
    b'"is_tracking_first_tag":true,"msg":{"id":"t1","tracking_number":"1Z999AA10123456784","slug":"ups",'
    b'"tag":"Exception","subtag":"Exception_007","checkpoints":[]}}'
)
SIGNATURE = "OlALheJWXhvBC8zms8gz8tYrLBajOKPTX+JTm0Iys8M="
OURS = """
    Pending_001 not_found.no_info, Pending_006 not_found.no_info, Expired_001 expired.no_result,
    InfoReceived_001 info_received.label_created, InTransit_001 in_transit.moving, InTransit_002 picked_up.accepted,
    InTransit_003 in_transit.arrived_facility, InTransit_004 in_transit.arrived_country,
    InTransit_005 customs.released, InTransit_006 customs.processing, InTransit_007 in_transit.departed_facility,
    InTransit_008 in_transit.resumed, InTransit_009 in_transit.rerouted, OutForDelivery_001 out_for_delivery.out,
    OutForDelivery_002 available_for_pickup.ready, OutForDelivery_003 out_for_delivery.contacted,
    OutForDelivery_004 out_for_delivery.scheduled, AvailableForPickup_001 available_for_pickup.ready,
    AttemptFail_001 attempt_failed.other, AttemptFail_002 attempt_failed.no_one, AttemptFail_003 attempt_failed.closed,
    Delivered_001 delivered.delivered, Delivered_002 delivered.self_pickup, Delivered_003 delivered.signed,
    Delivered_004 delivered.cod, Delivered_005 delivered.proxy, Exception_001 exception.other,
    Exception_002 exception.address, Exception_003 exception.refused, Exception_004 customs.held,
    Exception_005 exception.delayed, Exception_006 exception.payment_held, Exception_007 exception.address,
    Exception_008 exception.unclaimed, Exception_009 exception.rejected_by_carrier,
    Exception_010 returning.in_transit, Exception_011 returned.received, Exception_012 exception.damaged,
    Exception_013 exception.lost, Exception_016 exception.delayed_processing,
    Exception_017 exception.delayed_weather, Exception_018 customs.info_required, Exception_019 exception.delayed,
    Exception_020 cancelled.voided, Exception_021 exception.disposed
"""
AUSTIN = {"checkpoint_time": "2026-08-20T09:58:00", "city": "Austin", "country_region": "USA"}
told = sent(parse)


def checkpoint(subtag: str | None, **known: Any) -> dict[str, Any]:
    row = {"message": "words", "tag": "InTransit", "subtag": subtag, "checkpoint_time": "2026-08-20T09:58:00Z"}
    return row | known


def push(*checkpoints: dict[str, Any], **known: Any) -> dict[str, Any]:
    tracking = {"tracking_number": "1Z999AA10123456784", "slug": "ups", "checkpoints": list(checkpoints)} | known
    return {"ts": 1787200000, "event": "tracking_update", "msg": tracking}


@pytest.mark.parametrize(("subtag", "ours"), every_line(OURS))
def test_every_subtag_has_its_status(subtag, ours):
    (scan,) = told(push(checkpoint(subtag))).scans
    assert (str(scan.canonical), scan.raw_code, scan.source) == (ours, subtag, "aftership")


@pytest.mark.parametrize(
    "subtag", ["InTransit_010", "Exception_014", "Exception_015", "Exception_099", "intransit_001"]
)
def test_a_subtag_that_nobody_read_is_not_guessed_from_its_tag(subtag):
    (scan,) = told(push(checkpoint(subtag))).scans
    assert (str(scan.canonical), scan.raw_code) == ("unknown.unmapped_code", subtag)


@pytest.mark.parametrize("tag", sorted({code.partition("_")[0] for code in CODES}))
def test_a_tag_serves_a_checkpoint_without_subtag(tag):
    (scan,) = told(push(checkpoint(None, tag=tag))).scans
    assert scan.canonical == CODES[tag] and scan.raw_code == tag
    assert scan.canonical.status == CODES[f"{tag}_001"].status


def test_an_unread_code_leaves_the_status_and_is_counted():
    late = checkpoint("Exception_099", tag="Exception", checkpoint_time="2026-08-20T12:00:00Z")
    scans = told(push(checkpoint("InTransit_003"), late)).scans
    row = project(scans, now=AT)
    assert (row.status, row.sub_status, row.unmapped, row.events_count) == ("in_transit", "arrived_facility", 1, 2)
    assert row.last_scan_at == datetime(2026, 8, 20, 12, tzinfo=UTC)


def test_a_scan_told_again_with_its_place_is_one_scan():
    poor = checkpoint("InTransit_003", city=None, message="Arrived at DHL facility")
    rich = poor | {"city": "LEEDS", "country_region": "GBR"}
    (scan,) = timeline(told(push(poor, rich)).scans, now=AT)
    assert (scan.city, scan.country) == ("LEEDS", "GB")


def test_a_time_without_offset_is_local_to_its_place():
    (scan,) = told(push(checkpoint("Exception_007", **AUSTIN))).scans
    assert (scan.occurred_at, scan.tz_source) == (datetime(2026, 8, 20, 14, 58, tzinfo=UTC), "location")


def test_a_time_with_offset_needs_no_place():
    (scan,) = told(push(checkpoint("Exception_007", **AUSTIN | {"checkpoint_time": "2026-04-26T09:26:00-07:00"}))).scans
    assert (scan.occurred_at, scan.tz_source) == (datetime(2026, 4, 26, 16, 26, tzinfo=UTC), "explicit")


def test_a_place_that_nobody_knows_leaves_the_shops_zone():
    (scan,) = told(push(checkpoint("InTransit_001", **AUSTIN | {"city": None, "country_region": None}))).scans
    assert (scan.occurred_at, scan.tz_source) == (datetime(2026, 8, 20, 8, 58, tzinfo=UTC), "shop")


def test_everything_about_the_parcel_is_read():
    parcel = told(
        push(
            checkpoint("InTransit_003", created_at="2026-08-20T14:03:11Z", raw_tag="X4"),
            tag="InTransit", subtag="InTransit_003", origin_country_region="CHN", destination_country_region="USA",
        )
    )  # fmt: skip
    assert (parcel.number, parcel.carrier, parcel.provider_status) == ("1Z999AA10123456784", "ups", "InTransit_003")
    assert (parcel.origin_country, parcel.dest_country, parcel.snapshot) == ("CN", "US", True)
    assert parcel.as_of == datetime.fromtimestamp(1787200000, UTC)
    (scan,) = parcel.scans
    assert (scan.raw_status, scan.recorded_at) == ("X4", datetime(2026, 8, 20, 14, 3, 11, tzinfo=UTC))
    assert scan.received_at == AT


def test_midnight_utc_is_a_date_at_the_destination():
    place = {"destination_country_region": "USA", "destination_state": "CA", "destination_city": "Los Angeles"}
    parcel = told(push(courier_estimated_delivery_date={"estimated_delivery_date": "2026-08-22T00:00:00Z"}, **place))
    assert parcel.eta.day == date(2026, 8, 22)
    assert parcel.eta.at == datetime(2026, 8, 23, 7, tzinfo=UTC)


def test_the_carriers_estimate_outranks_aftership_and_a_promise_is_none():
    ours = {"latest_estimated_delivery": {"datetime": "2026-08-25"}}
    parcel = told(push(courier_estimated_delivery_date={"estimated_delivery_date": "2026-08-22"}, **ours))
    assert parcel.eta.day == date(2026, 8, 22)
    assert told(push(**ours)).eta.day == date(2026, 8, 25)
    assert told(push(order_promised_delivery_date="2026-08-21")).eta is None


@given(order=st.permutations(range(4)), again=st.integers(0, 3))
def test_the_order_and_repetition_of_pushes_change_nothing(order, again):
    codes = ("InTransit_002", "InTransit_003", "OutForDelivery_001", "Delivered_003")
    lines = [checkpoint(code, checkpoint_time=f"2026-08-20T0{hour}:00:00Z") for hour, code in enumerate(codes, 1)]
    pushes = [lines[: size + 1] for size in order] + [lines[:again]]
    scans = [scan for listed in pushes for scan in told(push(*listed)).scans]
    row = project(scans, now=AT)
    assert (row.status, row.sub_status, row.events_count) == ("delivered", "signed", 4)


def test_the_signature_of_the_raw_body_is_known():
    message = Message(SIGNED, AT, {"aftership-hmac-sha256": SIGNATURE})
    assert verify(message, ["whsec-demo"])
    assert verify(message, ["new", "whsec-demo"])
    assert not verify(message, ["new"])
    assert not verify(message, [])
    assert parse(message, SHOP)[0].scans == ()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (json.dumps(json.loads(SIGNED)).encode(), {"aftership-hmac-sha256": SIGNATURE}),
        (SIGNED, {}),
        (SIGNED, {"aftership-hmac-sha256": ""}),
        (SIGNED, {"aftership-hmac-sha256": SIGNATURE.lower()}),
        (SIGNED, {"aftership-hmac-sha256": "\udcff"}),
    ],
)
def test_a_body_written_anew_or_a_wrong_signature_is_refused(body, headers):
    assert not verify(Message(body, AT, headers), ["whsec-demo", ""])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"null", "not_an_object"),
        (SIGNED[:-9], "not_json"),
        (b'{"msg":null}', "msg_missing"),
        (b'{"msg":{"slug":"ups"}}', "number_missing"),
        (b"[" * 100_000, "not_json"),
    ],
)
def test_an_unusable_body_says_why(body, code):
    with pytest.raises(Unusable) as refusal:
        parse(Message(body, AT), SHOP)
    assert refusal.value.code == code


@given(st.binary())
def test_no_bytes_break_it(body):
    read(parse, body)


@given(spoilt(push(checkpoint("InTransit_003", **AUSTIN), checkpoint("Delivered_001"), tag="Delivered")))
def test_no_spoilt_body_breaks_it(body):
    read(parse, body)


def test_it_is_found_among_the_sources():
    source = catalogue()["aftership"]
    assert source.pushes and source.headers_for(SHOP) == ("aftership-hmac-sha256",)
    assert source.answer_to(Message(b"", AT)).status == 200


@pytest.mark.parametrize("ts", [1787200000, 1787200000.5])
def test_the_time_of_a_push_orders_its_lists(ts):
    assert told(push() | {"ts": ts}).as_of - datetime(2026, 8, 20, tzinfo=UTC) < timedelta(days=1)
    assert told(push() | {"ts": str(ts)}).as_of is None
