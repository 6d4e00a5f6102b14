"""GLS: the answer of the Track and Trace API. Beside its events it tells the parcel's status with a time of its own.

That status may be newer than every event, so it counts as one: a remark, for nobody scanned the parcel.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from orders.carriers.answers import (
    ASKED,
    About,
    Event,
    asked_number,
    refusal,
    those_read,
    told,
    two_letters,
    unexpected,
    unfound,
)
from orders.carriers.base import Message, Setting, Told, Unusable, code_map
from orders.carriers.reading import read_object, rows, words
from orders.carriers.times import moment

CODE = "gls"
TITLE = "GLS"
HEADERS = (ASKED,)
ZONE = "Europe/Berlin"
NOT_FOUND = "E_404"

# The codes of events hold a dot; those without one are statuses of the parcel.
CODES = code_map("""
    INTIAL.PREADVICE  info_received.label_created
    INTIAL.NORMAL     picked_up.accepted
    PREADVICE         info_received.label_created
    INTRANSIT         in_transit.moving
    INDELIVERY        out_for_delivery.out
    DELIVERED         delivered.delivered
    DELIVEREDPS       available_for_pickup.ready
    NOTDELIVERED      attempt_failed.other
    CANCELED          cancelled.voided
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer: one parcel per number."""
    answer = read_object(message.body)
    for error in rows(answer, "errors"):
        raise refusal(TITLE, error.get("code") or error.get("errorCode"), error.get("message"))
    parcels = rows(answer, "parcels")
    if not parcels:
        raise unexpected(TITLE, "parcels")
    return those_read(_parcel(message, setting, parcel) for parcel in parcels)


def _parcel(message: Message, setting: Setting, parcel: Mapping[str, Any]) -> Told | Unusable:
    number, code = parcel.get("unitno") or parcel.get("requested"), words(parcel.get("errorCode"))
    text = parcel.get("errorMessage")
    if code:
        return unfound(CODE, message, number, text) if code.startswith(NOT_FOUND) else refusal(TITLE, code, text)
    about = About(provider_status=words(parcel.get("status")))
    return told(CODE, CODES, message, asked_number(message, number), _events(parcel, setting), about)


def _events(parcel: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    last = Event(
        code=words(parcel.get("status")),
        at=moment(parcel.get("statusDateTime"), carrier_zone=ZONE, shop_zone=setting.zone),
        is_remark=True,
    )
    lines = [
        Event(
            code=words(line.get("code")),
            at=moment(
                line.get("eventDateTime"),
                country=words(line.get("country")),
                city=words(line.get("city")),
                carrier_zone=ZONE,
                shop_zone=setting.zone,
            ),
            text=words(line.get("description")),
            city=words(line.get("city")),
            country=two_letters(line.get("country")),
        )
        for line in rows(parcel, "events")
    ]
    if last.at and all(line.at is None or line.at.at < last.at.at for line in lines):
        yield last
    yield from lines
