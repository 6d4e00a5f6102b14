"""FedEx: the answer of Track API v1 to a question by tracking number.

One number may hold several shipments, each with its own unique id and list of scans: that id is the feed.
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
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import Moment, eta, moment

CODE = "fedex"
TITLE = "FedEx"
HEADERS = (ASKED,)
NOT_FOUND = "TRACKING.TRACKINGNUMBER.NOTFOUND"
REMARKS = frozenset({"AO", "AE"})
"""Forecasts (arriving on time, arriving early): the parcel was not scanned."""

# eventType, and after a slash the exceptionCode where it says more.
CODES = code_map("""
    OC  info_received.label_created
    OX  info_received.label_created
    AP  info_received.awaiting_pickup
    EP  info_received.awaiting_pickup
    PU  picked_up.accepted
    PX  picked_up.accepted
    IT  in_transit.moving
    IX  in_transit.moving
    PF  in_transit.moving
    PL  in_transit.moving
    PM  in_transit.moving
    TR  in_transit.moving
    AO  in_transit.moving
    AE  in_transit.moving
    AR  in_transit.arrived_facility
    AF  in_transit.arrived_facility
    AA  in_transit.arrived_facility
    AC  in_transit.arrived_facility
    AX  in_transit.arrived_facility
    FD  in_transit.arrived_facility
    OF  in_transit.arrived_facility
    SF  in_transit.arrived_facility
    DP  in_transit.departed_facility
    LO  in_transit.departed_facility
    CH  in_transit.rerouted
    CP  customs.processing
    CC  customs.released
    CD  customs.held
    OD  out_for_delivery.out
    HL  available_for_pickup.ready
    HP  available_for_pickup.ready
    DE  attempt_failed.other
    DE/03  attempt_failed.address
    DE/07  attempt_failed.refused
    DE/08  attempt_failed.no_one
    DE/A47  in_transit.rerouted
    DY  exception.delayed
    DD  exception.delayed
    SE  exception.other
    DL  delivered.delivered
    RS  returning.in_transit
    CA  cancelled.voided
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer: one parcel per number and shipment."""
    answer = read_object(message.body)
    for error in rows(answer, "errors"):
        raise refusal(TITLE, error.get("code"), error.get("message"))
    results = rows(answer, "output", "completeTrackResults")
    if not results:
        raise unexpected(TITLE, "output.completeTrackResults")
    return those_read(
        _shipment(message, setting, result.get("trackingNumber"), shipment)
        for result in results
        for shipment in rows(result, "trackResults")
    )


def _shipment(message: Message, setting: Setting, asked: object, shipment: Mapping[str, Any]) -> Told | Unusable:
    scans, code = rows(shipment, "scanEvents"), words(part(shipment, "error", "code"))
    text = part(shipment, "error", "message")
    number = asked or part(shipment, "trackingNumberInfo", "trackingNumber")
    if code and not scans:
        return unfound(CODE, message, number, text) if code == NOT_FOUND else refusal(TITLE, code, text)
    to = _address(shipment, "recipientInformation")
    about = About(
        feed=words(part(shipment, "trackingNumberInfo", "trackingNumberUniqueId")),
        eta=eta(
            part(shipment, "estimatedDeliveryTimeWindow", "window", "ends"),
            country=two_letters(to.get("countryCode")),
            region=words(to.get("stateOrProvinceCode")),
            city=words(to.get("city")),
            shop_zone=setting.zone,
        ),
        origin_country=two_letters(_address(shipment, "shipperInformation").get("countryCode")),
        dest_country=two_letters(to.get("countryCode")),
        provider_status=words(part(shipment, "latestStatusDetail", "code")),
    )
    return told(CODE, CODES, message, asked_number(message, number), _events(scans, setting), about)


def _address(shipment: Mapping[str, Any], party: str) -> Mapping[str, Any]:
    found = part(shipment, party, "address")
    return found if isinstance(found, Mapping) else {}


def _events(scans: Any, setting: Setting) -> Iterator[Event]:
    for scan in scans:
        kind, reason = words(scan.get("eventType")), words(scan.get("exceptionCode"))
        exact = f"{kind}/{reason}"
        yield Event(
            code=exact if exact in CODES else kind,
            at=_moment(scan, setting),
            text=words(scan.get("eventDescription")) + _because(scan),
            city=words(part(scan, "scanLocation", "city")),
            country=two_letters(part(scan, "scanLocation", "countryCode")),
            raw_status=f"{words(scan.get('derivedStatusCode'))} {reason}".strip(),
            is_remark=kind in REMARKS,
        )


def _moment(scan: Mapping[str, Any], setting: Setting) -> Moment | None:
    text = words(scan.get("date"))
    # Midnight without an offset is FedEx Ground's way to tell a day without an hour.
    return moment(
        text.removesuffix("T00:00:00"),
        country=words(part(scan, "scanLocation", "countryCode")),
        region=words(part(scan, "scanLocation", "stateOrProvinceCode")),
        city=words(part(scan, "scanLocation", "city")),
        shop_zone=setting.zone,
    )


def _because(scan: Mapping[str, Any]) -> str:
    reason = words(scan.get("exceptionDescription"))
    return f": {reason}" if reason else ""
