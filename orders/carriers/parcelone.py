"""Parcel.One: the answer of the tracking API about one parcel. It repeats no number; its times are German."""

from collections.abc import Iterator, Mapping
from typing import Any

from orders.carriers.answers import ASKED, About, Event, asked_number, refusal, told, unexpected
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import moment

CODE = "parcelone"
TITLE = "Parcel.One"
HEADERS = (ASKED,)
ZONE = "Europe/Berlin"

CODES = code_map("""
    REGISTERED        info_received.label_created
    IN_TRANSIT        in_transit.moving
    ARRIVED           in_transit.arrived_facility
    OUT_FOR_DELIVERY  out_for_delivery.out
    DELIVERED         delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one parcel."""
    answer = read_object(message.body)
    if words(answer.get("success")) in {"0", "-1"}:
        raise refusal(TITLE, answer.get("type"), answer.get("message"))
    if not isinstance(part(answer, "results", "Events"), list):
        raise unexpected(TITLE, "results.Events")
    about = About(provider_status=words(part(answer, "results", "StatusCode")))
    return [told(CODE, CODES, message, asked_number(message), _events(answer, setting), about)]


def _events(answer: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(answer, "results", "Events"):
        place = words(line.get("Location"))
        city, _, country = place.rpartition(", ")
        yield Event(
            code=words(line.get("StatusCode")),
            at=moment(
                line.get("DateTime"),
                country=country if city else "",
                city=city,
                carrier_zone=ZONE,
                shop_zone=setting.zone,
            ),
            text=words(line.get("Description")),
            city=place,
        )
