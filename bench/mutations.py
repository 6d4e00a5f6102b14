"""Bodies that no sender should send, made from bodies that senders do send: the strangers of `bench.fuzz`."""

import json
import random
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from bench import olist_truth

AFTERSHIP = {"ts": 1787200000, "event": "tracking_update", "event_id": "0b7f5c1e-6d0a-4d0b-9a53-6f4f0f2f9c11", "msg": {
    "id": "t1", "tracking_number": "1Z999AA10123456784", "slug": "ups", "tag": "Exception", "subtag": "Exception_007",
    "expected_delivery": "2026-08-22", "order_promised_delivery_date": "2026-08-21", "checkpoints": [
        {"created_at": "2026-08-20T14:03:11Z", "checkpoint_time": "2026-08-20T09:58:00", "city": "Austin",
         "country_region": "USA", "message": "Incorrect address", "tag": "Exception", "subtag": "Exception_007",
         "raw_tag": "X4", "events": [{"code": "address", "reason": "wrong"}]}]}}  # fmt: skip
SEVENTEEN = {"event": "TRACKING_UPDATED", "data": {"number": "RR123456789CN", "carrier": 3011, "track_info": {
    "shipping_info": {"shipper_address": {"country": "CN"}, "recipient_address": {"country": "BR"}},
    "latest_status": {"status": "Exception", "sub_status": "Exception_Returning"},
    "time_metrics": {"estimated_delivery_date": {"source": None, "from": "2026-08-25T00:00:00Z", "to": None}},
    "tracking": {"providers": [{"provider": {"key": 3011, "country": "CN"}, "events": [
        {"time_iso": "2026-08-20T11:15:00-03:00", "time_utc": "2026-08-20T14:15:00Z", "stage": "Returning",
         "time_raw": {"date": "2026-08-20", "time": "11:15:00", "timezone": "-03:00"}, "location": "CURITIBA, PR",
         "description": "Em devolução", "sub_status": "Exception_Returning"}]}]}}}}  # fmt: skip
KUAIDI = {"status": "abort", "message": "", "autoCheck": "1", "comOld": "sf", "comNew": "yuantong", "lastResult": {
    "state": "0", "status": "200", "com": "yuantong", "nu": "YT1", "arrivalTime": "2026-08-23 18", "data": [
        {"context": "【杭州市】", "time": "2026-08-21 10:05:12", "ftime": "2026-08-21 10:05:12", "status": "超区",
         "statusCode": "207", "areaName": "浙江,杭州市", "areaCode": "CN330100000000"}],
    "routeInfo": {"from": {"number": "CN1"}, "to": {"number": "CN2"}}}, "destResult": {
        "state": 5, "nu": "YT1", "data": [{"context": "out", "ftime": "2026-08-21 11:05:12"}]}}  # fmt: skip
KDNIAO = {"PushTime": "2026-08-21 10:06:00", "EBusinessID": "1", "Count": "1", "Data": [
    {"ShipperCode": "YTO", "LogisticCode": "YT1", "Success": True, "Reason": "", "State": "3", "StateEx": "301",
     "EstimatedDeliveryTime": "2026-08-22", "Traces": [
         {"AcceptTime": "2026-08-21 09:05:12", "AcceptStation": "x", "Location": "深圳", "Action": 1}]}]}  # fmt: skip
EASYPOST = {"id": "evt_1", "object": "Event", "description": "tracker.updated", "result": {
    "id": "trk_1", "object": "Tracker", "tracking_code": "EZ4", "status": "in_transit", "status_detail": "held",
    "carrier": "USPS", "est_delivery_date": "2026-08-22T00:00:00Z", "is_return": True, "tracking_details": [
        {"message": "Held", "status": "delivered", "status_detail": "held", "datetime": "2026-08-20T19:48:26Z",
         "tracking_location": {"city": "HOUSTON", "state": "TX", "country": None, "zip": "7"}}]}}  # fmt: skip
SHIPPO = {"event": "track_updated", "test": False, "data": {
    "carrier": "usps", "tracking_number": "9205590164917312751089", "eta": "2026-08-22T00:00:00Z",
    "address_from": {"city": "x", "country": "US"}, "address_to": {"city": "Chicago", "state": "IL", "country": "US"},
    "tracking_status": {"status": "TRANSIT", "status_date": "2026-08-20T19:48:26Z"}, "tracking_history": [
        {"status": "TRANSIT", "status_details": "x", "status_date": "2026-08-20T19:48:26Z", "object_id": "1",
         "substatus": {"code": "address_issue", "text": "x", "action_required": True},
         "location": {"city": "Las Vegas", "state": "NV", "country": "US"}}]}}  # fmt: skip
