"""EasyPost: an Event that wraps a full Tracker, or the Tracker itself when it was asked for.

`X-Hmac-Signature` is "hmac-sha256-hex=" and HMAC-SHA256 of the raw body; the key is the secret in form NFKD. A raw
code is the status and, when there is one, the detail: "in_transit/held".
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from orders.carriers.base import Eta, Message, Setting, Told, Unusable, code_map
from orders.carriers.checkpoints import Checkpoint, scans_of
from orders.carriers.reading import hmac_sha256, number_of, part, read_object, rows, same, words
from orders.carriers.times import Moment, eta, moment
from orders.carriers.zones import country_code
from orders.statuses import Canonical

CODE = "easypost"
TITLE = "EasyPost"
SIGNATURE, PREFIX = "x-hmac-signature", "hmac-sha256-hex="
HEADERS = (SIGNATURE,)

STATUSES = code_map("""
    unknown               unknown.unmapped_code
    pre_transit           info_received.label_created
    in_transit            in_transit.moving
    out_for_delivery      out_for_delivery.out
    delivered             delivered.delivered
    available_for_pickup  available_for_pickup.ready
    return_to_sender      returning.in_transit
    failure               exception.undeliverable
    cancelled             cancelled.voided
    error                 unknown.source_error
""")
DETAILS = code_map("""
    address_correction                  exception.address
    arrived_at_destination              in_transit.arrived_city
    arrived_at_facility                 in_transit.arrived_facility
    arrived_at_pickup_location          available_for_pickup.ready
    awaiting_information                exception.info_required
    cancelled                           cancelled.voided
    damaged                             exception.damaged
    delayed                             exception.delayed
    delivery_exception                  attempt_failed.other
    departed_facility                   in_transit.departed_facility
    departed_origin_facility            in_transit.departed_facility
    expired                             expired.no_result
    failure                             exception.undeliverable
    held                                exception.held
    in_transit                          in_transit.moving
    label_created                       info_received.label_created
    lost                                exception.lost
    missorted                           exception.delayed_processing
    out_for_delivery                    out_for_delivery.out
    received_at_destination_facility    in_transit.arrived_facility
    received_at_origin_facility         picked_up.accepted
    refused                             exception.refused
    return                              returning.in_transit
    transferred_to_destination_carrier  in_transit.handed_over
    transit_exception                   exception.other
    weather_delay                       exception.delayed_weather
""")
EMPTY = ("status_update", "unknown")
"""Details that add nothing to the status."""
VAGUE = ("unknown", "pre_transit", "in_transit")
"""Statuses that any detail may refine."""


def _refined(status: str, detail: str) -> Canonical | None:
    """What the two mean together: a detail refines its own status and a vague one, and bad news outweighs neutral
    news. None where one says that the journey ended and the other that it ended otherwise: nobody should guess.
    """
    whole, fine = STATUSES[status], DETAILS[detail]
    if status == "error" or whole == fine:
        return whole
    ended = whole.about.is_terminal or fine.about.is_terminal
    if fine.about.is_exception or fine.about.is_terminal:
        return None if ended else fine
    return fine if status in VAGUE else whole


CODES: dict[str, Canonical] = (
    STATUSES
    | {f"{status}/{detail}": whole for status, whole in STATUSES.items() for detail in EMPTY}
    | {
        f"{status}/{detail}": refined
        for status in STATUSES
        for detail in DETAILS
        if (refined := _refined(status, detail))
    }
)


def verify(message: Message, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets signed the raw body."""
    told = message.headers.get(SIGNATURE, "")
    keys = [unicodedata.normalize("NFKD", secret) for secret in secrets if secret]
    return any(same(told, PREFIX + hmac_sha256(key, message.body).hexdigest()) for key in keys)


def parse(message: Message, setting: Setting) -> list[Told]:
    """One parcel; nothing for events about anything but a tracker."""
    body = read_object(message.body)
    tracker = body.get("result", body)
    if not isinstance(tracker, Mapping):
        raise Unusable("result_missing", "The event has no result object; send EasyPost's webhook as it comes.")
    if tracker.get("object", "Tracker") != "Tracker":
        return []
    number = number_of(tracker.get("tracking_code"))
    told = Told(
        number,
        carrier=words(tracker.get("carrier"), "carrier"),
        eta=_eta(tracker, setting),
        origin_country=country_code(words(part(tracker, "carrier_detail", "origin_tracking_location", "country"))),
        dest_country=country_code(words(part(tracker, "carrier_detail", "destination_tracking_location", "country"))),
        provider_status=_code(tracker),
    )
    as_of = moment(tracker.get("updated_at"))
    listed = [_checkpoint(row, setting) for row in rows(tracker, "tracking_details")]
    snapshot = any(line.at for line in listed)
    if not snapshot:
        # The status of the whole is all there is. Scans that come later take its place.
        listed = [Checkpoint(code=_code(tracker), at=as_of or Moment(message.received_at, "second", "provider"))]
        listed = listed if CODES.get(_code(tracker), STATUSES["unknown"]).status != "unknown" else []
    scans = scans_of(listed, source=CODE, codes=CODES, message=message, is_return=tracker.get("is_return") is True)
    return [replace(told, scans=scans, snapshot=snapshot, as_of=as_of.at if as_of else None)]


def _code(row: Mapping[str, Any]) -> str:
    status, detail = words(row.get("status"), "raw_code"), words(row.get("status_detail"), "raw_code")
    return words(f"{status}/{detail}" if detail else status, "raw_code")


def _checkpoint(row: Mapping[str, Any], setting: Setting) -> Checkpoint:
    place = row.get("tracking_location")
    country, city = country_code(words(part(place, "country"))), words(part(place, "city"), "city")
    region = words(part(place, "state"))
    return Checkpoint(
        code=_code(row),
        at=moment(row.get("datetime"), country=country, region=region, city=city, shop_zone=setting.zone),
        raw_status=words(row.get("carrier_code"), "raw_status"),
        text=words(row.get("message")),
        city=city,
        country=country,
    )


def _eta(tracker: Mapping[str, Any], setting: Setting) -> Eta | None:
    """The carrier's local date, else the time that EasyPost reckons; of USPS the destination is at home unless told."""
    detail = part(tracker, "carrier_detail")
    to = part(detail, "destination_tracking_location")
    country = words(part(to, "country")) or ("US" if tracker.get("carrier") == "USPS" else "")
    city = words(part(to, "city"), "city") or words(part(detail, "destination_location"), "city")
    place = {"country": country, "region": words(part(to, "state")), "city": city, "shop_zone": setting.zone}
    return eta(part(detail, "est_delivery_date_local"), **place) or eta(tracker.get("est_delivery_date"), **place)
