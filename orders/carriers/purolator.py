"""Purolator: the answer of the tracking service `TrackPackagesByPin` (SOAP). Its times are local to the depot."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from orders.carriers.answers import ASKED, Event, asked_number, check_fault, each, refusal, said, told, unexpected
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import read_xml
from orders.carriers.times import moment

CODE = "purolator"
TITLE = "Purolator"
HEADERS = (ASKED,)
QUEBEC = {"PQ": "QC"}
"""Purolator writes Quebec as it was written before 1992."""

# "Other" stands for everything else, so it says nothing.
CODES = code_map("""
    ProofOfPickUp  picked_up.accepted
    OnDelivery     out_for_delivery.out
    Undeliverable  attempt_failed.other
    Delivery       delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer: one parcel per PIN."""
    root = read_xml(message.body)
    check_fault(TITLE, root)
    parcels = list(each(root, "TrackingInformation"))
    if not parcels:
        for error in each(root, "Error"):
            raise refusal(TITLE, said(error, "Code"), said(error, "Description"))
        raise unexpected(TITLE, "TrackingInformation")
    return [
        told(CODE, CODES, message, asked_number(message, said(parcel, "PIN", "Value")), _events(parcel, setting))
        for parcel in parcels
    ]


def _events(parcel: Element, setting: Setting) -> Iterator[Event]:
    for line in each(parcel, "Scan"):
        depot = said(line, "Depot", "Name")
        city, _, region = depot.rpartition(", ")
        yield Event(
            code=said(line, "ScanType"),
            at=moment(
                f"{said(line, 'ScanDate')} {said(line, 'ScanTime')}",
                country="CA",
                region=QUEBEC.get(region, region),
                city=city,
                shop_zone=setting.zone,
            ),
            text=said(line, "Description"),
            city=depot,
            country="CA",
        )
