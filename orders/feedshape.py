"""What the hourly counts of a feed say: how late its news is, and when it was silent. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from orders.silence import HOUR, REGULAR_PER_HOUR, SHORTEST, TIMES, usual_gap


class Late(NamedTuple):
    """So late at most; with `beyond`, later than that."""

    at_most: timedelta
    beyond: bool = False


class Gap(NamedTuple):
    """Hours without a message; `ended_at` is None while it lasts."""

    began_at: datetime
    ended_at: datetime | None


def added(rows: Sequence[Sequence[int]], size: int) -> list[int]:
    """The sum of several histograms, bin by bin; rows that are too short count as empty at their end."""
    return [sum(row[bin_] for row in rows if bin_ < len(row)) for bin_ in range(size)]


def late(counts: Sequence[int], ends_s: Sequence[int], share: float) -> Late | None:
    """How late the given share of the events was at most, by the upper end of its bin; None without events.

    `counts` has one bin more than `ends_s`: the last one is open.
    """
    total, so_far = sum(counts), 0
    if total == 0:
        return None
    for count, end in zip(counts, ends_s, strict=False):
        so_far += count
        if so_far >= share * total:
            return Late(timedelta(seconds=end))
    return Late(timedelta(seconds=ends_s[-1]), beyond=True)


def gaps(hours: Mapping[datetime, int], *, now: datetime) -> list[Gap]:
    """When a feed with a rhythm missed it: gaps three times as long as 99 of 100 of its others, newest first.

    `hours`: how many messages came in each hour in which any did. A feed without rhythm has no gaps.
    """
    known = sorted(hours)
    if not known or sum(hours.values()) < REGULAR_PER_HOUR * len(known):
        return []
    longest = max(SHORTEST, HOUR, TIMES * usual_gap(hours))
    ends: list[datetime | None] = [*known[1:], None]
    found = [
        Gap(hour + HOUR, end)
        for hour, end in zip(known, ends, strict=True)
        if (end or now) - hour - HOUR > longest
    ]  # fmt: skip
    return found[::-1]
