"""Scans of one parcel: what a scan is, when two are the same, and in which order they happened.

Everything here is a function of the set of scans: the order in which they arrived and repetitions change nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Literal

from orders.statuses import TAXONOMY, WATCHERS_WORDS, Canonical

Precision = Literal["second", "minute", "date"]
SPAN: dict[str, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "date": timedelta(days=1),
}
FUTURE = timedelta(hours=26)
"""A scan further ahead than this is a clock's mistake: no time zone reaches so far."""
SAME_SCAN = timedelta(minutes=5)
"""Two sources that tell the same within this time and place tell of one scan."""
STEM = 40
"""So many letters of the text must agree for two scans of one minute to be the same."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One event of a parcel, as a source told it and as we read it.

    `occurred_at` is aware: the instant, or the start of the minute or local day when `time_precision` says so. `seq` is
    the source's own order, oldest first; 0 when it gives none. `status` and `sub_status` are canonical.
    """

    occurred_at: datetime
    status: str
    sub_status: str
    source: str
    time_precision: Precision = "second"
    tz_source: str = "explicit"
    recorded_at: datetime | None = None
    received_at: datetime | None = None
    raw_code: str = ""
    raw_status: str = ""
    reason_party: str = ""
    is_physical: bool = True
    text: str = ""
    city: str = ""
    country: str = ""
    provider_key: str = ""
    seq: int = 0

    @property
    def canonical(self) -> Canonical:
        """Status and sub-status; a pair that is not in the list counts as unmapped."""
        key = Canonical(self.status, self.sub_status)
        return key if key in TAXONOMY else Canonical("unknown", "unmapped_code")

    @property
    def is_watchers_word(self) -> bool:
        """Somebody's remark on the feed or an unread code, not an event that is known to have moved the parcel."""
        return self.canonical in WATCHERS_WORDS and not (self.canonical.status == "unknown" and self.is_physical)

    @property
    def ends_at(self) -> datetime:
        """The end of the second, minute or day in which it happened."""
        return self.occurred_at + SPAN[self.time_precision]


def folded(text: str) -> str:
    """Letters and digits only, in one case: what is left of a text when layout is taken away."""
    return "".join(filter(str.isalnum, text.casefold()))


def fingerprint(scan: Scan) -> bytes:
    """16 bytes that name the raw facts: who told, when, where, which code, which words.

    What we make of them (canonical status, leg, time of arrival) is left out: it changes with the code map.
    """
    second = int(scan.occurred_at.timestamp())
    raw = (scan.source, scan.provider_key, str(second), scan.raw_code, scan.raw_status)
    words = (folded(scan.text), folded(scan.city), folded(scan.country))
    return blake2b("\x1f".join((*raw, *words)).encode(), digest_size=16).digest()


def timeline(scans: Iterable[Scan], *, now: datetime) -> tuple[Scan, ...]:
    """The distinct scans in the order in which they happened, without those dated beyond `now` by mistake."""
    told: dict[bytes, Scan] = {}
    for scan in scans:
        if scan.occurred_at <= now + FUTURE:
            name = fingerprint(scan)
            told[name] = min(told[name], scan, key=_identity) if name in told else scan
    return _without_echoes(_in_order(_merged(_without_bare(told[name] for name in sorted(told)))))


def _without_bare(scans: Iterable[Scan]) -> list[Scan]:
    """Drop a row that came without any code when the same row also came with one (see orders.carriers.traces)."""
    rows = list(scans)
    coded = {_row(scan) for scan in rows if not _is_bare(scan)}
    return [scan for scan in rows if not (_is_bare(scan) and _row(scan) in coded)]


def _is_bare(scan: Scan) -> bool:
    return not scan.raw_code and not scan.raw_status and scan.canonical == ("unknown", "unmapped_code")


def _row(scan: Scan) -> tuple[object, ...]:
    """What a row of a list is when its code is taken away."""
    words = (folded(scan.text), folded(scan.city), folded(scan.country))
    return scan.source, scan.provider_key, scan.time_precision, int(scan.occurred_at.timestamp()), *words


def _identity(scan: Scan) -> tuple[str, ...]:
    """Every field as text, the earliest received first: an order in which no two different scans are equal."""
    received = "" if scan.received_at is None else f"{scan.received_at.timestamp():020.6f}"
    return received, scan.occurred_at.isoformat(), repr(scan)


