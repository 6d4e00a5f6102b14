"""DHL Parcel Poland: the answer of DHL24 WebAPI2 `getTrackAndTraceInfo`. Its times are Polish."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from orders.carriers.answers import ASKED, About, Event, asked_number, check_fault, child, each, said, told, unexpected
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import read_xml
from orders.carriers.times import moment

CODE = "dhl_poland"
TITLE = "DHL Poland"
HEADERS = (ASKED,)
ZONE = "Europe/Warsaw"

CODES = code_map("""
    EDWP  info_received.label_created
    DWP   picked_up.accepted
    SORT  in_transit.arrived_facility
    LK    out_for_delivery.out
    DOR   delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one parcel."""
    root = read_xml(message.body)
    check_fault(TITLE, root)
    results = list(each(root, "getTrackAndTraceInfoResult"))
    if not results:
        raise unexpected(TITLE, "getTrackAndTraceInfoResult")
    about = About(carrier="dhl")
    return [
        told(CODE, CODES, message, asked_number(message, said(result, "shipmentId")), _events(result, setting), about)
        for result in results
    ]


def _events(result: Element, setting: Setting) -> Iterator[Event]:
    events = child(result, "events")
    for line in each(events, "item") if events is not None else ():
        yield Event(
            code=said(line, "status"),
            at=moment(said(line, "timestamp"), carrier_zone=ZONE, shop_zone=setting.zone),
            text=said(line, "description"),
            city=said(line, "terminal"),
        )
