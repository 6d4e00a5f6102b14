"""DHL Express: the answer of the XML Services (known-number tracking). Its times are local to the service area."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from orders.carriers.answers import (
    ASKED,
    About,
    Event,
    asked_number,
    child,
    each,
    refusal,
    said,
    those_read,
    told,
    two_letters,
    unexpected,
    unfound,
)
from orders.carriers.base import Message, Setting, Told, Unusable, code_map
from orders.carriers.reading import read_xml
from orders.carriers.times import eta, moment

CODE = "dhl_express"
TITLE = "DHL Express"
HEADERS = (ASKED,)
NOT_FOUND = "103"

# DHL's checkpoint codes, the same in all interfaces of DHL Express.
CODES = code_map("""
    SA  picked_up.accepted
    PU  picked_up.accepted
    PL  in_transit.moving
    RW  in_transit.moving
    TR  in_transit.moving
    CU  in_transit.moving
    SM  in_transit.moving
    AF  in_transit.arrived_facility
    AR  in_transit.arrived_facility
    CI  in_transit.arrived_facility
    DF  in_transit.departed_facility
    PO  in_transit.departed_facility
    TP  in_transit.handed_over
    FD  in_transit.rerouted
    BN  customs.presented
    IC  customs.processing
    CR  customs.released
    CD  customs.held
    UD  customs.held
    WC  out_for_delivery.out
    AD  out_for_delivery.scheduled
    CC  available_for_pickup.ready
    NH  attempt_failed.no_one
    CA  attempt_failed.closed
    RD  exception.refused
    BA  exception.address
    CM  exception.address
    OH  exception.held
    HP  exception.payment_held
    MC  exception.delayed_processing
    MS  exception.delayed_processing
    MD  exception.delayed
    TD  exception.delayed
    DM  exception.damaged
    DS  exception.disposed
    PD  delivered.partial
    OK  delivered.delivered
    RT  returning.in_transit
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer: one parcel per waybill."""
    root = read_xml(message.body)
    waybills = list(each(root, "AWBInfo"))
    if not waybills:
        for condition in each(root, "Condition"):
            raise refusal(TITLE, said(condition, "ConditionCode"), said(condition, "ConditionData"))
        raise unexpected(TITLE, "AWBInfo")
    return those_read(_waybill(message, setting, waybill) for waybill in waybills)


def _waybill(message: Message, setting: Setting, waybill: Element) -> Told | Unusable:
    number, shipment = said(waybill, "AWBNumber"), child(waybill, "ShipmentInfo")
    if shipment is None:
        condition = child(waybill, "Status", "Condition")
        code, text = said(condition, "ConditionCode"), said(condition, "ConditionData")
        return unfound(CODE, message, number, text) if code == NOT_FOUND else refusal(TITLE, code, text)
    about = About(
        carrier="dhl",
        eta=eta(said(shipment, "EstDlvyDate").replace("GMT", ""), shop_zone=setting.zone),
        origin_country=two_letters(said(shipment, "Shipper", "CountryCode")),
        dest_country=two_letters(said(shipment, "Consignee", "CountryCode")),
    )
    return told(CODE, CODES, message, asked_number(message, number), _events(shipment, setting), about)


def _events(shipment: Element, setting: Setting) -> Iterator[Event]:
    for line in each(shipment, "ShipmentEvent"):
        area = said(line, "ServiceArea", "Description")
        city, country = place(area)
        yield Event(
            code=said(line, "ServiceEvent", "EventCode"),
            at=moment(f"{said(line, 'Date')} {said(line, 'Time')}", country=country, city=city, shop_zone=setting.zone),
            text=said(line, "ServiceEvent", "Description"),
            city=area,
        )


def place(area: str) -> tuple[str, str]:
    """City and country of a service area such as "Milan - Italy" or "KINGSTON-JAM"."""
    city, _, country = area.replace(" - ", "-").rpartition("-")
    return (city, country) if city else (country, "")
