"""SmartKargo: the answer of the tracking API for a package reference, a list of events of all its pieces.

Events that partners tell also bear the place and its time zone; elsewhere the time is that of an airport.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orders.carriers.answers import ASKED, About, Event, asked_number, refusal, told, two_letters, unexpected, unfound
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import part, read_json, rows, words
from orders.carriers.times import eta, moment

CODE = "smartkargo"
TITLE = "SmartKargo"
HEADERS = (ASKED,)

# The codes of IATA's Cargo-IMP status messages; DDL and PND as SmartKargo's own texts tell them.
CODES = code_map("""
    BKD  info_received.label_created
    RCS  picked_up.accepted
    MAN  in_transit.moving
    PND  in_transit.moving
    DEP  in_transit.departed_facility
    ARR  in_transit.arrived_facility
    RCF  in_transit.arrived_facility
    CCD  customs.released
    DIS  exception.other
    DDL  delivered.delivered
    DLV  delivered.delivered
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one package: the number asked for, else the reference that the first event names."""
    answer = read_json(message.body)
    if part(answer, "error") is not None:
        code, text = part(answer, "error", "code"), part(answer, "error", "message")
        if code == "NOT_FOUND":
            return [unfound(CODE, message, text=text)]
        raise refusal(TITLE, code, text)
    lines = rows(answer)
    if not lines:
        raise unexpected(TITLE, "list of events")
    number = asked_number(message, message.headers.get(ASKED) or lines[0].get("packageReference"))
    about = About(eta=eta(lines[0].get("estimatedDeliveryDate"), shop_zone=setting.zone))
    return [told(CODE, CODES, message, number, _events(lines, setting), about)]


def _events(lines: Sequence[Mapping[str, Any]], setting: Setting) -> Iterator[Event]:
    for line in lines:
        country = words(part(line, "location", "countryId"))
        city = words(part(line, "location", "city")) or words(line.get("eventLocation"))
        yield Event(
            code=words(line.get("eventType")),
            at=moment(
                line.get("eventDate"),
                country=country,
                region=words(part(line, "location", "state")),
                city=city,
                # Of the place, though told by the carrier: as good as an offset.
                carrier_zone=words(part(line, "location", "timezone")),
                shop_zone=setting.zone,
            ),
            text=words(line.get("description")),
            city=city,
            country=two_letters(country),
            raw_status=words(line.get("pieceReference")),
        )
