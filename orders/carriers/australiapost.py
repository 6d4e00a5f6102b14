"""Australia Post: the answer of the Shipping and Tracking API. Its events have words and no codes.

The words, without the name of a place at their end, in small letters and with dashes, are the code.
"""

import re
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
from orders.carriers.reading import read_object, rows, words
from orders.carriers.times import moment

CODE = "australiapost"
TITLE = "Australia Post"
HEADERS = (ASKED,)
NO_PLACE = "Transit Scan"
NOT_FOUND = frozenset({"ESB-10001", "ESB-10002"})
STATES = frozenset({"ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"})
NAMED_PLACE = re.compile(r"(?<= in)(?! Customs$)( [A-Z][\w'.-]*)+$")

CODES = code_map("""
    shipping-information-received-by-australia-post  info_received.label_created
    shipping-information-approved-by-australia-post  info_received.label_created
    received-by-australia-post                       picked_up.accepted
    received-item-from-sender-outbound               picked_up.accepted
    processed-by-air-carrier                         in_transit.moving
    in-transit-to-next-facility-in                   in_transit.moving
    item-processed-at-facility                       in_transit.arrived_facility
    arrived-at-facility                              in_transit.arrived_facility
    processed-at-export-facility                     in_transit.arrived_facility
    despatch-parcels-from-export-facility            in_transit.departed_facility
    cleared-and-awaiting-international-departure     in_transit.moving
    arrived-in                                       in_transit.arrived_country
    arrived-awaiting-clearance-inbound               customs.presented
    item-is-in-customs                               customs.processing
    item-cleared-by-customs                          customs.released
    onboard-for-delivery                             out_for_delivery.out
    delivered                                        delivered.delivered
    delivered-left-in-a-safe-place                   delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer: one parcel per article, also where articles stand inside a consignment."""
    answer = read_object(message.body)
    for error in rows(answer, "errors"):
        raise refusal(TITLE, error.get("code"), error.get("message") or error.get("name"))
    results = rows(answer, "tracking_results")
    if not results:
        raise unexpected(TITLE, "tracking_results")
    return those_read(each for result in results for each in _result(message, setting, result))


def _result(message: Message, setting: Setting, result: Mapping[str, Any]) -> Iterator[Told | Unusable]:
    asked = result.get("tracking_id")
    for error in rows(result, "errors"):
        code, text = words(error.get("code")), error.get("message") or error.get("name")
        yield unfound(CODE, message, asked, text) if code in NOT_FOUND else refusal(TITLE, code, text)
    for item in rows(result, "trackable_items"):
        for article in rows(item, "items") or [item]:
            number = asked_number(message, article.get("article_id") or asked)
            about = About(provider_status=words(article.get("status") or result.get("status")))
            yield told(CODE, CODES, message, number, _events(article, setting), about)


def _events(article: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(article, "events"):
        text, place = words(line.get("description")), words(line.get("location"))
        yield Event(
            code="-".join(re.findall(r"\w+", NAMED_PLACE.sub("", text).lower())),
            at=moment(line.get("date"), country=_country(place), shop_zone=setting.zone),
            text=text,
            city="" if place == NO_PLACE or two_letters(place) else place,
            country=_country(place),
        )


def _country(place: str) -> str:
    if place.rpartition(" ")[2] in STATES:
        return "AU"
    return two_letters(place) or two_letters(place.rpartition(" ")[2].strip("()")) if place != NO_PLACE else ""
