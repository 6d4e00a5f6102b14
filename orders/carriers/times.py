"""From a carrier's words for a time to an instant, with where its zone came from and how exact it is."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orders.carriers.base import Eta
from orders.carriers.zones import zone_of
from orders.timeline import Precision

YEARS = range(2000, 2100)
PLAIN = re.compile(
    r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})"  # day
    r"(?:[T ]*(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?)?"  # time of day
    r" *(Z|[+-]\d{2}:?\d{2})?"
)


class Moment(NamedTuple):
    """An instant in UTC: the start of the minute or local day when `precision` says so.

    `tz_source` is explicit, provider, location, carrier or shop: where the zone was taken from.
    """

    at: datetime
    precision: Precision
    tz_source: str


def moment(
    text: object, *, utc: object = None, country: str = "", region: str = "", city: str = "",
    carrier_zone: str = "", shop_zone: str = "UTC",
) -> Moment | None:  # fmt: skip
    """Resolve a local time: its own offset, else the provider's UTC, else the place's zone, else the carrier's, else
    the shop's. None when neither text says a time between 2000 and 2099. A date alone is the start of the local day.
    """
    local = _read(text)
    if local is not None and local[0].tzinfo is not None:
        return Moment(local[0].astimezone(UTC), local[1], "explicit")
    told = _read(utc)
    if told is not None and told[1] != "date":
        # A provider's UTC without an offset is UTC all the same.
        at = told[0] if told[0].tzinfo else told[0].replace(tzinfo=UTC)
        return Moment(at.astimezone(UTC), told[1], "provider")
    if local is None:
        return None
    placed = zone_of(country, region, city)
    for source, zone in (("location", placed), ("carrier", zone_named(carrier_zone)), ("shop", zone_named(shop_zone))):
        if zone is not None:
            return Moment(local[0].replace(tzinfo=zone).astimezone(UTC), local[1], source)
    return Moment(local[0].replace(tzinfo=UTC), local[1], "shop")


def eta(text: object, *, country: str = "", region: str = "", city: str = "", shop_zone: str = "UTC") -> Eta | None:
    """When delivery is expected. A date or a midnight is a local day, which is over at its end. A midnight in UTC, or
    without an offset, is the date that somebody had at the destination; one with another offset keeps its offset.
    """
    told = _read(text)
    if told is None:
        return None
    at, precision = told
    if precision == "date" or at.time() == time():
        local = at.tzinfo if at.utcoffset() else None
        zone = local or zone_of(country, region, city) or zone_named(shop_zone) or UTC
        return Eta(end_of_day(at.date(), zone), at.date())
    found = moment(text, country=country, region=region, city=city, shop_zone=shop_zone)
    return Eta(found.at) if found else None


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The instant at which the local day is over."""
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of that name, None for an empty or unknown one."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _read(text: object) -> tuple[datetime, Precision] | None:
    if not isinstance(text, str):
        return None
    match = PLAIN.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second, offset = match.groups()
    try:
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
        if offset:
            at = at.replace(tzinfo=datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo)
        if at.year not in YEARS:
            return None
    except ValueError:
        return None
    if hour is None:
        return at.replace(tzinfo=None), "date"
    return at, "minute" if second is None else "second"
