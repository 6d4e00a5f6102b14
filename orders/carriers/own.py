"""The tracking events of our own API: the sender already speaks our list of statuses.

One event: {"status": "in_transit.arrived_facility", "occurred_at": "2026-08-20T09:58:00+08:00", "text": "Arrived",
"city": "Leeds", "country": "GB"}. Only `status` and `occurred_at` are required.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from orders.statuses import Canonical
from orders.timeline import Precision, Scan

SOURCE = "api"
MOST_EVENTS = 500
YEARS = range(2000, 2100)
PARTIES = ("carrier", "shipper", "consignee", "customs", "weather", "other")
LONGEST = {"status": 60, "code": 64, "text": 500, "city": 120, "country": 2, "occurred_at": 40, "recorded_at": 40}
FIELDS = (*LONGEST, "reason_party", "is_physical", "is_return", "seq")
LARGEST_SEQ = 2**31 - 1
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class BadEvent(ValueError):
    """An event that cannot be read: `field` names where, `remedy` says what to send instead."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}")
        self.field = field
        self.remedy = remedy


def parse_events(events: object, *, received_at: datetime, provider_key: str = "") -> list[Scan]:
    """Read a list of at most 500 events; BadEvent names the place, such as "events[3].occurred_at"."""
    if not isinstance(events, Sequence) or isinstance(events, str | bytes):
        raise BadEvent("events", "must be a list of events")
    if len(events) > MOST_EVENTS:
        raise BadEvent("events", f"holds {len(events)} events; send at most {MOST_EVENTS} at a time")
    scans = []
    for number, event in enumerate(events):
        try:
            scans.append(parse_event(event, received_at=received_at, provider_key=provider_key))
        except BadEvent as problem:
            place = f"events[{number}].{problem.field}".removesuffix(".")
            raise BadEvent(place, problem.remedy) from problem
    return scans


def parse_event(event: object, *, received_at: datetime, provider_key: str = "") -> Scan:
    """Read one event. `provider_key` tells apart senders that use the same API; times become UTC.

    Raises BadEvent for a missing, unknown, mistyped or overlong field and for a time without an offset.
    """
    if not isinstance(event, Mapping):
        raise BadEvent("", 'must be an object such as {"status": "delivered", "occurred_at": "2026-08-20T09:58:00Z"}')
    for name in event:
        if name not in FIELDS:
            raise BadEvent(str(name), f"is not a field of an event; fields are: {', '.join(FIELDS)}")
    word = _text(event, "status", required=True)
    canonical = _canonical(word)
    occurred_at, precision = _moment(_text(event, "occurred_at", required=True), "occurred_at")
    recorded = _text(event, "recorded_at")
    scan = Scan(
        occurred_at,
        *canonical,
        source=SOURCE,
        time_precision=precision,
        recorded_at=_moment(recorded, "recorded_at")[0] if recorded else None,
        received_at=received_at,
        raw_code=_text(event, "code"),
        raw_status=word,
        reason_party=_party(event),
        is_physical=_flag(event, "is_physical", default=canonical.about.is_physical),
        text=_text(event, "text"),
        city=_text(event, "city"),
        country=_country(event),
        provider_key=provider_key,
        seq=_seq(event),
    )
    return _of_return(scan) if _flag(event, "is_return", default=False) else scan


def _of_return(scan: Scan) -> Scan:
    """On its way back a parcel is never delivered to the buyer: the delivery is the sender's."""
    told = replace(scan, raw_status=f"{scan.raw_status} return")
    if scan.canonical.status != "delivered" or scan.canonical.sub_status == "partial":
        return told
    return replace(told, status="returned", sub_status="received")


def _canonical(word: str) -> Canonical:
    try:
        return Canonical.parse(word)
    except ValueError as problem:
        raise BadEvent("status", str(problem)) from problem


def _text(event: Mapping[object, object], field: str, *, required: bool = False) -> str:
    value = event.get(field)
    if value is None or (isinstance(value, str) and not value.strip()):
        if required:
            raise BadEvent(field, "is required")
        return ""
    if not isinstance(value, str):
        raise BadEvent(field, f"must be text, got {type(value).__name__}")
    value = value.strip()
    if len(value) > LONGEST[field]:
        raise BadEvent(field, f"has {len(value)} characters; send at most {LONGEST[field]}")
    # Neither can be stored: a database text holds no NUL, and half a surrogate pair is no character.
    if UNSTORABLE.search(value):
        raise BadEvent(field, "holds a character that cannot be stored; leave out NUL and lone surrogates")
    return value


def _moment(value: str, field: str) -> tuple[datetime, Precision]:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as problem:
        remedy = f"{value!r} is not a time; send ISO 8601 with an offset, such as 2026-08-20T09:58:00+08:00"
        raise BadEvent(field, remedy) from problem
    if moment.tzinfo is None:
        raise BadEvent(field, f"{value!r} has no offset; append +08:00 or Z")
    if moment.year not in YEARS:
        raise BadEvent(field, f"{value!r} lies outside the years {YEARS[0]} to {YEARS[-1]}")
    clock = value[11:].rstrip("Zz").split("+")[0].split("-")[0]
    return moment.astimezone(UTC), "minute" if clock.count(":") == 1 else "second"


def _country(event: Mapping[object, object]) -> str:
    code = _text(event, "country").upper()
    if code and not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise BadEvent("country", f"{code!r} is not a country; send its two-letter code, such as GB")
    return code


def _party(event: Mapping[object, object]) -> str:
    party = event.get("reason_party") or ""
    if party and party not in PARTIES:
        raise BadEvent("reason_party", f"{party!r} is not a party; use one of: {', '.join(PARTIES)}")
    return str(party)


def _flag(event: Mapping[object, object], field: str, *, default: bool) -> bool:
    value = event.get(field)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise BadEvent(field, f"must be true or false, got {value!r}")
    return value


def _seq(event: Mapping[object, object]) -> int:
    value = event.get("seq")
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST_SEQ:
        raise BadEvent("seq", f"must be a whole number from 0 to {LARGEST_SEQ}, oldest event first")
    return value
