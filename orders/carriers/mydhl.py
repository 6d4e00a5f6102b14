"""DHL Express: the answer of the MyDHL API (REST, JSON). Its times are local, with an offset in newer versions."""

from collections.abc import Iterator, Mapping
from typing import Any

from orders.carriers import dhl_express
from orders.carriers.answers import ASKED, About, Event, asked_number, refusal, told, two_letters, unexpected, unfound
from orders.carriers.base import Message, Setting, Told
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import eta, moment

CODE = "mydhl"
TITLE = "DHL Express (MyDHL API)"
HEADERS = (ASKED,)
CODES = dhl_express.CODES


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
    to = part(shipment, "receiverDetails", "postalAddress")
    about = About(
        carrier="dhl",
        eta=eta(
            shipment.get("estimatedTimeOfDelivery"),
            country=words(part(to, "countryCode")),
            region=words(part(to, "provinceCode")),
            city=words(part(to, "cityName")),
            shop_zone=setting.zone,
        ),
        origin_country=two_letters(part(shipment, "shipperDetails", "postalAddress", "countryCode")),
        dest_country=two_letters(part(to, "countryCode")),
        provider_status=words(shipment.get("status")),
    )
    number = asked_number(message, shipment.get("shipmentTrackingNumber"))
    return told(CODE, CODES, message, number, _events(shipment, setting), about)


def _events(shipment: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(shipment, "events"):
        area = words(part(line, "serviceArea", 0, "description"))
        city, country = dhl_express.place(area)
        yield Event(
            code=words(line.get("typeCode")),
            at=moment(
                f"{words(line.get('date'))} {words(line.get('time'))}{words(line.get('GMTOffset'))}",
                country=country,
                city=city,
                shop_zone=setting.zone,
            ),
            text=words(line.get("description")),
            city=area,
        )
