"""Kdniao: its codes, both spellings of the request type, its signature and its exact answer."""

import base64
import csv
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers import catalogue
from orders.carriers.base import Message, Setting, Told, Unusable
from orders.carriers.kdniao import CODES, answer, parse, verify
from orders.projection import project
from tests.orders.carriers.shared_data import payloads, traces_of

AT = datetime(2026, 8, 21, 2, 6, tzinfo=UTC)
KEY = "56da2cf8-c8a2-44b2-b6fa-476cd7d1ba17"
OURS = """
    0 not_found.no_info, 10 info_received.awaiting_pickup, 1 picked_up.accepted, 2 in_transit.moving,
    201 in_transit.arrived_city, 204 in_transit.arrived_facility, 205 in_transit.arrived_facility,
    206 in_transit.departed_facility, 202 out_for_delivery.out, 211 available_for_pickup.locker,
    3 delivered.delivered, 301 delivered.delivered, 302 delivered.after_exception, 304 delivered.proxy,
    311 delivered.locker, 4 exception.other, 401 exception.no_first_scan, 402 exception.unsigned_overdue,
    403 exception.stale, 404 exception.refused, 405 attempt_failed.other, 406 returned.received,
    407 returning.in_transit, 412 exception.unclaimed, 413 returning.requested, 414 exception.damaged,
    415 cancelled.voided, 416 exception.unreachable, 417 exception.delayed, 418 in_transit.moving,
    419 out_for_delivery.out, 420 exception.address, 421 exception.unreachable, 422 exception.delayed_processing,
    423 exception.out_of_area, 5 in_transit.handed_over, 6 customs.processing, 601 customs.presented,
    602 customs.processing, 603 customs.released, 604 customs.held
"""
CODED = [line.split() for line in OURS.split(",")]


def message(data: object, **form: str) -> Message:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    fields = {"RequestData": text, "EBusinessID": "1237100", "RequestType": "101"} | form
    return Message(urlencode(fields).encode(), AT)


def trace(hour: int, **known: Any) -> dict[str, Any]:
    return {"AcceptTime": f"2026-08-21 {hour:02}:05:12", "AcceptStation": f"hour {hour}"} | known


def parcel(traces: list[dict[str, Any]], **known: Any) -> dict[str, Any]:
    blank = {"EBusinessID": "1237100", "ShipperCode": "YTO", "LogisticCode": "YT1", "Success": True, "Reason": ""}
    return blank | {"Traces": traces} | known


def push(*parcels: dict[str, Any]) -> dict[str, Any]:
    return {"PushTime": "2026-08-21 10:06:00", "EBusinessID": "1237100", "Count": "1", "Data": list(parcels)}


def told(*parcels: dict[str, Any]) -> list[Told]:
    return parse(message(push(*parcels)), Setting())


def sign(text: str, key: str = KEY) -> str:
    return base64.b64encode(hashlib.md5(f"{text}{key}".encode()).hexdigest().encode()).decode()


@pytest.mark.parametrize(("code", "word"), CODED)
def test_every_code_has_its_meaning_for_a_row_and_for_the_parcel(code, word):
    (of_row,) = told(parcel([trace(9, Action=int(code))]))[0].scans
    (of_parcel,) = told(parcel([trace(9)], State="2", StateEx=code))[0].scans

    assert str(of_row.canonical) == str(of_parcel.canonical) == word
    assert of_row.raw_code == of_parcel.raw_code == code


def test_no_code_is_mapped_that_was_not_read():
    assert set(CODES) == {code for code, _ in CODED}


def test_the_same_number_means_another_thing_at_kuaidi100():
    other = catalogue()["kuaidi100"].codes

    assert {code for code in ("201", "202", "304", "401") if CODES[code] == other[code]} == set()


def test_the_published_list_of_codes_is_mapped_without_a_gap():
    with (payloads() / "kdniao_state_codes.csv").open(encoding="utf-8") as file:
        published = {line["code"]: line["meaning_zh"] for line in csv.DictReader(file)}

    assert set(CODES) == set(published)
    spoken = {code: CODES[code].label("zh") for code in published}
    same_words = [code for code in published if set(spoken[code]) & set(published[code])]
    assert len(same_words) >= 36  # their words for a code and ours share a character


@pytest.mark.parametrize("spelling", ["RequestType", "RequesType"])
@pytest.mark.parametrize("kind", ["101", "102"])
def test_both_spellings_of_the_request_type_are_read(spelling, kind):
    fields = {"RequestData": json.dumps(push(parcel([trace(9)], State="3"))), spelling: kind}

    assert parse(Message(urlencode(fields).encode(), AT), Setting())[0].number == "YT1"


