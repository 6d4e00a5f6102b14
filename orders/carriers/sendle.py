"""Sendle: the answer of the tracking API about one parcel. It does not repeat the number."""

from collections.abc import Iterator, Mapping
from typing import Any

from orders.carriers.answers import ASKED, About, Event, asked_number, refusal, told, two_letters, unexpected, unfound
from orders.carriers.base import Message, Setting, Told
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import eta, moment
from orders.statuses import Canonical

CODE = "sendle"
TITLE = "Sendle"
HEADERS = (ASKED,)

# Sendle's codes are words for people to read.
CODES = {
    "Pickup Attempted": Canonical("info_received", "pickup_failed"),
    "Pickup": Canonical("picked_up", "accepted"),
    "Dropped Off": Canonical("picked_up", "accepted"),
    "In Transit": Canonical("in_transit", "moving"),
    "Out for Delivery": Canonical("out_for_delivery", "out"),
    "Delivery Attempted": Canonical("attempt_failed", "other"),
    "Damaged": Canonical("exception", "damaged"),
    "Delivered": Canonical("delivered", "delivered"),
}


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one parcel."""
    answer = read_object(message.body)
    if "error" in answer:
        text = answer.get("error_description")
        if answer["error"] == "not_found":
            return [unfound(CODE, message, text=text)]
        raise refusal(TITLE, answer["error"], text)
    if not isinstance(answer.get("tracking_events"), list):
        raise unexpected(TITLE, "tracking_events")
    country = two_letters(part(answer, "destination", "country"))
    about = About(
        eta=eta(part(answer, "scheduling", "estimated_delivery_date_maximum"), country=country, shop_zone=setting.zone),
        origin_country=two_letters(part(answer, "origin", "country")),
        dest_country=country,
        provider_status=words(answer.get("state")),
    )
    return [told(CODE, CODES, message, asked_number(message), _events(answer, setting), about)]


def _events(answer: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(answer, "tracking_events"):
        yield Event(
            code=words(line.get("event_type")),
            at=moment(line.get("display_time") or line.get("scan_time"), shop_zone=setting.zone),
            text=words(line.get("description")),
            city=words(line.get("location")),
            raw_status=words(line.get("reason")),
        )
