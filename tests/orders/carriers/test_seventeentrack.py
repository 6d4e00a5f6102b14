"""17TRACK: its codes, its several lists, its signature, and that no body breaks it."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers import catalogue
from orders.carriers.base import Message, Told, Unusable
from orders.carriers.seventeentrack import CODES, parse, verify
from orders.projection import project
from tests.orders.carriers.shared_data import payloads
from tests.orders.carriers.spoiling import AT, SHOP, every_line, read, sent, spoilt

STOPPED = b'{"event":"TRACKING_STOPPED","data":{"number":"RR123456789CN","carrier":3011,"param":null,"tag":""}}'
SIGN = "23d61913ce3a04881a6c2b982a05804f72c3acd01a86d5b79f0e87f3afb11030"
OURS = """
    NotFound_Other not_found.no_info, NotFound_InvalidCode not_found.invalid_number,
    InfoReceived info_received.label_created, InTransit_PickedUp picked_up.accepted,
    InTransit_Other in_transit.moving, InTransit_Departure in_transit.departed_country,
    InTransit_Arrival in_transit.arrived_country, InTransit_CustomsProcessing customs.processing,
    InTransit_CustomsReleased customs.released, InTransit_CustomsRequiringInformation customs.info_required,
    Expired_Other expired.no_result, AvailableForPickup_Other available_for_pickup.ready,
    OutForDelivery_Other out_for_delivery.out, DeliveryFailure_Other attempt_failed.other,
    DeliveryFailure_NoBody attempt_failed.unreachable, DeliveryFailure_Security attempt_failed.hold,
    DeliveryFailure_Rejected attempt_failed.refused, DeliveryFailure_InvalidAddress attempt_failed.address,
    Delivered_Other delivered.delivered, Exception_Other exception.other, Exception_Returning returning.in_transit,
    Exception_Returned returned.received, Exception_NoBody exception.unreachable,
    Exception_Security exception.security, Exception_Damage exception.damaged, Exception_Rejected exception.refused,
    Exception_Delayed exception.delayed, Exception_Lost exception.lost, Exception_Destroyed exception.disposed,
    Exception_Cancel cancelled.voided
"""
told = sent(parse)


def event(code: str | None, hour: int = 9, **known: Any) -> dict[str, Any]:
    at = f"2026-08-20T{hour:02}:15:00"
    return {
        "time_iso": f"{at}-03:00",
        "description": f"at {hour}",
        "location": "CURITIBA, PR",
        "sub_status": code,
    } | known


def listed(key: int, *events: dict[str, Any], **known: Any) -> dict[str, Any]:
    """One carrier's list, newest first as 17TRACK sends it."""
    return {"provider": {"key": key, "country": "BR"} | known, "events": list(events[::-1])}


def parcel(*providers: dict[str, Any], **known: Any) -> dict[str, Any]:
    ends = {"shipper_address": {"country": "CN"}, "recipient_address": {"country": "BR"}}
    info = {"shipping_info": ends, "tracking": {"providers": list(providers)}} | known
    return {"number": "RR123456789CN", "carrier": 3011, "track_info": info}


def push(*providers: dict[str, Any], **known: Any) -> dict[str, Any]:
    return {"event": "TRACKING_UPDATED", "data": parcel(*providers, **known)}


def all_told(body: Any) -> list[Told]:
    return parse(Message(json.dumps(body).encode(), AT), SHOP)


@pytest.mark.parametrize(("code", "ours"), every_line(OURS))
def test_every_sub_status_has_its_status(code, ours):
    (scan,) = told(push(listed(3011, event(code)))).scans
    assert (str(scan.canonical), scan.raw_code, scan.source) == (ours, code, "17track")


@pytest.mark.parametrize("code", ["Exception_Held", "InTransit_QuantumTunnelling", "30"])
def test_a_code_to_come_stays_unknown_whatever_the_stage_says(code):
    (scan,) = told(push(listed(3011, event(code, stage="Departure")))).scans
    assert (str(scan.canonical), scan.raw_code) == ("unknown.unmapped_code", code)


@pytest.mark.parametrize("stage", ["PickedUp", "Departure", "Arrival", "Delivered", "Returning", "Returned"])
def test_a_milestone_names_an_event_without_sub_status(stage):
    (scan,) = told(push(listed(3011, event(None, stage=stage)))).scans
    same = [code for code in CODES if code.endswith(f"_{stage}")] or [f"{stage}_Other"]
    assert [scan.canonical] == [CODES[code] for code in same]


