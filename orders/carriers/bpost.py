"""bpost: the answer of the Shipping Manager's item tracking (XML). Its times bear their offset."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from orders.carriers.answers import (
    ASKED,
    About,
    Event,
    asked_number,
    each,
    local_name,
    refusal,
    said,
    told,
    two_letters,
    unexpected,
)
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import read_xml
from orders.carriers.times import moment

CODE = "bpost"
TITLE = "bpost"
HEADERS = (ASKED,)
ZONE = "Europe/Brussels"

CODES = code_map("""
    T00  in_transit.moving
    L00  out_for_delivery.out
    U01  delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer: one parcel per item."""
    root = read_xml(message.body)
    if local_name(root).endswith("Exception"):
        raise refusal(TITLE, local_name(root), said(root, "message"))
    items = list(each(root, "itemTracking"))
    if not items:
        raise unexpected(TITLE, "itemTracking")
    return [_item(message, setting, item) for item in items]


def _item(message: Message, setting: Setting, item: Element) -> Told:
    about = About(
        origin_country=two_letters(said(item, "sender", "address", "countryCode")),
        dest_country=two_letters(said(item, "addressee", "address", "countryCode")),
    )
    return told(CODE, CODES, message, asked_number(message, said(item, "itemCode")), _events(item, setting), about)


def _events(item: Element, setting: Setting) -> Iterator[Event]:
    for line in each(item, "stateInfo"):
        yield Event(
            code=said(line, "stateCode"),
            at=moment(said(line, "time"), carrier_zone=ZONE, shop_zone=setting.zone),
            text=said(line, "stateDescription"),
        )
