"""Asendia: the answer of the Sync API about one parcel."""

from collections.abc import Iterator, Mapping
from typing import Any

from orders.carriers.answers import ASKED, Event, asked_number, refusal, told, two_letters, unexpected, unfound
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import read_object, rows, words
from orders.carriers.times import moment

CODE = "asendia"
TITLE = "Asendia"
HEADERS = (ASKED,)

CODES = code_map("""
    PU  picked_up.accepted
    IT  in_transit.moving
    DL  delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one parcel."""
    answer = read_object(message.body)
    if "trackingEvents" not in answer and "status" in answer:
        if words(answer.get("status")) == "404":
            return [unfound(CODE, message, text=answer.get("detail"))]
        raise refusal(TITLE, answer.get("status"), answer.get("detail") or answer.get("title"))
    if not isinstance(answer.get("trackingEvents"), list):
        raise unexpected(TITLE, "trackingEvents")
    return [told(CODE, CODES, message, asked_number(message, answer.get("trackingNumber")), _events(answer, setting))]


def _events(answer: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(answer, "trackingEvents"):
        city, country = words(line.get("locationName")), words(line.get("locationCountry"))
        yield Event(
            code=words(line.get("code")),
            at=moment(line.get("time"), country=country, city=city, shop_zone=setting.zone),
            text=words(line.get("carrierEventDescription")),
            city=city,
            country=two_letters(country),
        )
