"""Kuaidi100: its codes, its traps, its signature, and that the order of arrival changes nothing."""

import hashlib
import json
from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers import catalogue
from orders.carriers.base import Message, Setting, Told, Unusable
from orders.carriers.kuaidi100 import CODES, parse, reply, verify
from orders.projection import project
from tests.orders.carriers.shared_data import traces_of

AT = datetime(2026, 8, 21, 3, tzinfo=UTC)
SHOP = Setting(zone="Europe/London")
EXAMPLE = (
    '{"status":"polling","billstatus":"","message":"","autoCheck":"0","comOld":"","comNew":"","lastResult":'
    '{"message":"ok","state":"2","status":"200","condition":"F00","ischeck":"0","com":"yuantong",'
    '"nu":"YT1234567890123","data":[{"context":"【杭州市】收件地址超出派送范围","time":"2026-08-21 10:05:12",'
    '"ftime":"2026-08-21 10:05:12","status":"超区","statusCode":"207","areaName":"浙江,杭州市"}]}}'
)
SIGN = "763D0AD1FFFF80EEEF65FDF7E2F64BED"
OURS = """
    0 in_transit.moving, 1001 in_transit.arrived_city, 1002 in_transit.moving, 1003 in_transit.rerouted,
    1 picked_up.accepted, 101 info_received.label_created, 102 info_received.awaiting_pickup, 103 picked_up.accepted,
    2 exception.other, 201 exception.unsigned_overdue, 202 exception.stale, 203 exception.refused,
    204 attempt_failed.other, 205 exception.unclaimed, 206 exception.unreachable, 207 exception.out_of_area,
    208 exception.held, 209 exception.damaged, 210 cancelled.voided, 3 delivered.delivered, 301 delivered.signed,
    302 delivered.after_exception, 303 delivered.proxy, 304 delivered.locker, 4 returned.received,
    401 cancelled.voided, 14 exception.refused, 5 out_for_delivery.out, 501 available_for_pickup.locker,
    6 returning.in_transit, 7 in_transit.handed_over, 8 customs.processing, 10 customs.presented,
    11 customs.processing, 12 customs.released, 13 customs.held
"""
CODED = [line.split() for line in OURS.split(",")]


def message(param: object, **form: str) -> Message:
    """The push of a param, given as text or as what the text says."""
    text = param if isinstance(param, str) else json.dumps(param, ensure_ascii=False)
    return Message(urlencode({"param": text, **form}).encode(), AT)


def row(hour: int, **known: Any) -> dict[str, Any]:
    """A row of 21 August, China time."""
    at = f"2026-08-21 {hour:02}:05:12"
    return {"context": f"hour {hour}", "time": at, "ftime": at} | known


def push(rows: list[dict[str, Any]], *, state: object = None, **known: Any) -> dict[str, Any]:
    """A push whose list is newest first, as Kuaidi100 sends it."""
    result = {"message": "ok", "status": "200", "com": "yuantong", "nu": "YT1", "data": rows[::-1]}
    return {"status": "polling", "lastResult": result | ({} if state is None else {"state": state})} | known


def told(param: object) -> Told:
    return parse(message(param), SHOP)[0]


def words(scans) -> list[str]:
    return [str(scan.canonical) for scan in scans]


@pytest.mark.parametrize(("code", "word"), CODED)
def test_every_code_has_its_meaning_whether_text_or_number(code, word):
    for sent in (code, int(code)):
        scan = told(push([row(10, statusCode=sent)], state="2")).scans[0]
        assert (scan.raw_code, str(scan.canonical)) == (code, word)


def test_no_code_is_mapped_that_was_not_read():
    assert {code for code in CODES if code.isascii()} == {code for code, _ in CODED}


def test_the_example_is_read_with_its_place_and_its_time_in_china():
    known = told(EXAMPLE)
    (scan,) = known.scans

    assert (known.number, known.carrier, known.feed, known.snapshot, known.stopped) == (
        "YT1234567890123",
        "yuantong",
        "",
        True,
        False,
    )
    assert (scan.occurred_at, scan.tz_source) == (datetime(2026, 8, 21, 2, 5, 12, tzinfo=UTC), "carrier")
    assert (str(scan.canonical), scan.raw_status, scan.city) == ("exception.out_of_area", "超区", "杭州市")


