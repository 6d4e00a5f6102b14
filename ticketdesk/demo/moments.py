"""Moments by the local clock: couriers come by day, desks are manned by day. Pure."""

from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FIRST, LAST = 8, 20
"""Couriers ring from 8 to 20 o'clock."""


def hours(count: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)


def minutes(count: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=count)


def next_morning(at: datetime, zone: str, rng: Random) -> datetime:
    """The first 8:30 to 10:00 that begins at `at` or later."""
    tz, wanted = ZoneInfo(zone), _clock(8.5 + 1.5 * rng.random())
    day = at.astimezone(tz).date()
    morning = datetime.combine(day, wanted, tz)
    return (morning if morning >= at else datetime.combine(day + DAY, wanted, tz)).astimezone(UTC)


def last_morning(at: datetime, zone: str, rng: Random) -> datetime:
    """The last 8:30 to 10:00 at or before `at`."""
    tz, wanted = ZoneInfo(zone), _clock(8.5 + 1.5 * rng.random())
    day = at.astimezone(tz).date()
    morning = datetime.combine(day, wanted, tz)
    return (morning if morning <= at else datetime.combine(day - DAY, wanted, tz)).astimezone(UTC)


def by_day(at: datetime, zone: str, rng: Random) -> datetime:
    """`at` if it is by day there, else the end of the day before."""
    local = at.astimezone(ZoneInfo(zone))
    if FIRST <= local.hour < LAST:
        return at
    day = local.date() if local.hour >= LAST else local.date() - DAY
    return datetime.combine(day, _clock(17 + 2.9 * rng.random()), ZoneInfo(zone)).astimezone(UTC)


def end_of_day(at: datetime, zone: str) -> datetime:
    """The last second of the local day of `at`."""
    tz = ZoneInfo(zone)
    return datetime.combine(at.astimezone(tz).date(), time(23, 59, 59), tz).astimezone(UTC)


def _clock(hour: float) -> time:
    seconds = int(hour * 3600)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)
