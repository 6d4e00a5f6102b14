"""Teleship: the answer of the tracking API about one parcel."""

from collections.abc import Iterator, Mapping
from typing import Any

from orders.carriers.answers import ASKED, About, Event, asked_number, refusal, told, two_letters, unexpected, unfound
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import eta, moment

CODE = "teleship"
TITLE = "Teleship"
HEADERS = (ASKED,)

CODES = code_map("""
    collected         picked_up.accepted
    in_hub            in_transit.arrived_facility
    in_transit        in_transit.moving
    customs_cleared   customs.released
    out_for_delivery  out_for_delivery.out
    delivered         delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one parcel."""
    answer = read_object(message.body)
    for error in rows(answer, "messages") if "events" not in answer else ():
        if words(error.get("code")) == "404":
            return [unfound(CODE, message, text=error.get("message"))]
        raise refusal(TITLE, error.get("code"), error.get("message"))
    if not isinstance(answer.get("events"), list):
        raise unexpected(TITLE, "events")
    to = part(answer, "shipTo", "address")
    about = About(
        eta=eta(
            answer.get("estimatedDelivery"),
            country=words(part(to, "country")),
            region=words(part(to, "state")),
            city=words(part(to, "city")),
            shop_zone=setting.zone,
        ),
        origin_country=two_letters(part(answer, "shipFrom", "address", "country")),
        dest_country=two_letters(part(to, "country")),
        provider_status=words(answer.get("status")),
    )
    number = asked_number(message, answer.get("trackingNumber"))
    return [told(CODE, CODES, message, number, _events(answer, setting), about)]


def _events(answer: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(answer, "events"):
        place = words(line.get("location"))
        city, _, country = place.rpartition(", ")
        known = two_letters(country) if city else ""
        yield Event(
            code=words(line.get("code")),
            at=moment(line.get("timestamp"), country=known, city=city, shop_zone=setting.zone),
            text=words(line.get("description")),
            city=city if known else place,
            country=known,
        )