@pytest.mark.parametrize("sign", [SIGN, SIGN.lower()])
def test_the_sign_is_right_in_either_case_and_with_any_of_two_salts(sign):
    assert verify(message(EXAMPLE, sign=sign), ["a1b2c3d4"])
    assert verify(message(EXAMPLE, sign=sign), ["newer", "a1b2c3d4"])


def test_a_wrong_a_missing_and_a_reserialised_sign_are_refused():
    again = json.dumps(json.loads(EXAMPLE), ensure_ascii=False)

    assert not verify(message(EXAMPLE, sign=SIGN), ["other"])
    assert not verify(message(EXAMPLE), ["a1b2c3d4"])
    assert not verify(message(again, sign=SIGN), ["a1b2c3d4"])
    assert not verify(Message(b"\xff", AT), ["a1b2c3d4"])


def test_without_a_salt_there_is_no_sign():
    assert verify(message(EXAMPLE), [])
    assert not verify(message(EXAMPLE, sign=SIGN), [])


def test_an_empty_salt_is_a_salt():
    assert verify(message("{}", sign=hashlib.md5(b"{}").hexdigest()), [""])


def test_the_answer_is_the_one_that_it_compares():
    assert reply(AT).body.decode() == '{"result":true,"returnCode":"200","message":"成功"}'
    assert catalogue()["kuaidi100"].answer_to(message("null")).body == reply(AT).body


@pytest.mark.parametrize(
    "param", ["null", "[]", EXAMPLE[:-9], "{}", '{"lastResult":{"data":[]}}', push([{"time": "?"}])]
)
def test_what_cannot_be_used_is_unusable_and_nothing_worse(param):
    with pytest.raises(Unusable):
        told(param)


@pytest.mark.parametrize(
    ("state", "word"), [("0", "in_transit.moving"), (0, "in_transit.moving"), (None, "unknown.unmapped_code")]
)
def test_state_0_is_a_state_and_a_missing_one_is_unknown(state, word):
    known = told(push([row(9), row(10)], state=state))

    assert words(known.scans) == ["unknown.unmapped_code", word]
    row_ = project(known.scans, now=AT)
    assert f"{row_.status}.{row_.sub_status}" == word


def test_status_200_is_the_transports():
    assert "200" not in {
        told(push([row(10)])).provider_status,
        *(scan.raw_code for scan in told(push([row(10)])).scans),
    }


def test_a_label_alone_counts_when_it_is_known():
    scans = told(push([row(9, status="揽收"), row(10, status="飞行")], state="0")).scans

    assert [(scan.raw_code, str(scan.canonical)) for scan in scans] == [
        ("揽收", "picked_up.accepted"),
        ("飞行", "unknown.unmapped_code"),
    ]


@pytest.mark.parametrize(
    ("status", "text", "stopped", "note"),
    [
        ("polling", "", False, ""),
        ("updateall", "x", False, ""),
        ("shutdown", "", True, "shutdown"),
        ("abort", "3天查询无记录", True, "3天查询无记录"),
    ],
)
def test_a_watch_that_ended_says_why(status, text, stopped, note):
    known = told(push([row(10, statusCode="0")], status=status, message=text))

    assert (known.stopped, known.note, len(known.scans)) == (stopped, note, 1)


def test_an_aborted_watch_without_rows_tells_of_the_parcel_all_the_same():
    known = told(push([], status="abort", message="60天无变化"))

    assert (known.number, known.scans, known.stopped, known.snapshot) == ("YT1", (), True, False)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"comOld": "shunfeng", "comNew": "yuantong", "autoCheck": "1"}, ("shunfeng", "yuantong")),
        ({"comOld": "", "comNew": "zhongtong", "autoCheck": "0", "status": "abort"}, ("yuantong", "zhongtong")),
        ({"comOld": "", "comNew": "", "autoCheck": "0"}, ("yuantong", "")),
        ({"comOld": "yuantong", "comNew": "yuantong"}, ("yuantong", "")),
    ],
)
def test_a_corrected_carrier_is_told_next_to_the_subscribed_one(change, expected):
    known = told(push([row(10, statusCode="0")], **change))

    assert (known.carrier, known.corrected_carrier) == expected


