"""USPS: the answer of Tracking API v3 to a question by tracking number."""

from collections.abc import Iterator, Mapping
from typing import Any

from orders.carriers.answers import ASKED, About, Event, asked_number, refusal, told, two_letters, unexpected, unfound
from orders.carriers.base import Message, Setting, Told, code_map
from orders.carriers.reading import part, read_object, rows, words
from orders.carriers.times import eta, moment

CODE = "usps"
TITLE = "USPS"
HEADERS = (ASKED,)

CODES = code_map("""
    GX  info_received.label_created
    MA  info_received.label_created
    03  picked_up.accepted
    80  picked_up.accepted
    PA  picked_up.accepted
    TM  picked_up.accepted
    TL  in_transit.moving
    PC  in_transit.moving
    07  in_transit.arrived_facility
    10  in_transit.arrived_facility
    81  in_transit.arrived_facility
    A1  in_transit.arrived_facility
    82  in_transit.departed_facility
    EF  in_transit.departed_facility
    SF  in_transit.departed_facility
    T1  in_transit.departed_facility
    06  in_transit.rerouted
    OF  out_for_delivery.out
    14  available_for_pickup.ready
    16  available_for_pickup.ready
    02  attempt_failed.other
    30  attempt_failed.access
    51  attempt_failed.closed
    52  attempt_failed.other
    53  attempt_failed.access
    54  attempt_failed.other
    55  attempt_failed.other
    56  attempt_failed.no_one
    04  exception.refused
    05  exception.undeliverable
    08  exception.delayed_processing
    15  exception.delayed_processing
    71  exception.delayed
    01  delivered.delivered
    44  returning.requested
    09  returning.in_transit
    21  returning.in_transit
    22  returning.in_transit
    23  returning.in_transit
    24  returning.in_transit
    25  returning.in_transit
    26  returning.in_transit
    27  returning.in_transit
    28  returning.in_transit
    29  returning.in_transit
    31  returning.in_transit
""")


def parse(message: Message, setting: Setting) -> list[Told]:
    """Read the answer about one parcel."""
    answer = read_object(message.body)
    error = answer.get("error")
    if error:
        code = part(error, "code") or error
        text = part(error, "message") or answer.get("error_description")
        if words(code) == "404":
            return [unfound(CODE, message, text=text)]
        raise refusal(TITLE, code, text)
    if not isinstance(answer.get("trackingEvents"), list):
        raise unexpected(TITLE, "trackingEvents")
    about = About(
        eta=eta(
            part(answer, "expectedDeliveryTimeStamp"),
            country="US",
            region=words(answer.get("destinationState")),
            city=words(answer.get("destinationCity")),
            shop_zone=setting.zone,
        ),
        provider_status=words(answer.get("statusCategory")),
    )
    number = asked_number(message, answer.get("trackingNumber"))
    return [told(CODE, CODES, message, number, _events(answer, setting), about)]


def _events(answer: Mapping[str, Any], setting: Setting) -> Iterator[Event]:
    for line in rows(answer, "trackingEvents"):
        country = two_letters(line.get("eventCountry")) or ("US" if words(line.get("eventState")) else "")
        yield Event(
            code=words(line.get("eventCode")),
            # The local time is cut to its minute and without an offset; the time in Greenwich is exact.
            at=moment(
                words(line.get("eventTimestamp")),
                utc=line.get("GMTTimestamp"),
                country=country,
                region=words(line.get("eventState")),
                city=words(line.get("eventCity")),
                shop_zone=setting.zone,
            ),
            text=words(line.get("eventType")),
            city=words(line.get("eventCity")),
            country=country,
        )