def _merged(scans: Iterable[Scan]) -> list[Scan]:
    """Soft merge: one source tells a scan again with more detail, in the same minute and with the same words."""
    told: dict[tuple[object, ...], list[Scan]] = {}
    for scan in scans:
        minute = int(scan.occurred_at.timestamp()) // 60
        key = (scan.source, scan.time_precision, minute, scan.canonical, folded(scan.text)[:STEM], scan.raw_code)
        told.setdefault(key, []).append(scan)
    return [scan for same in told.values() for scan in _per_city(same)]


def _per_city(same: Sequence[Scan]) -> list[Scan]:
    """One scan for each city that is named; those without a city belong to the first."""
    if len(same) == 1:
        return list(same)
    by_city: dict[str, list[Scan]] = {}
    for scan in same:
        by_city.setdefault(folded(scan.city), []).append(scan)
    cities = sorted(city for city in by_city if city)
    if cities and "" in by_city:
        by_city[cities[0]] += by_city.pop("")
    return [_richest(twins) for twins in by_city.values()]


def _richest(twins: Sequence[Scan]) -> Scan:
    """The most detailed of several tellings, dated and ordered as the earliest of them."""
    best = max(twins, key=lambda scan: (bool(scan.city), bool(scan.country), len(scan.text), fingerprint(scan)))
    return replace(
        best,
        occurred_at=min(scan.occurred_at for scan in twins),
        received_at=_first_heard(twins),
        seq=min(scan.seq for scan in twins),
        is_physical=any(scan.is_physical for scan in twins),
    )


def _first_heard(tellings: Iterable[Scan]) -> datetime | None:
    return min((scan.received_at for scan in tellings if scan.received_at is not None), default=None)


def _in_order(scans: Iterable[Scan]) -> list[Scan]:
    """Sort by time; where times are too coarse to tell, the lower rank comes first, inside a day the source's order.

    A scan of which only the minute or the day is known is put just before the first finer scan of that minute or day
    that a parcel can only reach after it, otherwise at the end of it.
    """
    placed: list[tuple[tuple[object, ...], Scan]] = []
    finer: list[tuple[datetime, int]] = []
    for precision in ("second", "minute", "date"):
        level: list[tuple[datetime, int]] = []
        for scan in scans:
            if scan.time_precision != precision:
                continue
            rank = _weight(scan.canonical)
            exact = precision == "second"
            at = scan.occurred_at.replace(microsecond=0) if exact else _slot(scan, rank, finer)
            tie = (scan.seq, rank) if precision == "date" else (rank, scan.seq)
            placed.append(((at, exact, precision, *tie, fingerprint(scan)), scan))
            level.append((at, rank))
        finer = sorted(finer + level)
    placed.sort(key=lambda pair: pair[0])
    return [scan for _, scan in placed]


def _weight(canonical: Canonical) -> int:
    """g6 and g8: of two scans of one time the higher rank is the later, and bad news outweighs neutral news."""
    return 2 * canonical.rank + canonical.about.is_exception


def _slot(scan: Scan, rank: int, finer: Sequence[tuple[datetime, int]]) -> datetime:
    for at, other in finer:
        if scan.occurred_at <= at < scan.ends_at and other > rank:
            return at
    return scan.ends_at


def _without_echoes(scans: Sequence[Scan]) -> tuple[Scan, ...]:
    """Drop what a second source tells of the same status, at about the same time, in the same city or in none."""
    if len({(scan.source, scan.provider_key) for scan in scans}) < 2:
        return tuple(scans)
    kept: list[Scan] = []
    for scan in scans:
        echoed = next((number for number, other in enumerate(kept) if _is_echo(other, scan)), None)
        if echoed is None:
            kept.append(scan)
        else:
            kept[echoed] = _with_place_of(kept[echoed], scan)
    return tuple(kept)


def _is_echo(earlier: Scan, later: Scan) -> bool:
    if (earlier.source, earlier.provider_key) == (later.source, later.provider_key):
        return False
    if abs(later.occurred_at - earlier.occurred_at) > SAME_SCAN or earlier.canonical != later.canonical:
        return False
    if later.canonical.status == "unknown":  # two codes that nobody has read yet need not mean the same
        return False
    city, other = folded(earlier.city), folded(later.city)
    return not city or not other or city == other


def _with_place_of(scan: Scan, echo: Scan) -> Scan:
    both = replace(scan, is_physical=scan.is_physical or echo.is_physical, received_at=_first_heard((scan, echo)))
    if scan.city or not echo.city:
        return both
    return replace(both, city=echo.city, country=echo.country or scan.country)