def test_a_stop_is_no_delivery_and_no_scan():
    (stop,) = parse(Message(STOPPED, AT), SHOP)
    assert (stop.number, stop.carrier, stop.stopped, stop.scans) == ("RR123456789CN", "3011", True, ())
    assert not stop.snapshot and stop.note == "TRACKING_STOPPED"


def test_an_expired_parcel_is_revived_by_an_arrival():
    expired = told(push(listed(3011, event("InTransit_PickedUp", 1), event("Expired_Other", 5)))).scans
    late = event("InTransit_Arrival", 5, time_iso="2026-08-22T05:00:00-03:00")
    revived = told(push(listed(3011, late))).scans
    now = datetime(2026, 8, 22, 12, tzinfo=UTC)
    only = project([*told(push(listed(3011, event("Expired_Other", 5)))).scans], now=now)
    assert (only.status, project([*expired], now=now).status) == ("expired", "picked_up")
    row = project([*revived, *expired], now=now)
    assert (row.status, row.sub_status) == ("in_transit", "arrived_country")


@given(st.permutations(range(3)), st.booleans())
def test_a_handover_in_the_lists_of_both_carriers_is_one_scan(order, again):
    handover = event("InTransit_Arrival", 6)
    origin = listed(3011, event("InTransit_PickedUp", 1), event("InTransit_Departure", 3), handover)
    destination = listed(2151, handover | {"location": ""}, event("OutForDelivery_Other", 9))
    parts = [*all_told(push(origin, destination)), *all_told(push(destination))]
    assert [part.feed for part in parts] == ["3011", "2151", "2151"]
    scans = [scan for number in [*order, *order[:again]] for scan in parts[number].scans]
    row = project(scans, now=AT)
    assert (row.status, row.events_count) == ("out_for_delivery", 4)
    assert row.picked_up_at == datetime(2026, 8, 20, 4, 15, tzinfo=UTC)


def test_each_list_is_a_snapshot_of_its_own_time():
    one = listed(3011, event("InTransit_Other")) | {"latest_sync_time": "2026-08-20T23:00:00Z"}
    first, second = all_told(push(one, listed(2151)))
    assert first.snapshot and second.snapshot and second.scans == ()
    assert (first.as_of, second.as_of) == (datetime(2026, 8, 20, 23, tzinfo=UTC), None)
    assert {scan.provider_key for scan in first.scans} == {"3011"}


def test_without_lists_the_newest_event_counts_but_is_no_snapshot():
    latest = event("Exception_Returning", stage="Returning")
    heard = told(push(listed(3011), latest_event=latest))
    whole = told(push(listed(3011, latest)))
    assert not heard.snapshot and heard.scans == whole.scans


def test_scans_are_numbered_oldest_first():
    scans = told(push(listed(3011, event("InTransit_Other", 1), event("InTransit_Other", 2)))).scans
    assert [(scan.seq, scan.text) for scan in scans] == [(1, "at 1"), (2, "at 2")]


@pytest.mark.parametrize(
    ("known", "hour", "zone"),
    [
        ({"time_utc": "2026-08-20T14:15:00Z"}, 14, "provider"),
        ({"time_raw": {"date": "2026-08-20", "time": "11:15:00", "timezone": "-03:00"}}, 14, "explicit"),
        ({"time_raw": {"date": "2026-08-20", "time": "11:15:00"}, "address": {"country": "BR"}}, 14, "location"),
        ({"time_raw": {"date": "2026-08-20", "time": "11:15:00"}}, 14, "carrier"),
        ({"time_iso": "2026-08-20T11:15:00-03:00", "time_utc": "2026-08-20T00:00:00Z"}, 14, "explicit"),
    ],
)  # fmt: skip
def test_a_time_is_read_where_it_is_best_known(known, hour, zone):
    (scan,) = told(push(listed(3011, event("InTransit_Other", time_iso=None) | known))).scans
    assert (scan.occurred_at.hour, scan.tz_source) == (hour, zone)


def test_a_day_without_a_time_is_a_date():
    known = {"time_iso": None, "time_raw": {"date": "2026-08-20", "time": None, "timezone": None}}
    (scan,) = told(push(listed(3011, event("InTransit_Other", **known)))).scans
    assert (scan.time_precision, scan.occurred_at) == ("date", datetime(2026, 8, 20, 3, tzinfo=UTC))


