"""When buyers may be written to: not at night, and of long orders once a day. Pure: zones and `now` are arguments."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

QUIET_FROM, QUIET_UNTIL = time(22), time(8)
DIGEST_AT = time(18)
# What is noticed later than this goes into the next day's digest: by the time of one, no writer is still at work on it.
DIGEST_CLOSES = time(17, 45)


def quiet_until(now: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the night that `now` (aware) lies in, by the clocks of `zone`; None by day."""
    local = now.astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() + timedelta(days=1) if local.time() >= QUIET_FROM else local.date()
    return datetime.combine(day, QUIET_UNTIL, zone).astimezone(now.tzinfo)


def digest_at(now: datetime, zone: ZoneInfo) -> datetime:
    """When the next digest goes out that something noticed at `now` (aware) still gets into."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=1 if local.time() >= DIGEST_CLOSES else 0)
    return datetime.combine(day, DIGEST_AT, zone).astimezone(now.tzinfo)