@pytest.mark.parametrize("kind", ["103", "", "track"])
def test_pushes_about_orders_are_not_taken_for_traces(kind):
    with pytest.raises(Unusable) as refusal:
        parse(message(push(parcel([trace(9)], State="203")), RequestType=kind), Setting())

    assert refusal.value.code == "other_news"


def test_a_parcel_is_read_with_its_time_in_china():
    (known,) = told(parcel([trace(9, Location="深圳")], State="3", StateEx="304"))
    (scan,) = known.scans

    assert (known.carrier, known.provider_status, known.as_of) == (
        "YTO",
        "304",
        datetime(2026, 8, 21, 2, 6, tzinfo=UTC),
    )
    assert (scan.occurred_at, scan.tz_source) == (datetime(2026, 8, 21, 1, 5, 12, tzinfo=UTC), "carrier")
    assert (scan.city, scan.text, str(scan.canonical)) == ("深圳", "hour 9", "delivered.proxy")


def test_the_day_on_which_it_is_expected_ends_in_china():
    (known,) = told(parcel([trace(9)], EstimatedDeliveryTime="2026-08-22"))

    assert known.eta is not None
    assert known.eta.at == datetime(2026, 8, 22, 16, tzinfo=UTC)


def test_a_parcel_that_cannot_be_used_does_not_spoil_the_others():
    known = told(
        parcel([trace(9)], LogisticCode=None), parcel([{"AcceptTime": "soon"}]), parcel([], LogisticCode="YT2")
    )

    assert [(each.number, each.scans) for each in known] == [("YT2", ())]


@pytest.mark.parametrize(
    "data", ["null", "{", "{}", push(), push(parcel([], LogisticCode="")), push(parcel([{"AcceptTime": 7}]))]
)
def test_what_cannot_be_used_is_unusable_and_nothing_worse(data):
    with pytest.raises(Unusable):
        parse(message(data), Setting())


def test_the_signature_is_over_the_very_text_with_either_of_two_keys():
    text = json.dumps(push(parcel([trace(9, AcceptStation="已签收")])), ensure_ascii=False)

    assert verify(message(text, DataSign=sign(text)), [KEY])
    assert verify(message(text, DataSign=sign(text)), ["newer", KEY])
    assert not verify(message(text, DataSign=sign(text)), ["other"])
    assert not verify(message(f"{text} ", DataSign=sign(text)), [KEY])
    assert not verify(message(text), [KEY])
    assert not verify(message(text, DataSign=sign(text, "")), [])


def test_a_signature_that_was_worked_out_by_hand_is_right():
    # printf '{}secret' | md5sum | cut -c1-32 | tr -d '\n' | base64
    assert verify(message("{}", DataSign="MjdjNDg2NTdhZGU0NGM5ZWIxYTc2ZDQ3Yzg2MzAwNmU="), ["secret"])


def test_the_answer_names_the_customer_and_the_time_in_china():
    expected = '{"EBusinessID":"1237100","UpdateTime":"2026-08-21 10:06:00","Success":true,"Reason":""}'

    assert answer(message("null")).body.decode() == expected
    assert catalogue()["kdniao"].answer_to(message(push(), EBusinessID="")).body.decode() == expected


def test_even_a_body_that_is_nothing_is_answered():
    assert json.loads(answer(Message(b"\xff\x00", AT)).body)["EBusinessID"] == ""


@given(st.lists(st.sampled_from([code for code, _ in CODED]), min_size=1, max_size=8), st.data())
def test_pushes_of_growing_lists_give_the_row_of_the_last_whatever_their_order(codes, data):
    traces = [trace(hour, Action=code) for hour, code in enumerate(codes)]
    pushes = [told(parcel(traces[:number]))[0].scans for number in range(len(traces) + 1)]
    arrived = data.draw(st.permutations(pushes + data.draw(st.lists(st.sampled_from(pushes), max_size=3))))

    assert project([scan for scans in arrived for scan in scans], now=AT) == project(pushes[-1], now=AT)


def test_real_traces_are_read_oldest_first_with_the_parcels_code_on_the_newest():
    for number, result in enumerate(traces_of("kdniao_*.json")):
        (known,) = told({"LogisticCode": f"N{number}"} | result)
        assert len(known.scans) == len(result["Traces"])
        assert [scan.seq for scan in known.scans] == list(range(1, len(known.scans) + 1))
        assert known.scans[-1].raw_code == result.get("State", "")
        assert {scan.tz_source for scan in known.scans} == {"carrier"}
