"""Spring (cross-border parcels): the answer of the XBS API to TrackShipment. Each event bears its Unix time."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from orders.carriers.answers import ASKED, Event, asked_number, refusal, told, two_letters, unexpected, unfound
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import Moment, moment

CODE = "spring"
TITLE = "Spring"
HEADERS = (ASKED,)
NOT_FOUND = "not found"
LATEST = 4102444800
"""The end of 2099."""

CODES = code_map("""
    20   picked_up.accepted
    100  delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one parcel."""
    answer = read_object(message.body)
    level, error = words(answer.get("ErrorLevel")), words(answer.get("Error"))
    shipment = answer.get("Shipment")
    if not isinstance(shipment, Mapping):
        if NOT_FOUND in error.lower():
            return [unfound(CODE, message, text=error)]
        raise refusal(TITLE, level, error) if error else unexpected(TITLE, "Shipment")
    number = asked_number(message, shipment.get("TrackingNumber"))
    return [told(CODE, CODES, message, number, _events(shipment, setting))]


def _events(shipment: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(shipment, "Events"):
        yield Event(
            code=words(line.get("Code")),
            at=_moment(line, setting),
            text=words(line.get("Description")),
            city=words(line.get("City")),
            country=two_letters(line.get("Country")),
        )


def _moment(line: Mapping[str, Any], setting: Setting) -> Moment | None:
    second = part(line, "Timestamp")
    exact = isinstance(second, int) and not isinstance(second, bool) and 0 < second < LATEST
    return moment(
        line.get("DateTime"),
        utc=datetime.fromtimestamp(second, UTC).isoformat() if exact else None,
        country=words(line.get("Country")),
        region=words(line.get("State")),
        city=words(line.get("City")),
        shop_zone=setting.zone,
    )
