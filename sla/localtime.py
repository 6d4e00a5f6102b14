"""Local clock readings as instants: the one place where daylight saving is dealt with. Pure.

A reading (day, minute of that day) is turned into *the first instant at which the local clock has reached it*. That
rule needs no special cases by the caller: a reading that a spring change skips becomes the change itself, a reading
that an autumn change shows twice becomes its first showing, midnight works where the change happens at midnight, and
later readings never give earlier instants.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY_MIN = 24 * 60
DAY_S = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds_of(at: datetime) -> int:
    """Whole seconds since 1970 of an aware datetime, fractions dropped. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {at.isoformat()}")
    since = at - EPOCH
    return since.days * DAY_S + since.seconds


def instant_of(seconds: int) -> datetime:
    """The aware UTC datetime that many seconds after 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of that IANA name. Raises ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone: {name!r}") from error


def reached(zone: ZoneInfo, day: date, minute: int) -> int:
    """The first instant (seconds since 1970) at which the clock of `zone` has reached `minute` of `day`.

    `minute` may pass 1,440 and then means the following day.
    """
    extra_days, rest = divmod(minute, DAY_MIN)
    day += timedelta(days=extra_days)
    local = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=zone)
    before = seconds_of(local)
    after = seconds_of(local.replace(fold=1))
    # Equal: an ordinary reading. Later with fold=1: shown twice, the first showing counts. Earlier: skipped.
    return before if before <= after else _change_between(zone.key, after, before)


@lru_cache(maxsize=4096)
def _change_between(zone_name: str, low: int, high: int) -> int:
    """The instant in (low, high] at which the zone's offset changes: a binary search over whole seconds."""
    zone = ZoneInfo(zone_name)
    old = instant_of(low).astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if instant_of(middle).astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high
