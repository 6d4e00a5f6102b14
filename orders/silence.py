"""When a feed that talks regularly has fallen silent: reckoned from what came through it hour by hour."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REGULAR_PER_HOUR = 6
"""A feed with fewer messages in an hour in which any come has no rhythm to miss."""
TIMES = 3
"""So many times its longest usual gap must pass in silence."""
SHORTEST = timedelta(minutes=30)
USUAL = 0.99


def usual_gap(hours: Mapping[datetime, int]) -> timedelta:
    """The gap that 99 of 100 gaps between messages do not exceed. `hours`: how many came in each hour in which any did.

    Within an hour messages are taken to be evenly spread; hours without any make one gap.
    """
    gaps: list[tuple[timedelta, int]] = [(HOUR / count, count) for count in hours.values()]
    known = sorted(hours)
    gaps += [(later - earlier, 1) for earlier, later in pairwise(known) if later - earlier > HOUR]
    left = sum(weight for _, weight in gaps) * USUAL
    for gap, weight in sorted(gaps):
        left -= weight
        if left <= 0:
            return gap
    return max(gaps)[0]


def silent_since(hours: Mapping[datetime, int], *, last: datetime, now: datetime) -> datetime | None:
    """The time of the `last` message if the feed has been silent for too long; None while it talks, has no rhythm, or
    is usually silent at this time of day."""
    if not hours or sum(hours.values()) < REGULAR_PER_HOUR * len(hours):
        return None
    days = max(1, (now - min(hours)) // DAY)
    at_this_time = sum(hour.hour == now.hour for hour in hours)
    if now - last <= max(SHORTEST, TIMES * usual_gap(hours)) or 2 * at_this_time < days:
        return None
    return last
