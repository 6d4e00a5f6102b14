"""The generic source: anybody's JSON, read with a mapping that an administrator wrote."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers import catalogue
from orders.carriers.base import Message, Setting, Told, Unusable
from orders.carriers.generic import CODES, headers_of, parse, verify
from orders.carriers.mapping import PARTS, problems
from orders.projection import project

AT = datetime(2026, 8, 21, 12, tzinfo=UTC)
FIELDS: dict[str, Any] = {
    "number": "data.parcel.no",
    "carrier": "data.parcel.by",
    "events": "data.events[]",
    "time": "data.events[].when",
    "code": "data.events[].state.id",
    "text": "data.events[].words",
    "city": "data.events[].at.city",
    "country": "data.events[].at.land",
    "eta": "data.parcel.due",
    "as_of": "sent",
    "codes": {"OK": "delivered.signed", "7": "in_transit"},
    "signature": {"header": "X-Sign", "kind": "hmac-sha256-hex", "prefix": "sha256="},
    "snapshot": True,
}
EVENTS = [
    {"when": "2026-08-20T09:58:00", "state": {"id": 7}, "words": "Left", "at": {"city": "Shanghai", "land": "cn"}},
    {"when": "2026-08-20T12:00:00+00:00", "state": {"id": "OK"}, "words": "Signed", "at": None},
]
BODY = {"sent": "2026-08-21T00:00:00Z", "data": {"parcel": {"no": "P1", "by": "dhl", "due": "2026-08-22"}}}


def body(events: object = EVENTS) -> dict[str, Any]:
    return BODY | {"data": {**BODY["data"], "events": events}}


def setting(**change: Any) -> Setting:
    return Setting(zone="Europe/London", fields={name: at for name, at in (FIELDS | change).items() if at is not None})


def message(value: object, **headers: str) -> Message:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Message(raw, AT, {name.replace("_", "-"): text for name, text in headers.items()})


def told(value: object, **change: Any) -> list[Told]:
    return parse(message(value), setting(**change))


def test_a_message_is_read_with_everything_that_the_mapping_names():
    (known,) = told(body())
    left, signed = known.scans

    assert (known.number, known.carrier, known.snapshot, known.as_of) == (
        "P1",
        "dhl",
        True,
        datetime(2026, 8, 21, tzinfo=UTC),
    )
    assert known.eta is not None
    assert known.eta.at == datetime(2026, 8, 22, 23, tzinfo=UTC)
    assert (left.occurred_at, left.tz_source) == (datetime(2026, 8, 20, 1, 58, tzinfo=UTC), "location")
    assert (left.city, left.country, left.text, str(left.canonical)) == ("Shanghai", "CN", "Left", "in_transit.moving")
    assert (str(signed.canonical), signed.raw_code, signed.seq) == ("delivered.signed", "OK", 2)


def test_a_code_that_is_not_in_the_table_is_unknown_unless_it_is_one_of_our_words():
    events = [EVENTS[0] | {"state": {"id": code}} for code in ("ok", "customs.held")]
    scans = told(body(events))[0].scans

    assert [str(scan.canonical) for scan in scans] == ["unknown.unmapped_code", "customs.held"]
    assert "customs.held" in CODES


def test_a_list_of_parcels_is_read_parcel_by_parcel():
    rows = [{"no": "A", "scans": [{"t": "2026-08-20T01:00:00Z", "c": "OK"}]}, {"no": None}, {"no": "B", "scans": []}]
    where = {"parcels": "[]", "number": "[].no", "events": "[].scans[]", "time": "[].scans[].t", "code": "[].scans[].c"}
    elsewhere = dict.fromkeys(("carrier", "text", "city", "country", "eta", "as_of"))

    known = told(rows, **where, **elsewhere)
    assert [(each.number, len(each.scans)) for each in known] == [("A", 1), ("B", 0)]


def test_a_message_of_one_event_needs_no_list_and_fixed_texts_stand_for_what_is_not_sent():
    flat = {"no": 12345, "t": 1787220000, "c": "OK", "rows": [{"x": "Leeds"}]}
    where = {"number": "no", "time": "t", "code": "c", "city": "rows[0].x", "country": "=GB", "carrier": "=sf"}
    rest = dict.fromkeys(("events", "text", "eta", "as_of", "snapshot"))
    (known,) = told(flat, **where, **rest)
    (scan,) = known.scans

    assert (known.number, known.carrier, known.snapshot) == ("12345", "sf", False)
    assert (scan.occurred_at, scan.city, scan.country) == (datetime(2026, 8, 20, 10, tzinfo=UTC), "Leeds", "GB")


@pytest.mark.parametrize("when", [1787220000, 1787220000000, "1787220000", "1787220000000", 1787220000.5])
def test_a_time_may_be_seconds_or_milliseconds(when):
    (scan,) = told(body([{"when": when, "state": {"id": "OK"}}]))[0].scans

    assert scan.occurred_at == datetime(2026, 8, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize("order", [1, -1])
def test_events_of_one_time_keep_the_senders_order_whether_newest_or_oldest_first(order):
    same = [EVENTS[1] | {"words": f"same {number}"} for number in range(3)]
    scans = told(body([EVENTS[0], *same][::order]))[0].scans

    assert [scan.text for scan in scans] == ["Left", "same 0", "same 1", "same 2"]


def test_codes_of_wechats_waybill_paths_can_be_mapped():
    table = {
        "100001": "picked_up.accepted",
        "300002": "out_for_delivery",
        "300003": "delivered",
        "400002": "exception.held",
    }
    where = {"number": "WayBillId", "carrier": "DeliveryID", "events": "Actions[]", "time": "Actions[].ActionTime"}
    codes = {"code": "Actions[].ActionType", "text": "Actions[].ActionMsg", "codes": table, "snapshot": False}
    pushed = {"WayBillId": "W1", "DeliveryID": "SF", "Actions": [{"ActionTime": 1787220000, "ActionType": 100001}]}
    (known,) = told(pushed, **where, **codes, **dict.fromkeys(("city", "country", "eta", "as_of")))

    assert [str(scan.canonical) for scan in known.scans] == ["picked_up.accepted"]


@pytest.mark.parametrize(
    "value", [b"\xff", b"null", [], {}, {"data": {"parcel": {"no": ""}}}, body([{"when": "soon"}])]
)
def test_what_cannot_be_used_is_unusable_and_nothing_worse(value):
    with pytest.raises(Unusable):
        told(value)


def digest(raw: bytes, secret: str = "key") -> Any:
    return hmac.new(secret.encode(), raw, hashlib.sha256)


def test_a_signature_is_over_the_raw_body_with_either_of_two_secrets():
    raw = json.dumps(body()).encode()
    signed = message(raw, x_sign=f"sha256={digest(raw).hexdigest().upper()}")

    assert verify(signed, ["key"], setting())
    assert verify(signed, ["newer", "key"], setting())
    assert not verify(signed, ["other"], setting())
    assert not verify(message(raw + b" ", x_sign=signed.headers["x-sign"]), ["key"], setting())
    assert not verify(message(raw, x_sign=digest(raw).hexdigest()), ["key"], setting())
    assert not verify(message(raw), ["key"], setting())


def test_a_known_vector_of_hmac_sha256_is_accepted_in_both_forms():
    raw, secret = b"what do ya want for nothing?", "Jefe"  # RFC 4231, case 2
    hexadecimal = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    rule = {"header": "Sign", "kind": "hmac-sha256-hex"}
    assert verify(message(raw, sign=hexadecimal), [secret], setting(signature=rule))

    encoded = base64.b64encode(bytes.fromhex(hexadecimal)).decode()
    rule = {"header": "Sign", "kind": "hmac-sha256-base64"}
    assert verify(message(raw, sign=encoded), [secret], setting(signature=rule))
    assert not verify(message(raw, sign=hexadecimal), [secret], setting(signature=rule))


def test_a_plain_token_must_be_the_secret():
    rule = {"header": "Authorization", "kind": "token", "prefix": "Bearer "}

    assert verify(message({}, authorization="Bearer s3cret"), ["s3cret"], setting(signature=rule))
    assert not verify(message({}, authorization="Bearer s3cre"), ["s3cret"], setting(signature=rule))
    assert not verify(message({}, authorization="Bearer "), [""], setting(signature=rule))


@pytest.mark.parametrize("rule", [None, "", {}, "any", {"header": 7}, {"header": "X-Sign", "kind": "md5"}])
def test_a_mapping_without_a_rule_lets_nobody_in(rule):
    assert not verify(message({}, x_sign="sha256="), ["", "key"], setting(signature=rule))


def test_only_the_word_none_lets_everybody_in_who_knows_the_address():
    assert verify(message({}), [], setting(signature="none"))


def test_the_door_asks_every_source_alike():
    generic, kuaidi = catalogue()["generic"], catalogue()["kuaidi100"]
    raw = json.dumps(body()).encode()
    signed = message(raw, x_sign=f"sha256={digest(raw).hexdigest()}")

    assert generic.headers_for(setting()) == ("x-sign",) == headers_of(setting())
    assert generic.verify is not None and generic.verify(signed, ["key"], setting())
    assert not generic.verify(signed, ["key"])
    assert kuaidi.verify is not None and not kuaidi.verify(signed, ["key"], setting())
    assert kuaidi.headers_for(setting()) == ()


def test_the_mapping_of_the_example_is_right():
    assert problems(FIELDS) == []


@pytest.mark.parametrize(
    ("change", "field", "remedy"),
    [
        ({"number": ""}, "number", "is required: a path such as"),
        ({"code": ""}, "code", "or of the text if there is no code"),
        ({"number": "=P1"}, "number", "must be a path"),
        ({"number": 7}, "number", "must be a path such as"),
        ({"text": "a..b"}, "text", "must be a path such as"),
        ({"text": "a[x]"}, "text", "must be a path such as"),
        ({"text": "a" * 201}, "text", "must be a path such as"),
        ({"events": "data.events"}, "events", "end with []"),
        ({"events": ["data"]}, "events", "end with []"),
        ({"parcels": "list[]"}, "events", "must begin with list[]"),
        ({"time": "sent"}, "time", "must begin with data.events[]"),
        ({"carrier": "data.events[].by"}, "carrier", "must not begin with data.events[]"),
        ({"text": "data.others[].x"}, "text", "has [] outside of the lists"),
        ({"events": "data[].events[]"}, "events", "has [] outside of the lists"),
        ({"codes": ["OK"]}, "codes", "must be a table"),
        ({"codes": {"OK": "flying"}}, "codes.OK", "'flying' is not one of our statuses"),
        ({"codes": {"OK": 3}}, "codes.OK", "3 is not one of our statuses"),
        ({"codes": {" OK": "delivered"}}, "codes. OK", "is a code of 1 to 64 characters"),
        ({"signature": "any"}, "signature", 'must be "none", or an object'),
        ({"signature": {"header": "X Sign", "kind": "token"}}, "signature.header", "the name of a header"),
        ({"signature": {"header": "X-Sign", "kind": "md5"}}, "signature.kind", "one of: hmac-sha256-hex"),
        ({"signature": {"header": "X", "kind": "token", "salt": 1}}, "signature.salt", "parts are: header, kind"),
        ({"signature": {"header": "X", "kind": "token", "prefix": 1}}, "signature.prefix", "the text before"),
        ({"snapshot": "yes"}, "snapshot", "must be true or false"),
        ({"nummer": "x"}, "nummer", "is not part of a mapping; its parts are: parcels, events, number"),
    ],
)
def test_what_is_wrong_with_a_mapping_names_the_field_and_the_remedy(change, field, remedy):
    wrong = problems(FIELDS | change)

    assert field in {problem.field for problem in wrong}
    assert any(remedy in str(problem) for problem in wrong if problem.field == field)
    with pytest.raises(Unusable, match="The mapping cannot be used"):
        told(body(), **change)


def test_one_event_is_no_whole_list():
    fields = {"number": "no", "time": "t", "code": "c", "signature": "none", "snapshot": True}

    assert [problem.field for problem in problems(fields)] == ["snapshot"]
    assert problems(fields | {"snapshot": False}) == []


paths = st.sampled_from(["", "a", "a.b", "a[]", "a[].b", "a[].b[]", "a[].b[].c", "[]", "[].a", "a[0]", "=x", "a..b"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(["2026-08-20", "OK", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(PARTS) | st.text(max_size=3), paths | values, max_size=8), values)
def test_any_mapping_and_any_body_end_in_parcels_or_in_unusable(fields, value):
    shop = Setting(fields={"signature": "none"} | fields)
    try:
        known = parse(message(value), shop)
    except Unusable as problem:
        assert str(problem)
    else:
        assert problems(shop.fields) == []
        assert all(each.number for each in known)
    assert verify(message(value), ["key"], shop) is (shop.fields["signature"] == "none")


@given(st.permutations(range(4)), st.lists(st.integers(0, 3), max_size=4))
def test_messages_of_single_events_in_any_order_give_the_same_row(order, again):
    events = [{"when": f"2026-08-20T{hour:02}:00:00Z", "state": {"id": "7"}} for hour in range(3)]
    events.append({"when": "2026-08-20T09:00:00Z", "state": {"id": "OK"}})
    scans = [told(body([events[number]]))[0].scans[0] for number in (*order, *again)]
    row = project(scans, now=AT)

    assert (row.status, row.sub_status, row.events_count) == ("delivered", "signed", 4)
