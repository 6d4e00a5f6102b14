"""17TRACK v2.x: pushes, and answers to gettrackinfo. A parcel has one list for each carrier that handles it.

The signature in `sign` is SHA-256 of the raw body, a slash and the API key. The older v1 speaks other codes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from orders.carriers.base import Eta, Message, Setting, Told, Unusable, code_map
from orders.carriers.checkpoints import Checkpoint, scans_of
from orders.carriers.reading import number_of, part, read_object, rows, same, words
from orders.carriers.times import eta, moment
from orders.carriers.zones import country_code, zone_of

CODE = "17track"
TITLE = "17TRACK"
HEADERS = ("sign",)
UPDATED, STOPPED = "TRACKING_UPDATED", "TRACKING_STOPPED"

CODES = code_map("""
    NotFound_Other                          not_found.no_info
    NotFound_InvalidCode                    not_found.invalid_number
    InfoReceived                            info_received.label_created
    InTransit_PickedUp                      picked_up.accepted
    InTransit_Other                         in_transit.moving
    InTransit_Departure                     in_transit.departed_country
    InTransit_Arrival                       in_transit.arrived_country
    InTransit_CustomsProcessing             customs.processing
    InTransit_CustomsReleased               customs.released
    InTransit_CustomsRequiringInformation   customs.info_required
    Expired_Other                           expired.no_result
    AvailableForPickup_Other                available_for_pickup.ready
    OutForDelivery_Other                    out_for_delivery.out
    DeliveryFailure_Other                   attempt_failed.other
    DeliveryFailure_NoBody                  attempt_failed.unreachable
    DeliveryFailure_Security                attempt_failed.hold
    DeliveryFailure_Rejected                attempt_failed.refused
    DeliveryFailure_InvalidAddress          attempt_failed.address
    Delivered_Other                         delivered.delivered
    Exception_Other                         exception.other
    Exception_Returning                     returning.in_transit
    Exception_Returned                      returned.received
    Exception_NoBody                        exception.unreachable
    Exception_Security                      exception.security
    Exception_Damage                        exception.damaged
    Exception_Rejected                      exception.refused
    Exception_Delayed                       exception.delayed
    Exception_Lost                          exception.lost
    Exception_Destroyed                     exception.disposed
    Exception_Cancel                        cancelled.voided
