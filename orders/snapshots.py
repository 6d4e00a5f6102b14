"""Whole lists that a source sends again and again: which of them is the newest, and what it takes back.

Nothing here depends on the order in which lists arrive: the newest decides alone, whenever it came.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from orders.timeline import Scan, fingerprint


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A feed's list: as of when, how many scans, a digest of them, and its oldest scan's time.

    `names` are its scans' fingerprints; None when only the mark of an earlier list is left.
    """

    as_of: datetime
    size: int
    digest: bytes
    oldest_at: datetime
    names: frozenset[bytes] | None = None

    @property
    def key(self) -> tuple[datetime, int, bytes]:
        """By this the newest is found: no two different lists have the same."""
        return self.as_of, self.size, self.digest


class Known(NamedTuple):
    """A stored scan of a feed."""

    name: bytes
    occurred_at: datetime
    is_withdrawn: bool


def snapshot_of(scans: Sequence[Scan], as_of: datetime | None) -> Snapshot | None:
    """The list of these scans, by its newest scan's time if the source tells no `as_of`; None for an empty list,
    which decides nothing."""
    if not scans:
        return None
    times = [scan.occurred_at for scan in scans]
    names = frozenset(map(fingerprint, scans))
    digest = blake2b(b"".join(sorted(names)), digest_size=16).digest()
    return Snapshot(as_of or max(times), len(names), digest, min(times), names)


def newest(snapshots: Iterable[Snapshot | None]) -> Snapshot | None:
    """The one that decides; of two tellings of one list the one whose scans are known."""
    told = [snapshot for snapshot in snapshots if snapshot]
    return max(told, key=lambda snapshot: (snapshot.key, snapshot.names is not None), default=None)


def changes(known: Iterable[Known], *, by: Snapshot, fresh: frozenset[bytes]) -> Mapping[bytes, bool]:
    """Which scans of the feed are withdrawn (True) or back (False) now that `by` is its newest list.

    Withdrawn is what is dated at or after the list's oldest scan and not in it; what is older was only trimmed. When
    the list's scans are not known any more, those stored before stand as they are, and no `fresh` one is in it.
    """
    found: dict[bytes, bool] = {}
    for name, occurred_at, is_withdrawn in known:
        if by.names is None and name not in fresh:
            continue
        gone = occurred_at >= by.oldest_at and (by.names is None or name not in by.names)
        if gone != is_withdrawn:
            found[name] = gone
    return found
