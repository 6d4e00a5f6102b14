"""UPS: the answer of Tracking API v1 to a question by inquiry number."""

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
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import Moment, moment

CODE = "ups"
TITLE = "UPS"
HEADERS = (ASKED,)
NOT_FOUND = frozenset({"TW0001", "TV1002"})

# The type of the status, and after a slash its code where it says more.
CODES = code_map("""
    M  info_received.label_created
    MV  cancelled.voided
    P  picked_up.accepted
    I  in_transit.moving
    I/AR  in_transit.arrived_facility
    I/DP  in_transit.departed_facility
    I/OT  out_for_delivery.out
    O  out_for_delivery.out
    X  exception.other
    X/SR  customs.released
    D  delivered.delivered
    RS  returning.in_transit
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer: one parcel per package."""
    answer = read_object(message.body)
    for error in rows(answer, "response", "errors"):
        if words(error.get("code")) in NOT_FOUND:
            return [unfound(CODE, message, text=error.get("message"))]
        raise refusal(TITLE, error.get("code"), error.get("message"))
    shipments = rows(answer, "trackResponse", "shipment")
    if not shipments:
        raise unexpected(TITLE, "trackResponse.shipment")
    return those_read(each for shipment in shipments for each in _shipment(message, setting, shipment))


def _shipment(message: Message, setting: Setting, shipment: Mapping[str, Any]) -> Iterator[Told | Unusable]:
    packages = rows(shipment, "package")
    for package in packages:
        number = asked_number(message, package.get("trackingNumber") or shipment.get("inquiryNumber"))
        about = About(provider_status=words(part(package, "currentStatus", "type")))
        yield told(CODE, CODES, message, number, _events(package, setting), about)
    for warning in rows(shipment, "warnings") if not packages else ():
        code, text = words(warning.get("code")), warning.get("message")
        known = code in NOT_FOUND
        yield unfound(CODE, message, shipment.get("inquiryNumber"), text) if known else refusal(TITLE, code, text)


def _events(package: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(package, "activity"):
        kind, code = words(part(line, "status", "type")), words(part(line, "status", "code"))
        exact = f"{kind}/{code}"
        yield Event(
            code=exact if exact in CODES else kind,
            at=_moment(line, setting),
            text=words(part(line, "status", "description")),
            city=words(part(line, "location", "address", "city")),
            country=two_letters(part(line, "location", "address", "countryCode")),
            raw_status=f"{kind} {code} {words(part(line, 'status', 'statusCode'))}",
        )


def _moment(line: Mapping[str, Any], setting: Setting) -> Moment | None:
    utc = f"{words(line.get('gmtDate'))} {words(line.get('gmtTime'))}"
    return moment(
        f"{words(line.get('date'))} {words(line.get('time'))}{words(line.get('gmtOffset'))}",
        utc=utc.strip() or None,
        country=words(part(line, "location", "address", "countryCode")),
        region=words(part(line, "location", "address", "stateProvince")),
        city=words(part(line, "location", "address", "city")),
        shop_zone=setting.zone,
    )