def test_the_estimate_is_the_end_of_the_span():
    span = {"from": "2026-07-08T00:00:00-07:00", "to": "2026-07-12T00:00:00-07:00"}
    eta = told(push(listed(3011), time_metrics={"estimated_delivery_date": span})).eta
    assert (eta.day, eta.at) == (date(2026, 7, 12), datetime(2026, 7, 13, 7, tzinfo=UTC))


def test_the_signature_is_a_hash_of_body_and_key():
    assert verify(Message(STOPPED, AT, {"sign": SIGN}), ["old", "123456ABCDEF"])
    assert verify(Message(STOPPED, AT, {"sign": SIGN.upper()}), ["123456ABCDEF"])
    assert not verify(Message(STOPPED, AT, {"sign": SIGN}), ["123456ABCDE", ""])
    assert not verify(Message(STOPPED + b" ", AT, {"sign": SIGN}), ["123456ABCDEF"])
    assert not verify(Message(STOPPED, AT), ["123456ABCDEF"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"null", "not_an_object"),
        (STOPPED[:-1], "not_json"),
        (b'{"event":"TRACKING_UPDATED"}', "data_missing"),
        (b'{"event":"TRACKING_UPDATED","data":[{"number":"X1"}]}', "data_missing"),
        (b'{"event":"TRACKING_UPDATED","data":{"number":"X1","track":{"z0":{}}}}', "track_info_missing"),
        (b'{"event":"TRACKING_STOPPED","data":{}}', "number_missing"),
        (b'{"event":"SOMETHING","data":{}}', "event_unknown"),
        (b'{"code":-18010012,"data":{}}', "carrier_error"),
        (b'{"code":0,"data":{"quota_total":1}}', "accepted_missing"),
    ],
)
def test_an_unusable_body_says_why(body, code):
    with pytest.raises(Unusable) as refusal:
        parse(Message(body, AT), SHOP)
    assert refusal.value.code == code


def test_an_answer_tells_of_every_accepted_number():
    body = {
        "code": 0,
        "data": {"accepted": [parcel(listed(1, event("InTransit_Other"))), {"number": "X2"}], "rejected": []},
    }
    assert [each.number for each in all_told(body)] == ["RR123456789CN"]


def test_every_stored_payload_is_read_or_refused_with_a_reason():
    seen = {}
    for path in sorted((payloads() / "17track").glob("*.json")):
        found = read(parse, path.read_bytes())
        seen[path.stem] = found.code if isinstance(found, Unusable) else [len(each.scans) for each in found]
    assert seen == {
        "aio17track_getquota": "accepted_missing",
        "aio17track_gettrackinfo_correios_2151": [3],
        "aio17track_gettrackinfo_yanwen_190012": [3],
        "aio17track_gettracklist_page": [],
        "aio17track_register_already_registered": [],
        "aio17track_register_mixed": [],
        "aio17track_webhook_tracking_stopped": [0],
        "api-evangelist_TrackInfoResponse": "data_missing",
        "api-evangelist_get-track-info": "data_missing",
        "api-evangelist_webhook-push-payload": "data_missing",
    }


def test_a_stored_delivery_in_brazil_is_dated_by_its_place():
    (told,) = parse(Message((payloads() / "17track/aio17track_gettrackinfo_correios_2151.json").read_bytes(), AT), SHOP)
    row = project(told.scans, now=AT)
    assert (row.status, row.delivered_at) == ("delivered", datetime(2026, 6, 30, 17, 23, tzinfo=UTC))
    assert row.place == "RECIFE, BR"


@given(st.binary())
def test_no_bytes_break_it(body):
    read(parse, body)


@given(
    spoilt(
        push(listed(3011, event("InTransit_Other", address={"country": "BR"}), event("Delivered_Other")), listed(2151))
    )
    | spoilt({"code": 0, "data": {"accepted": [parcel(listed(1, event("InfoReceived")))]}})
    | spoilt(json.loads(STOPPED))
)
def test_no_spoilt_body_breaks_it(body):
    read(parse, body)


def test_it_is_found_among_the_sources():
    source = catalogue()["17track"]
    assert source.pushes and source.headers_for(SHOP) == ("sign",)
    assert source.answer_to(Message(b"", AT)).status == 200