GENERIC = {"sent": "2026-08-21T00:00:00Z", "data": {"no": "P1", "by": "dhl", "due": "2026-08-22", "events": [
    {"when": "2026-08-20T09:58:00", "code": 7, "words": "Left", "city": "Leeds", "land": "GB"},
    {"when": 1787220000, "code": "OK"}]}}  # fmt: skip
MAPPING: dict[str, Any] = {
    "number": "data.no", "carrier": "data.by", "eta": "data.due", "as_of": "sent", "events": "data.events[]",
    "time": "data.events[].when", "code": "data.events[].code", "text": "data.events[].words",
    "city": "data.events[].city", "country": "data.events[].land", "codes": {"OK": "delivered", "7": "in_transit"},
    "signature": {"header": "x-sign", "kind": "hmac-sha256-hex"}, "snapshot": True,
}  # fmt: skip
JSON_SEEDS = {"aftership": AFTERSHIP, "seventeen": SEVENTEEN, "17track": SEVENTEEN, "kuaidi100": KUAIDI,
              "kdniao": KDNIAO, "easypost": EASYPOST, "shippo": SHIPPO, "generic": GENERIC}  # fmt: skip
FORMS = {"kuaidi100": ("param", {"sign": "x"}), "kdniao": ("RequestData", {"RequestType": "101", "DataSign": "x"})}
XML = b"<track><parcel no='P1'><event at='2026-08-20 09:58' code='7'>Left</event></parcel></track>"

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 7, 2**31, 2**63, 10**400, -(10**22), 1e308, -0.0, 0.5, "", " ", "\x00", "a\x00b",
    "\ud800", "x\udfffy", "\u202e\ufeff", "é" * 70, "x" * 65, "x" * 5000, "漢" * 600, "İ" * 130, "ﷺ" * 130, [], {},
    [[]], [None], {"": None}, [1, "2", {}], "2026-08-20", "2026-08-20T24:00:00Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00", "2000-01-01T00:00:00+14:00", "2099-12-31T23:59:59-12:00", "2000-01-01", "2099-12-31",
    "2026-02-30", "2026-08-20T09:58:00+24:00", "2026-08-20T09:58:00-23:59", "٢٠٢٦-٠٨-٢٠", "²⁰²⁶", "1787220000",
    1787220000, 4102444799, 946684800000, "-1", "nan", "GB", "gbr", "ß", "ıı", "中国", "../../etc", "%s%n{0}",
    "true", "1e5", "20260820", "20260820095800", "09:58", "09:58:00", "+08:00", "Delivered", "delivered",
)  # fmt: skip
BODIES = (
    b"", b"null", b"[]", b"{}", b"0", b'""', b"\xff\xfe", b"\xef\xbb\xbf{}", b"NaN", b"[" * 100_000, b'{"a":' * 5000,
    b"[" + b"9" * 10_000 + b"]", b"1e999", b"<", b"<a/>", b"<a>" * 5000, b"<a" + b" b='c'" * 500 + b"/>", b"=&=&",
    b"%00=%ff",
    b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>', b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"),
    b'<?xml version="1.0" encoding="no-such"?><a/>', b'{"a":"\\ud800"}', b'{"a":1,"a":2}', b"<a>" * 60 + b"</a>" * 60,
)  # fmt: skip
LONGEST = 500_000
Seed = tuple[bytes, Any]


def seeds_of(code: str) -> list[Seed]:
    """What a source is sent when all is well: the raw body, and its JSON value (None when it is none)."""
    mine = [_seed(_wrapped(code, JSON_SEEDS[code]), JSON_SEEDS[code])] if code in JSON_SEEDS else []
    folder = olist_truth.default_folder().parent / "tracking_payloads"
    found = [*folder.glob(f"karrio/{code}/*"), *folder.glob(f"{code}/*"), *folder.glob(f"*/{code}_*")]
    mine += [_seed(path.read_bytes()) for path in sorted(found) if path.suffix in (".json", ".xml")]
    return mine or [_seed(json.dumps(each).encode(), each) for each in JSON_SEEDS.values()] + [(XML, None)]


def _seed(body: bytes, value: Any = None) -> Seed:
    if value is None:
        try:
            value = json.loads(body)
        except ValueError:
            value = None
    return body, value


def _wrapped(code: str, value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=True)
    if code not in FORMS:
        return text.encode()
    name, rest = FORMS[code]
    return urlencode({name: text, **rest}).encode()