def test_the_post_abroad_is_a_list_of_its_own_in_the_shops_time():
    abroad = {"com": "royalmail", "nu": None, "state": "5", "data": [row(10, statusCode="5")]}
    home, away = parse(message(push([row(9, statusCode="7")], destResult=abroad)), SHOP)

    assert (home.feed, away.feed, away.number, away.carrier) == ("", "dest", "YT1", "royalmail")
    (scan,) = away.scans
    assert (scan.provider_key, scan.tz_source, scan.occurred_at.hour) == ("dest", "shop", 9)


def test_when_it_is_expected_and_between_which_countries_is_read():
    result = push([row(10, statusCode="0")])
    route = {"from": {"number": "CN440303000000"}, "to": {"number": "CN110000000000"}}
    result["lastResult"] |= {"arrivalTime": "2026-08-23 18", "routeInfo": route}
    known = told(result)

    assert known.eta is not None
    assert known.eta.at == datetime(2026, 8, 23, 10, tzinfo=UTC)
    assert (known.origin_country, known.dest_country) == ("CN", "CN")


A, B, C, D = row(8, statusCode="1"), row(9, statusCode="0"), row(10, statusCode="5"), row(11, statusCode="301")
CODED_PUSHES = [push([A], state=1), push([A, B], state=0), push([A, B, C], state=5), push([A, B, C, D], state=3)]
BARE = [{name: text for name, text in each.items() if name != "statusCode"} for each in (A, B, C, D)]
BARE_PUSHES = [push(BARE[:number], state=state) for number, state in enumerate([1, 0, 5, 3], 1)]


@pytest.mark.parametrize(("pushes", "word"), [(CODED_PUSHES, "signed"), (BARE_PUSHES, "delivered")])
def test_four_pushes_in_any_order_are_four_scans_and_one_delivery(pushes, word):
    read = [told(each).scans for each in pushes]
    rows = {project([scan for scans in (*order, order[0]) for scan in scans], now=AT) for order in permutations(read)}

    (final,) = rows
    assert (final.status, final.sub_status, final.events_count, final.unmapped) == ("delivered", word, 4, 0)
    assert final.picked_up_at == datetime(2026, 8, 21, 0, 5, 12, tzinfo=UTC)


def test_a_list_without_codes_withdraws_nothing():
    assert [told(each).snapshot for each in BARE_PUSHES] == [False] * 4
    assert [told(each).snapshot for each in CODED_PUSHES] == [True] * 4


@given(st.lists(st.tuples(st.integers(0, 23), st.sampled_from([code for code, _ in CODED])), max_size=8), st.data())
def test_pushes_of_growing_lists_give_the_row_of_the_last_whatever_their_order(history, data):
    rows = [row(hour, statusCode=code, context=f"row {at}") for at, (hour, code) in enumerate(sorted(history))]
    pushes = [told(push(rows[:number], state="0")) for number in range(len(rows) + 1)]
    arrived = data.draw(st.permutations(pushes + data.draw(st.lists(st.sampled_from(pushes), max_size=3))))

    assert project([scan for each in arrived for scan in each.scans], now=AT) == project(pushes[-1].scans, now=AT)


def test_a_row_that_cannot_be_dated_may_be_the_newest_so_nobody_gets_the_parcels_state():
    assert words(told(push([row(9), {"context": "?", "time": "soon"}], state="3")).scans) == ["unknown.unmapped_code"]


def test_real_traces_are_read_row_by_row():
    for result in traces_of("kuaidi100_*.json"):
        known = told({"lastResult": result})
        assert len(known.scans) == len(result["data"])
        assert [scan.occurred_at for scan in known.scans] == sorted(scan.occurred_at for scan in known.scans)
        assert {scan.status for scan in known.scans} >= {"delivered", "in_transit", "picked_up"}
        assert project(known.scans, now=AT).status == "delivered"
