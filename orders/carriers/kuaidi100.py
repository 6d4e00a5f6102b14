"""Kuaidi100 (快递100): a form with `param` (JSON text) and, when the shop subscribed with a salt, `sign`.

`lastResult` and `destResult` (post abroad) are two whole lists, newest row first. Subscribe with resultv2=4 or 8:
without it only the parcel has a code, and its rows have none.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orders.carriers.answers import two_letters
from orders.carriers.base import Eta, Message, Reply, Setting, Told, Unusable, code_map
from orders.carriers.reading import number_of, part, read_form, read_object, rows, same, words
from orders.carriers.times import eta, moment
from orders.carriers.traces import Trace, scans_of

CODE = "kuaidi100"
TITLE = "Kuaidi100 快递100"
ZONE = "Asia/Shanghai"
ABROAD = "dest"
"""The feed of `destResult`."""
STOPS = ("shutdown", "abort")
ANSWER = '{"result":true,"returnCode":"200","message":"成功"}'.encode()

CODES = code_map("""
    0     in_transit.moving
    1001  in_transit.arrived_city
    1002  in_transit.moving
    1003  in_transit.rerouted
    1     picked_up.accepted
    101   info_received.label_created
    102   info_received.awaiting_pickup
    103   picked_up.accepted
    2     exception.other
    201   exception.unsigned_overdue
    202   exception.stale
    203   exception.refused
    204   attempt_failed.other
    205   exception.unclaimed
    206   exception.unreachable
    207   exception.out_of_area
    208   exception.held
    209   exception.damaged
    210   cancelled.voided
    3     delivered.delivered
    301   delivered.signed
    302   delivered.after_exception
    303   delivered.proxy
    304   delivered.locker
    4     returned.received
    401   cancelled.voided
    14    exception.refused
    5     out_for_delivery.out
    501   available_for_pickup.locker
    6     returning.in_transit
    7     in_transit.handed_over
    8     customs.processing
    10    customs.presented
    11    customs.processing
    12    customs.released
    13    customs.held
""")
# The labels of the main codes, which stand alone in a row when the shop subscribed with resultv2=1.
_LABELS = {"在途": "0", "揽收": "1", "疑难": "2", "签收": "3", "退签": "4", "拒签": "14", "派件": "5", "退回": "6",
           "转投": "7", "清关": "8"}  # fmt: skip
CODES |= {label: CODES[code] for label, code in _LABELS.items()}


def verify(message: Message, secrets: Sequence[str]) -> bool:
    """`sign` is the MD5 of `param` and the salt, in upper or lower case. A shop that set no salt gets no sign."""
    try:
        fields = read_form(message.body)
    except Unusable:
        return False
    sign = fields.get("sign", "").upper()
    if not secrets:
        return not sign
    return any(same(sign, _sign(fields.get("param", ""), salt)) for salt in secrets)


def reply(received_at: datetime) -> Reply:
    """What Kuaidi100 compares; anything else is sent again."""
    return Reply(ANSWER, "application/json; charset=utf-8")


def parse(message: Message, setting: Setting) -> list[Told]:
    """One waybill; two lists when it went abroad."""
    pushed = read_object(read_form(message.body).get("param", ""))
    if not isinstance(pushed.get("lastResult"), Mapping):
        raise Unusable("last_result_missing", "The message has no lastResult; send the push as it was subscribed.")
    told = [_told(message, setting, pushed, pushed["lastResult"], "")]
    if rows(pushed, "destResult", "data"):
        told.append(_told(message, setting, pushed, {**pushed["destResult"], "nu": told[0].number}, ABROAD))
    return told


def _told(message: Message, setting: Setting, pushed: Mapping[str, Any], result: Mapping[str, Any], feed: str) -> Told:
    number = number_of(result.get("nu"))
    # State 0 is "in transit", a number or a text; `status` next to it is only the answer's transport code.
    state = words(result.get("state"), "raw_code")
    zone = ZONE if feed != ABROAD else ""
    traces = [_trace(row, zone, setting) for row in reversed(rows(result, "data"))]
    read = scans_of(traces, of_parcel=state, codes=CODES, source=CODE, feed=feed, at=message.received_at)
    watch = words(pushed.get("status"), "raw_status")
    carrier, corrected = _carriers(pushed, result, feed)
    return Told(
        number,
        read.scans,
        carrier=carrier,
        feed=feed,
        snapshot=read.coded and bool(read.scans),
        eta=_eta(result, setting),
        stopped=watch in STOPS,
        note=(words(pushed.get("message")) or watch) if watch in STOPS else "",
        corrected_carrier=corrected,
        origin_country=_country(part(result, "routeInfo", "from", "number")),
        dest_country=_country(part(result, "routeInfo", "to", "number")),
        provider_status=state,
    )


def _trace(row: Mapping[str, Any], zone: str, setting: Setting) -> Trace:
    label = words(row.get("status"), "raw_status")
    areas = [area for area in words(row.get("areaName"), "city").split(",") if area]
    at = None
    for name in ("ftime", "time"):
        at = at or moment(row.get(name), carrier_zone=zone, shop_zone=setting.zone)
    return Trace(
        at,
        words(row.get("statusCode"), "raw_code") or label,
        words(row.get("context")),
        label,
        city=(areas[1] if len(areas) > 1 else "".join(areas)),
        country=_country(row.get("areaCode")),
    )


def _carriers(pushed: Mapping[str, Any], result: Mapping[str, Any], feed: str) -> tuple[str, str]:
    """The carrier under which the number was subscribed, and the right one if that was wrong."""
    found, old, new = (
        words(value, "carrier").lower() for value in (result.get("com"), pushed.get("comOld"), pushed.get("comNew"))
    )
    if feed == ABROAD:
        return found, ""
    subscribed = (old if new else "") or found
    return subscribed, new if new != subscribed else ""


def _country(area: object) -> str:
    """The country of an area's code such as CN370112005000."""
    return two_letters(words(area)[:2])


def _eta(result: Mapping[str, Any], setting: Setting) -> Eta | None:
    text = words(result.get("arrivalTime"))  # sometimes only to the hour: 2026-08-22 18
    return eta(text, country="CN", shop_zone=setting.zone) or eta(f"{text}:00", country="CN", shop_zone=setting.zone)


def _sign(param: str, salt: str) -> str:
    text = f"{param}{salt}".encode("utf-8", "surrogatepass")
    return hashlib.md5(text, usedforsecurity=False).hexdigest().upper()
