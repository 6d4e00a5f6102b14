"""Carriers use a number again: which scans belong to which use of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from orders.statuses import TERMINAL
from orders.timeline import Scan

RECYCLED_AFTER = timedelta(days=60)
"""A number that is picked up so long after its last use ended has a new use."""
AFTERMATH = timedelta(days=30)
"""Until then a scan belongs to the use that ended; a label may be made so long before the new pick-up."""


def by_use(scans: Iterable[Scan], ended: Mapping[int, datetime | None]) -> dict[int, list[Scan]]:
    """The scans by the use of the number that they belong to, numbered from 1.

    `ended` says of each use that is known when it ended, None while it goes on. A use that is not in it is opened by
    a scan of pick-up at least 60 days after the end of the last one, known or told by these very scans.
    """
    current = max(ended, default=1)
    ends = dict(ended)
    found: dict[int, list[Scan]] = defaultdict(list)
    for scan in sorted(scans, key=lambda scan: (scan.occurred_at, scan.seq)):
        use = _use_of(scan, ends, current)
        end = ends.get(current)
        if use == current and end and scan.status == "picked_up" and scan.occurred_at >= end + RECYCLED_AFTER:
            found[current + 1] = [each for each in found[current] if each.occurred_at >= end + AFTERMATH]
            found[current] = [each for each in found[current] if each.occurred_at < end + AFTERMATH]
            current = use = current + 1
        elif use == current and (scan.status, scan.sub_status) in TERMINAL:
            ends[current] = max(end or scan.occurred_at, scan.occurred_at)
        found[use].append(scan)
    return {use: told for use, told in found.items() if told}


def _use_of(scan: Scan, ends: Mapping[int, datetime | None], current: int) -> int:
    """The newest use that can have begun before the scan."""
    for use in range(current, 1, -1):
        before = ends.get(use - 1)
        if before is None or scan.occurred_at >= before + AFTERMATH:
            return use
    return 1 if current == 1 or 1 in ends else min(ends)
