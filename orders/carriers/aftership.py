"""AfterShip: one tracking with all its checkpoints, signed with base64 of HMAC-SHA256 in `aftership-hmac-sha256`."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from orders.carriers.base import Eta, Message, Setting, Told, Unusable, code_map
from orders.carriers.checkpoints import Checkpoint, scans_of
from orders.carriers.reading import hmac_sha256, number_of, part, read_object, rows, same, words
from orders.carriers.times import YEARS, eta, moment
from orders.carriers.zones import country_code

CODE = "aftership"
TITLE = "AfterShip"
SIGNATURE = "aftership-hmac-sha256"
HEADERS = (SIGNATURE,)

# A tag alone serves a checkpoint without a subtag. InTransit_010 and later, Exception_014 and _015 exist, but nobody
# has read what they mean.
CODES = code_map("""
    Pending                 not_found.no_info
    Pending_001             not_found.no_info
    Pending_002             not_found.no_info
    Pending_003             not_found.no_info
    Pending_004             not_found.no_info
    Pending_005             not_found.no_info
    Pending_006             not_found.no_info
    Expired                 expired.no_result
    Expired_001             expired.no_result
    InfoReceived            info_received.label_created
    InfoReceived_001        info_received.label_created
    InTransit               in_transit.moving
    InTransit_001           in_transit.moving
    InTransit_002           picked_up.accepted
    InTransit_003           in_transit.arrived_facility
    InTransit_004           in_transit.arrived_country
    InTransit_005           customs.released
    InTransit_006           customs.processing
    InTransit_007           in_transit.departed_facility
    InTransit_008           in_transit.resumed
    InTransit_009           in_transit.rerouted
    OutForDelivery          out_for_delivery.out
    OutForDelivery_001      out_for_delivery.out
    OutForDelivery_002      available_for_pickup.ready
    OutForDelivery_003      out_for_delivery.contacted
    OutForDelivery_004      out_for_delivery.scheduled
    AvailableForPickup      available_for_pickup.ready
    AvailableForPickup_001  available_for_pickup.ready
    AttemptFail             attempt_failed.other
    AttemptFail_001         attempt_failed.other
    AttemptFail_002         attempt_failed.no_one
    AttemptFail_003         attempt_failed.closed
    Delivered               delivered.delivered
    Delivered_001           delivered.delivered
    Delivered_002           delivered.self_pickup
    Delivered_003           delivered.signed
    Delivered_004           delivered.cod
    Delivered_005           delivered.proxy
    Exception               exception.other
    Exception_001           exception.other
    Exception_002           exception.address
    Exception_003           exception.refused
    Exception_004           customs.held
    Exception_005           exception.delayed
    Exception_006           exception.payment_held
    Exception_007           exception.address
    Exception_008           exception.unclaimed
    Exception_009           exception.rejected_by_carrier
    Exception_010           returning.in_transit
    Exception_011           returned.received
    Exception_012           exception.damaged
    Exception_013           exception.lost
    Exception_016           exception.delayed_processing
    Exception_017           exception.delayed_weather
    Exception_018           customs.info_required
    Exception_019           exception.delayed
    Exception_020           cancelled.voided
    Exception_021           exception.disposed
""")
# Best first: the carrier's word, then AfterShip's own reckoning. The date that the shop promised is no expectation.
EXPECTED = (
    ("courier_estimated_delivery_date", "estimated_delivery_date_max"),
    ("courier_estimated_delivery_date", "estimated_delivery_date"),
    ("expected_delivery",),
    ("latest_estimated_delivery", "datetime_max"),
    ("latest_estimated_delivery", "datetime"),
    ("aftership_estimated_delivery_date", "estimated_delivery_date_max"),
    ("aftership_estimated_delivery_date", "estimated_delivery_date"),
)


def verify(message: Message, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets signed the raw body."""
    told = message.headers.get(SIGNATURE, "")
    made = [b64encode(hmac_sha256(secret, message.body).digest()) for secret in secrets if secret]
    return any(same(told, each) for each in made)


def parse(message: Message, setting: Setting) -> list[Told]:
    """One parcel; every event that AfterShip sends about a parcel holds the whole tracking."""
    pushed = read_object(message.body)
    tracking = pushed.get("msg")
    if not isinstance(tracking, Mapping):
        raise Unusable("msg_missing", "The message has no msg; send AfterShip's webhook as it comes.")
    listed = [_checkpoint(row, setting) for row in rows(tracking, "checkpoints")]
    to = _country(tracking, "destination")
    return [
        Told(
            number_of(tracking.get("tracking_number")),
            scans_of(listed, source=CODE, codes=CODES, message=message),
            carrier=words(tracking.get("slug"), "carrier"),
            snapshot=True,
            as_of=_as_of(pushed.get("ts")),
            eta=_eta(tracking, to, setting),
            origin_country=_country(tracking, "origin"),
            dest_country=to,
            provider_status=_code(tracking),
        )
    ]


def _code(row: Mapping[str, Any]) -> str:
    """The subtag, and only when there is none the tag: a subtag that nobody has read is not guessed from its tag."""
    return words(row.get("subtag"), "raw_code") or words(row.get("tag"), "raw_code")


def _checkpoint(row: Mapping[str, Any], setting: Setting) -> Checkpoint:
    city = words(row.get("city"), "city") or words(row.get("location"), "city")
    country = _country(row)
    recorded = moment(row.get("created_at"))
    return Checkpoint(
        code=_code(row),
        at=moment(
            row.get("checkpoint_time"), country=country, region=words(row.get("state")), city=city,
            shop_zone=setting.zone,
        ),
        raw_status=words(row.get("raw_tag"), "raw_status"),
        text=words(row.get("message")),
        city=city,
        country=country,
        recorded_at=recorded.at if recorded else None,
    )  # fmt: skip


def _country(row: Mapping[str, Any], end: str = "") -> str:
    """The country's two letters; versions of AfterShip differ in the name of the field."""
    lead = f"{end}_" if end else ""
    told = (words(row.get(f"{lead}{name}")) for name in ("country_region", "country_iso3", "country_name"))
    return next((code for name in told if (code := country_code(name))), "")


def _as_of(ts: object) -> datetime | None:
    if isinstance(ts, bool) or not isinstance(ts, int | float):
        return None
    try:
        at = datetime.fromtimestamp(ts, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.year in YEARS else None


def _eta(tracking: Mapping[str, Any], to: str, setting: Setting) -> Eta | None:
    place = {
        "country": to,
        "region": words(tracking.get("destination_state")),
        "city": words(tracking.get("destination_city"), "city"),
    }
    told = (eta(part(tracking, *path), **place, shop_zone=setting.zone) for path in EXPECTED)
    return next((found for found in told if found), None)
