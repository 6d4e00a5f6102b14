"""Kdniao (快递鸟): a form with `RequestData` (JSON text of many parcels), `DataSign` and `RequestType`.

Some of its clients write `RequesType`. Rows have a code (`Action`) only in its newer service; in the older one the
parcel's `StateEx`, else `State`, is that of the newest row.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from json import dumps
from typing import Any
from zoneinfo import ZoneInfo

from orders.carriers.base import Message, Reply, Setting, Told, Unusable, code_map
from orders.carriers.reading import number_of, read_form, read_object, rows, same, words
from orders.carriers.times import eta, moment
from orders.carriers.traces import Trace, each_of, scans_of

CODE = "kdniao"
TITLE = "Kdniao 快递鸟"
ZONE = "Asia/Shanghai"
TRACES = ("101", "102")
"""Pushes of traces. Other types, such as 103 for orders, use the same fields and numbers with other meanings."""

CODES = code_map("""
    0    not_found.no_info
    10   info_received.awaiting_pickup
    1    picked_up.accepted
    2    in_transit.moving
    201  in_transit.arrived_city
    204  in_transit.arrived_facility
    205  in_transit.arrived_facility
    206  in_transit.departed_facility
    202  out_for_delivery.out
    211  available_for_pickup.locker
    3    delivered.delivered
    301  delivered.delivered
    302  delivered.after_exception
    304  delivered.proxy
    311  delivered.locker
    4    exception.other
    401  exception.no_first_scan
    402  exception.unsigned_overdue
    403  exception.stale
    404  exception.refused
    405  attempt_failed.other
    406  returned.received
    407  returning.in_transit
    412  exception.unclaimed
    413  returning.requested
    414  exception.damaged
    415  cancelled.voided
    416  exception.unreachable
    417  exception.delayed
    418  in_transit.moving
    419  out_for_delivery.out
    420  exception.address
    421  exception.unreachable
    422  exception.delayed_processing
    423  exception.out_of_area
    5    in_transit.handed_over
    6    customs.processing
    601  customs.presented
    602  customs.processing
    603  customs.released
    604  customs.held
""")


def verify(message: Message, secrets: Sequence[str]) -> bool:
    """`DataSign` is the base64 of the hexadecimal MD5 of `RequestData` and the application's key."""
    try:
        fields = read_form(message.body)
    except Unusable:
        return False
    told = fields.get("DataSign", "")
    return any(same(told, _sign(fields.get("RequestData", ""), secret)) for secret in secrets)


def answer(message: Message) -> Reply:
    """What Kdniao wants back: its customer's number, and the time in China."""
    try:
        fields = read_form(message.body)
        business = fields.get("EBusinessID") or words(read_object(fields.get("RequestData", "")).get("EBusinessID"))
    except Unusable:
        business = ""
    return _reply(message.received_at, words(business))


def reply(received_at: datetime) -> Reply:
    """The answer to a message of which nothing can be read."""
    return _reply(received_at, "")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Every parcel of the push that can be used."""
    fields = read_form(message.body)
    kind = (fields.get("RequestType") or fields.get("RequesType") or "").strip()
    if kind not in TRACES:
        raise Unusable("other_news", f"RequestType must be {' or '.join(TRACES)}, the push of traces.")
    pushed = read_object(fields.get("RequestData", ""))
    parcels = rows(pushed, "Data")
    if not parcels:
        raise Unusable("nothing_told", "RequestData.Data must be a list of parcels.")
    pushed_at = moment(pushed.get("PushTime"), carrier_zone=ZONE)
    as_of = pushed_at.at if pushed_at else None
    return each_of(parcels, lambda parcel: _told(message, setting, parcel, as_of))


def _told(message: Message, setting: Setting, parcel: Mapping[str, Any], as_of: datetime | None) -> Told:
    number = number_of(parcel.get("LogisticCode"))
    state = words(parcel.get("StateEx"), "raw_code") or words(parcel.get("State"), "raw_code")
    traces = [_trace(row, setting) for row in rows(parcel, "Traces")]
    read = scans_of(traces, of_parcel=state, codes=CODES, source=CODE, feed="", at=message.received_at)
    return Told(
        number,
        read.scans,
        carrier=words(parcel.get("ShipperCode"), "carrier"),
        snapshot=read.coded and bool(read.scans),
        as_of=as_of,
        eta=eta(parcel.get("EstimatedDeliveryTime"), country="CN", shop_zone=setting.zone),
        note=words(parcel.get("Reason")),
        provider_status=state,
    )


def _trace(row: Mapping[str, Any], setting: Setting) -> Trace:
    return Trace(
        moment(row.get("AcceptTime"), carrier_zone=ZONE, shop_zone=setting.zone),
        words(row.get("Action"), "raw_code"),
        words(row.get("AcceptStation")),
        city=words(row.get("Location"), "city"),
    )


def _reply(received_at: datetime, business: str) -> Reply:
    told = {
        "EBusinessID": business,
        "UpdateTime": f"{received_at.astimezone(ZoneInfo(ZONE)):%Y-%m-%d %H:%M:%S}",
        "Success": True,
        "Reason": "",
    }
    return Reply(dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


def _sign(data: str, key: str) -> str:
    text = f"{data}{key}".encode("utf-8", "surrogatepass")
    return base64.b64encode(hashlib.md5(text, usedforsecurity=False).hexdigest().encode()).decode()