def stranger(code: str, seeds: Sequence[Seed], chance: random.Random) -> bytes:
    """One body: mostly a seed changed in its structure, sometimes in its bytes, rarely something else entirely."""
    if chance.random() < 0.02:
        return chance.choice(BODIES)
    body, value = chance.choice(seeds)
    if value is not None and chance.random() < 0.8:
        copy = json.loads(json.dumps(value))
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            copy = _changed(copy, chance)
        return _wrapped(code, copy)
    if body.lstrip().startswith(b"<") and chance.random() < 0.7:
        body = _changed_xml(body, chance)
    for _ in range(chance.choice((1, 1, 2, 5))):
        body = _bitten(body, chance)
    return body


def odd_mapping(chance: random.Random) -> dict[str, Any]:
    """The generic source's mapping, most times right, sometimes changed."""
    if chance.random() < 0.7:
        return MAPPING
    changed = _changed(json.loads(json.dumps(MAPPING)), chance)
    return changed if isinstance(changed, dict) else MAPPING


def _changed(root: Any, chance: random.Random) -> Any:
    """The JSON value with one of its places changed."""
    places: list[tuple[Any, Any]] = []
    level = [root]
    while level:
        inner = level.pop()
        if isinstance(inner, dict | list):
            for at in list(inner) if isinstance(inner, dict) else range(len(inner)):
                places.append((inner, at))
                level.append(inner[at])
    if not places:
        return chance.choice(ODD)
    if len(places) > 5000:  # long enough: a list made longer again and again would never end
        return root
    home, at = chance.choice(places)
    change: Callable[[Any, Any, random.Random], Any] = chance.choice(CHANGES)
    changed = change(home, at, chance)
    return root if changed is KEPT else changed


KEPT = object()


def _replace(home: Any, at: Any, chance: random.Random) -> Any:
    home[at] = chance.choice(ODD)
    return KEPT


def _remove(home: Any, at: Any, chance: random.Random) -> Any:
    del home[at]
    return KEPT


def _retype(home: Any, at: Any, chance: random.Random) -> Any:
    value = home[at]
    options: list[Any] = [[value], {"x": value}, json.dumps(value), str(value)]
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4000:
        options += [int(value)] * 3
    home[at] = chance.choice(options)
    return KEPT


def _twice(home: Any, at: Any, chance: random.Random) -> Any:
    if isinstance(home, list):  # never beyond what the door lets in
        home[at:at] = [home[at]] * min(chance.choice((1, 1, 2, 700)), 1 + LONGEST // len(json.dumps(home[at])))
    elif isinstance(home[at], list):
        home[at] = home[at] * chance.choice((2, 3))
    return KEPT


def _scramble(home: Any, at: Any, chance: random.Random) -> Any:
    if isinstance(home[at], str) and home[at]:
        letters = list(home[at])
        for _ in range(chance.choice((1, 2, 5))):
            letters[chance.randrange(len(letters))] = chance.choice("0123456789-:+TZ .é\x00\ud800漢/ ")
        home[at] = "".join(letters)
    return KEPT


def _deepen(home: Any, at: Any, chance: random.Random) -> Any:
    for _ in range(chance.choice((2, 30, 60))):
        home[at] = [home[at]]
    return KEPT


CHANGES = (_replace, _replace, _replace, _remove, _retype, _twice, _scramble, _scramble, _deepen)


def _changed_xml(body: bytes, chance: random.Random) -> bytes:
    """Another text between two marks, or a piece taken out, doubled or nested."""
    marks = [at for at in range(len(body)) if body[at : at + 1] in b"<>\"'"]
    if len(marks) < 2:
        return body
    start = chance.randrange(len(marks) - 1)
    left, right = marks[start] + 1, marks[min(start + chance.choice((1, 1, 1, 4)), len(marks) - 1)]
    odd = str(chance.choice(ODD)) if chance.random() < 0.9 else "<![CDATA[x]]>&#0;&#xD800;&amp;"
    inner = chance.choice((odd.encode("utf-8", "surrogatepass"), body[left:right] * 2, b""))
    return body[:left] + inner + body[right:]


def _bitten(body: bytes, chance: random.Random) -> bytes:
    """Truncated, a bit flipped, a byte put in, a piece lost or doubled."""
    if not body:
        return body
    at, end = chance.randrange(len(body)), 0
    end = min(len(body), at + chance.choice((1, 2, 8, 64)))
    flipped = bytes([body[at] ^ (1 << chance.randrange(8))])
    return chance.choice((
        body[:at], body[:at] + flipped + body[at + 1 :], body[:at] + chance.randbytes(1) + body[at:],
        body[:at] + body[end:], body[:end] + body[at:end] + body[end:], body[:at] + b"\x00" + body[at:],
    ))  # fmt: skip
