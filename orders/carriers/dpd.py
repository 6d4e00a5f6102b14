"""DPD: the answer of the ParcelLifeCycle service (SOAP). It repeats no number, and its times are American in form.

A stage that was not reached yet stands in the list without a time.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from orders.carriers.answers import ASKED, Event, asked_number, check_fault, each, said, told, two_letters, unexpected
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import read_xml
from orders.carriers.times import Moment, moment

CODE = "dpd"
TITLE = "DPD"
HEADERS = (ASKED,)
ZONE = "Europe/Brussels"
TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d):(\d\d) ([AP])M")
PLACE = re.compile(r"(.*?) ?\((\w\w)\)")

CODES = code_map("""
    PickedUp               picked_up.accepted
    BetweenDepots          in_transit.arrived_facility
    Depot                  in_transit.arrived_facility
    Courier                out_for_delivery.out
    ParcelShop             available_for_pickup.ready
    DeliveryFailure        attempt_failed.other
    ReturningFromDelivery  attempt_failed.other
    Delivered              delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one parcel."""
    root = read_xml(message.body)
    check_fault(TITLE, root)
    results = list(each(root, "trackingresult"))
    if not results:
        raise unexpected(TITLE, "trackingresult")
    return [told(CODE, CODES, message, asked_number(message), _events(result, setting)) for result in results]


def _events(result: Element, setting: Setting) -> Iterator[Event]:
    for line in each(result, "statusInfo"):
        if said(line, "statusHasBeenReached") == "false":
            continue
        found = PLACE.fullmatch(said(line, "location", "content"))
        city, country = found.groups() if found else (said(line, "location", "content"), "")
        yield Event(
            code=said(line, "status"),
            at=_moment(said(line, "date", "content"), country, city, setting),
            text=said(line, "description", "content", "content"),
            city=city,
            country=two_letters(country),
            raw_status=said(line, "label", "content"),
        )


def _moment(text: str, country: str, city: str, setting: Setting) -> Moment | None:
    found = TIME.fullmatch(text)
    if found:
        month, day, year, hour, minute, second = map(int, found.groups()[:6])
        hour = hour % 12 + 12 * (found[7] == "P")
        text = f"{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
    return moment(text, country=country, city=city, carrier_zone=ZONE, shop_zone=setting.zone)
