"""DHL, all divisions: the answer of the Shipment Tracking (Unified) API. Its codes only tell the rough stage."""

from collections.abc import Iterator, Mapping
from typing import Any

from orders.carriers.answers import ASKED, About, Event, asked_number, refusal, told, two_letters, unexpected, unfound
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import eta, moment

CODE = "dhl_universal"
TITLE = "DHL (Unified)"
HEADERS = (ASKED,)

CODES = code_map("""
    pre-transit  info_received.label_created
    transit      in_transit.moving
    delivered    delivered.delivered
    failure      exception.other
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer: one parcel per shipment."""
    answer = read_object(message.body)
    shipments = rows(answer, "shipments")
    if not shipments and "status" in answer:
        if words(answer.get("status")) == "404":
            return [unfound(CODE, message, text=answer.get("detail"))]
        raise refusal(TITLE, answer.get("status"), answer.get("detail"))
    if not shipments:
        raise unexpected(TITLE, "shipments")
    return [_shipment(message, setting, shipment) for shipment in shipments]


def _shipment(message: Message, setting: Setting, shipment: Mapping[str, Any]) -> Told:
    country = words(part(shipment, "destination", "address", "countryCode"))
    about = About(
        carrier="dhl",
        eta=eta(shipment.get("estimatedTimeOfDelivery"), country=country, shop_zone=setting.zone),
        origin_country=two_letters(part(shipment, "origin", "address", "countryCode")),
        dest_country=two_letters(country),
        provider_status=words(part(shipment, "status", "statusCode")),
    )
    return told(CODE, CODES, message, asked_number(message, shipment.get("id")), _events(shipment, setting), about)


def _events(shipment: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    latest = shipment.get("status")
    # Some divisions tell only the latest status and keep no list.
    lines = rows(shipment, "events") or ([latest] if isinstance(latest, Mapping) else [])
    for line in lines:
        address = part(line, "location", "address")
        city, country = words(part(address, "addressLocality")), words(part(address, "countryCode"))
        yield Event(
            code=words(line.get("statusCode")),
            at=moment(line.get("timestamp"), country=country, city=city, shop_zone=setting.zone),
            text=words(line.get("description")) or words(line.get("status")),
            city=city,
            country=two_letters(country),
            raw_status=words(line.get("status")),
        )
