"""Shippo: a Track, wrapped in an event when it is pushed. A raw code is the status and the sub-status' code.

How Shippo signs is not documented well enough to rely on; the guard is a token in the webhook's address,
`…?token=SECRET`, which the door hands over as the header `query-token`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from orders.carriers.base import Eta, Message, Setting, Told, Unusable, code_map
from orders.carriers.checkpoints import Checkpoint, scans_of
from orders.carriers.reading import number_of, part, read_object, rows, same, words
from orders.carriers.times import eta, moment
from orders.carriers.zones import country_code

CODE = "shippo"
TITLE = "Shippo"
TOKEN = "query-token"  # noqa: S105 (the name of the header, not the token)
HEADERS = (TOKEN,)
EVENT = "track_updated"

# A status alone serves an entry without a sub-status.
CODES = code_map("""
    PRE_TRANSIT                        info_received.label_created
    PRE_TRANSIT/information_received   info_received.label_created
    TRANSIT                            in_transit.moving
    TRANSIT/address_issue              exception.address
    TRANSIT/contact_carrier            exception.other
    TRANSIT/delayed                    exception.delayed
    TRANSIT/delivery_attempted         attempt_failed.other
    TRANSIT/delivery_rescheduled       out_for_delivery.scheduled
    TRANSIT/delivery_scheduled         out_for_delivery.scheduled
    TRANSIT/location_inaccessible      attempt_failed.access
    TRANSIT/notice_left                attempt_failed.no_one
    TRANSIT/out_for_delivery           out_for_delivery.out
    TRANSIT/package_accepted           picked_up.accepted
    TRANSIT/package_arrived            in_transit.arrived_facility
    TRANSIT/package_damaged            exception.damaged
    TRANSIT/package_departed           in_transit.departed_facility
    TRANSIT/package_forwarded          in_transit.rerouted
    TRANSIT/package_held               exception.held
    TRANSIT/package_processed          in_transit.moving
    TRANSIT/package_processing         in_transit.moving
    TRANSIT/pickup_available           available_for_pickup.ready
    TRANSIT/reschedule_delivery        attempt_failed.other
    DELIVERED                          delivered.delivered
    DELIVERED/delivered                delivered.delivered
    RETURNED                           returning.in_transit
    RETURNED/return_to_sender          returning.in_transit
    RETURNED/package_unclaimed         exception.unclaimed
    RETURNED/received                  returned.received
    FAILURE                            exception.undeliverable
    FAILURE/package_undeliverable      exception.undeliverable
    FAILURE/package_disposed           exception.disposed
    FAILURE/package_lost               exception.lost
    UNKNOWN                            unknown.unmapped_code
    UNKNOWN/other                      unknown.unmapped_code
""")
RECEIVED = "RETURNED/received"
"""Ours: Shippo has one status for the way back and for its end, and only the words tell them apart."""
BACK_HOME = re.compile(
    r"\s*(delivered|received)\b,?\s+(to|by)\s+(the\s+)?(original\s+)?(sender|shipper)\b", re.IGNORECASE
)


def verify(message: Message, secrets: Sequence[str]) -> bool:
    """Whether the address carried one of the tokens."""
    told = message.headers.get(TOKEN, "")
    return any(same(told, token) for token in secrets if token)


def parse(message: Message, setting: Setting) -> list[Told]:
    """One parcel; nothing for events about anything but tracking."""
    body = read_object(message.body)
    if words(body.get("event")) not in ("", EVENT):
        return []
    track = body.get("data", body)
    if not isinstance(track, Mapping):
        raise Unusable("data_missing", "The event has no data object; send Shippo's webhook as it comes.")
    latest = track.get("tracking_status")
    lines = [_checkpoint(row, setting) for row in rows(track, "tracking_history")]
    whole = any(line.at for line in lines)
    if not whole and isinstance(latest, Mapping):
        lines = [_checkpoint(latest, setting)]
    return [
        Told(
            number_of(track.get("tracking_number")),
            scans_of(lines, source=CODE, codes=CODES, message=message),
            carrier=words(track.get("carrier"), "carrier"),
            snapshot=whole,
            eta=_eta(track, setting),
            origin_country=country_code(words(part(track, "address_from", "country"))),
            dest_country=country_code(words(part(track, "address_to", "country"))),
            provider_status=_code(latest) if isinstance(latest, Mapping) else "",
        )
    ]


def _code(row: Mapping[str, Any]) -> str:
    """The status with the sub-status; a sub-status that nobody has read is not guessed from its status."""
    status, sub = words(row.get("status"), "raw_code"), words(part(row, "substatus", "code"), "raw_code")
    if status == "RETURNED" and sub in ("", "return_to_sender") and BACK_HOME.match(words(row.get("status_details"))):
        return RECEIVED
    return words(f"{status}/{sub}" if sub else status, "raw_code")


def _checkpoint(row: Mapping[str, Any], setting: Setting) -> Checkpoint:
    place = row.get("location")
    country, city = country_code(words(part(place, "country"))), words(part(place, "city"), "city")
    region = words(part(place, "state"))
    return Checkpoint(
        code=_code(row),
        at=moment(row.get("status_date"), country=country, region=region, city=city, shop_zone=setting.zone),
        # Shippo's own word that somebody must act, kept for the reader: our flag comes with the status.
        raw_status="action_required" if part(row, "substatus", "action_required") is True else "",
        text=words(row.get("status_details")) or words(part(row, "substatus", "text")),
        city=city,
        country=country,
    )


def _eta(track: Mapping[str, Any], setting: Setting) -> Eta | None:
    to = track.get("address_to")
    country, city = words(part(to, "country")), words(part(to, "city"), "city")
    return eta(track.get("eta"), country=country, region=words(part(to, "state")), city=city, shop_zone=setting.zone)