""")


# The milestone that an event reached names it when it has no sub-status.
CODES |= {
    stage: CODES[code]
    for stage, code in {
        "PickedUp": "InTransit_PickedUp",
        "Departure": "InTransit_Departure",
        "Arrival": "InTransit_Arrival",
        "AvailableForPickup": "AvailableForPickup_Other",
        "OutForDelivery": "OutForDelivery_Other",
        "Delivered": "Delivered_Other",
        "Returning": "Exception_Returning",
        "Returned": "Exception_Returned",
    }.items()
}


def verify(message: Message, secrets: Sequence[str]) -> bool:
    """Whether the body was hashed with one of the keys."""
    told = message.headers.get("sign", "").lower()
    made = [_sign(message.body, key) for key in secrets if key]
    return any(same(told, each) for each in made)


def _sign(body: bytes, key: str) -> str:
    return hashlib.sha256(body + b"/" + key.encode("utf-8", "surrogatepass")).hexdigest()


def parse(message: Message, setting: Setting) -> list[Told]:
    """Every list of every parcel; nothing for numbers that 17TRACK rejected or has not looked at yet."""
    body = read_object(message.body)
    data = body.get("data")
    if not isinstance(data, Mapping):
        raise Unusable("data_missing", "The message has no data object; set the webhook's version to v2.")
    if "event" not in body:
        return _answered(body, message, setting)
    event = words(body.get("event"))
    if event == STOPPED:
        return [Told(number_of(data.get("number")), carrier=_carrier(data), stopped=True, note=STOPPED)]
    if event != UPDATED:
        raise Unusable("event_unknown", f"The event must be {UPDATED} or {STOPPED}.")
    return _of_parcel(data, message, setting)


def _answered(body: Mapping[str, Any], message: Message, setting: Setting) -> list[Told]:
    if body.get("code") != 0:
        raise Unusable(
            "carrier_error", f"17TRACK answered with the error {words(body.get('code')) or 'without a code'}."
        )
    if not isinstance(part(body, "data", "accepted"), list):
        raise Unusable("accepted_missing", "The answer has no data.accepted; ask gettrackinfo of v2.")
    known = [row for row in rows(body, "data", "accepted") if "track_info" in row or "track" in row]
    return [told for row in known for told in _of_parcel(row, message, setting)]


def _carrier(row: Mapping[str, Any]) -> str:
    told = words(row.get("carrier"), "carrier")
    return "" if told == "0" else told  # 0: not recognised yet


def _of_parcel(row: Mapping[str, Any], message: Message, setting: Setting) -> list[Told]:
    number, info = number_of(row.get("number")), row.get("track_info")
    if not isinstance(info, Mapping):
        raise Unusable("track_info_missing", "The parcel has no track_info; set the version to v2.")
    about = _about(number, row, info, setting)
    providers = rows(info, "tracking", "providers")
    if not any(rows(each, "events") for each in providers):
        # Without lists the newest event is all there is; its carrier is the only one, or the parcel's.
        only = providers[0] if len(providers) == 1 else {"provider": {"key": row.get("carrier")}}
        latest = part(info, "latest_event")
        return [_heard(about, only, [latest] if isinstance(latest, Mapping) else [], message, setting)]
    lists = [(each, rows(each, "events")) for each in providers]
    return [replace(_heard(about, each, listed, message, setting), snapshot=True) for each, listed in lists]


def _about(number: str, row: Mapping[str, Any], info: Mapping[str, Any], setting: Setting) -> Told:
    ends, status = part(info, "shipping_info"), part(info, "latest_status")
    to = part(ends, "recipient_address")
    country = country_code(words(part(to, "country")))
    return Told(
        number,
        carrier=_carrier(row),
        eta=_eta(info, to, country, setting),
        origin_country=country_code(words(part(ends, "shipper_address", "country"))),
        dest_country=country,
        provider_status=words(part(status, "sub_status"), "raw_code") or words(part(status, "status"), "raw_code"),
    )


def _heard(
    about: Told, provider: Mapping[str, Any], listed: Sequence[Mapping[str, Any]], message: Message, setting: Setting
) -> Told:
    """What one carrier's list adds to what is known of the parcel."""
    feed, home = words(part(provider, "provider", "key"), "feed"), _home(provider)
    lines = [_checkpoint(each, home, setting) for each in listed]
    scans = scans_of(lines, source=CODE, codes=CODES, message=message, feed=feed, newest_first=True)
    as_of = moment(provider.get("latest_sync_time"))
    return replace(about, scans=scans, feed=feed, as_of=as_of.at if as_of else None)


def _home(provider: Mapping[str, Any]) -> str:
    """The zone of the carrier's country, if that has but one."""
    zone = zone_of(words(part(provider, "provider", "country")))
    return zone.key if zone else ""


def _checkpoint(row: Mapping[str, Any], home: str, setting: Setting) -> Checkpoint:
    place = row.get("address")
    country = country_code(words(part(place, "country")))
    city = words(part(place, "city"), "city") or words(row.get("location"), "city")
    where = {"country": country, "region": words(part(place, "state")), "city": city}
    day, hour, offset = (words(part(row, "time_raw", name)) for name in ("date", "time", "timezone"))
    at = None
    for text in (row.get("time_iso"), f"{day} {hour}{offset}", f"{day} {hour}", day):
        at = at or moment(text, utc=row.get("time_utc"), **where, carrier_zone=home, shop_zone=setting.zone)
    return Checkpoint(
        code=words(row.get("sub_status"), "raw_code") or words(row.get("stage"), "raw_code"),
        at=at,
        raw_status=words(row.get("stage"), "raw_status"),
        text=words(row.get("description")),
        city=city,
        country=country,
    )


def _eta(info: Mapping[str, Any], to: Any, country: str, setting: Setting) -> Eta | None:
    """The end of the span in which delivery is expected."""
    place = {"country": country, "region": words(part(to, "state")), "city": words(part(to, "city"), "city")}
    span = part(info, "time_metrics", "estimated_delivery_date")
    return eta(part(span, "to"), **place, shop_zone=setting.zone) or eta(
        part(span, "from"), **place, shop_zone=setting.zone
    )
