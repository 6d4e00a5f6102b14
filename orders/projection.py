"""Fold the scans of one parcel into its row. The result depends on the set of scans and on `now`, on nothing else.

The guards in the comments (g1 to g8) are the rules by which carriers' mistakes are survived.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orders.statuses import TERMINAL, Canonical
from orders.timeline import FUTURE, Scan, fingerprint, folded, timeline

__all__ = ["Projection", "Proof", "Scan", "fingerprint", "project", "timeline"]

AFTERMATH = timedelta(hours=48)
"""Scans that follow a delivery within this time were only late in being recorded."""
NOTHING_KNOWN = Canonical("not_found", "no_info")
WEAK = frozenset({"unknown", "expired", "not_found", "info_received"})
"""Statuses that say nothing about where the parcel is."""
SILENCE = frozenset({("exception", "stale"), ("exception", "no_first_scan")})
DELAYS = frozenset({"delayed", "delayed_weather", "delayed_processing", "researching"})
DELIVERED_THEN_EXCEPTION = "delivered_then_exception"
CIRCLED = "circled"
"""The proof that a parcel goes to and fro between two places; gone once it reaches a third."""
LONGEST_TEXT = 120


@dataclass(frozen=True, slots=True)
class Proof:
    """A scan that proves an anomaly although the parcel's present status no longer shows it."""

    code: str
    at: datetime
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class Projection:
    """The parcel's row. `flags` are E exception, A act, T terminal; times are None until they are known."""

    status: str
    sub_status: str
    leg: str
    flags: str
    attempts: int
    picked_up_at: datetime | None
    first_scan_at: datetime | None
    last_scan_at: datetime | None
    last_physical_at: datetime | None
    delivered_at: datetime | None
    returned_at: datetime | None
    status_at: datetime | None
    place: str
    proofs: tuple[Proof, ...]
    events_count: int
    """Distinct scans, after the same scan told twice was counted once."""
    unmapped: int
    """Scans whose code nobody has translated yet."""
    quarantined: int
    """Scans dated too far in the future to be believed."""
    heard_at: datetime | None = None
    """When the last scan first reached us; below, the scan that began the status."""
    status_heard_at: datetime | None = None
    place_since: datetime | None = None
    """The first scan at `place`, on this visit."""

    @property
    def proven(self) -> list[list[str]] | None:
        """The proofs as they are stored with the parcel."""
        told = [[each.code, each.at.isoformat(), each.status, each.text[:LONGEST_TEXT]] for each in self.proofs]
        return told or None

    @property
    def is_terminal(self) -> bool:
        """No further scan is expected."""
        return (self.status, self.sub_status) in TERMINAL


def project(scans: Iterable[Scan], *, now: datetime) -> Projection:
    """The parcel as its scans tell it; scans dated more than 26 h after `now` wait until they are credible."""
    given = frozenset(scans)
    parcel = _Parcel(now)
    happened = timeline(given, now=now)
    for scan in happened:
        parcel.take(scan)
    return parcel.row(
        events_count=len(happened), quarantined=len({fingerprint(s) for s in given if s.occurred_at > now + FUTURE})
    )


class _Parcel:
    """The state of the fold: scans are taken in the order in which they happened."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.current = NOTHING_KNOWN
        self.status_at: datetime | None = None
        self.leg = "outbound"
        self.attempts = 0
        self.unmapped = 0
        self.picked_up_at: datetime | None = None
        self.first_scan_at: datetime | None = None
        self.last_scan_at: datetime | None = None
        self.last_physical_at: datetime | None = None
        self.delivered_at: datetime | None = None
        self.returned_at: datetime | None = None
        self.heard_at: datetime | None = None
        self.status_heard_at: datetime | None = None
        self.place = ""
        self.place_since: datetime | None = None
        self.visited: list[str] = []
        self.circled: Proof | None = None
        self.proofs: list[Proof] = []

    def take(self, scan: Scan) -> None:
        """Take the next scan: its times always count, its status only where the guards let it."""
        self._note_times(scan)
        canonical = scan.canonical
        if canonical.status == "unknown":  # g7: the status stays, the scan is counted
            self.unmapped += canonical.sub_status == "unmapped_code"
            if self.status_at is None:
                self._become(canonical, scan)
            return
        if self._is_overruled(canonical):
            return
        if self.returned_at is not None:
            return
        if self.delivered_at is not None and self.leg == "outbound":
            self._take_after_delivery(canonical, scan)
        elif self.leg == "return":
            self._take_on_the_way_back(canonical, scan)
        else:
            self._take_outbound(canonical, scan)

    def _note_times(self, scan: Scan) -> None:
        told_at = self._told_at(scan)
        if scan.is_physical:
            self.first_scan_at = self.first_scan_at or scan.occurred_at
            self.last_physical_at = _later(self.last_physical_at, told_at)
        if not scan.is_watchers_word:
            if self.last_scan_at is None or told_at > self.last_scan_at:
                self.last_scan_at, self.heard_at = told_at, scan.received_at
            if scan.city:
                self._visit(scan, told_at)
        if scan.canonical.status == "picked_up" and self.delivered_at is None:
            self.picked_up_at = self.picked_up_at or scan.occurred_at

    def _visit(self, scan: Scan, told_at: datetime) -> None:
        """Note where the parcel is, since when, and whether it has come back there from where it was before."""
        place = (f"{scan.city}, {scan.country}" if scan.country else scan.city)[:120]
        if folded(scan.city) != (self.visited[-1] if self.visited else ""):
            self.visited = [*self.visited[-3:], folded(scan.city)]
            if len(self.visited) == 4 and self.visited[:2] == self.visited[2:]:
                self.circled = self.circled or Proof(CIRCLED, told_at, str(scan.canonical), f"{self.place} ⇄ {place}")
            elif len(self.visited) >= 3 and self.visited[-1] != self.visited[-3]:
                self.circled = None
            self.place_since = told_at
        self.place = place

    def _told_at(self, scan: Scan) -> datetime:
        """The time from which lateness is counted: of a day without an hour, its end, but never a time to come."""
        if scan.time_precision != "date":
            return scan.occurred_at
        return min(scan.ends_at, max(self.now, scan.occurred_at))

    def _is_overruled(self, canonical: Canonical) -> bool:
        """g5: expiry, staleness and bare announcements never win against a carrier's own scan; a later scan does."""
        if self.current.status == "cancelled":
            return canonical.status in {"expired", "not_found"}
        if self.current.status == "info_received" and canonical == NOTHING_KNOWN:
            return True
        return self.current.status not in WEAK and (canonical.status in WEAK or canonical in SILENCE)

    def _take_outbound(self, canonical: Canonical, scan: Scan) -> None:
        if canonical.status == "attempt_failed":
            self.attempts += 1
        if canonical == ("exception", "damaged"):
            self._prove("damaged", scan)
        if canonical.status == "delivered" and canonical.sub_status != "partial":
            self.delivered_at = scan.occurred_at
        elif canonical.status == "returned":
            self._come_back(scan)
            return
        elif canonical == ("returning", "in_transit"):
            self.leg = "return"
        self._become(canonical, scan)

    def _take_after_delivery(self, canonical: Canonical, scan: Scan) -> None:
        """g1, g2, g4: late stamps change nothing, a complaint is proof, a new journey leads back to the sender."""
        delivered_at = self.delivered_at or scan.occurred_at
        if canonical.status == "returned":
            self._come_back(scan)
        elif canonical.status in {"picked_up", "returning"}:
            self.leg = "return"
            self._become(Canonical("returning", _sub_status_back(canonical)), scan)
        elif canonical.status == "delivered":
            if self.current.sub_status == "delivered" and canonical.sub_status != "partial":
                self.current = canonical  # the second word is the more exact one: who signed, where it was left
        elif canonical.status in {"exception", "attempt_failed"}:
            if canonical.sub_status not in DELAYS and not scan.is_watchers_word:
                self._prove(DELIVERED_THEN_EXCEPTION, scan)
        elif canonical.about.is_physical and scan.occurred_at - delivered_at >= AFTERMATH:
            self.leg = "return"
            self._take_on_the_way_back(canonical, scan)

    def _take_on_the_way_back(self, canonical: Canonical, scan: Scan) -> None:
        """g3: on the way back a delivery is the sender's; other movement is simply the way back."""
        if canonical == ("exception", "damaged"):
            self._prove("damaged", scan)
        if canonical.status in {"delivered", "returned"} and canonical.sub_status != "partial":
            self._come_back(scan)
        elif canonical.status in {"exception", "customs", "cancelled"}:
            self._become(canonical, scan)
        else:
            self._become(Canonical("returning", "in_transit"), scan)

    def _come_back(self, scan: Scan) -> None:
        self.leg = "return"
        self.returned_at = scan.occurred_at
        self._become(Canonical("returned", "received"), scan)

    def _become(self, canonical: Canonical, scan: Scan) -> None:
        if canonical != self.current or self.status_at is None:
            self.current = canonical
            self.status_at, self.status_heard_at = self._told_at(scan), scan.received_at

    def _prove(self, code: str, scan: Scan) -> None:
        if all(proof.code != code for proof in self.proofs):
            self.proofs.append(Proof(code, scan.occurred_at, str(scan.canonical), scan.text))

    def row(self, *, events_count: int, quarantined: int) -> Projection:
        """The finished row."""
        return Projection(
            status=self.current.status,
            sub_status=self.current.sub_status,
            leg=self.leg,
            flags=self.current.flags,
            attempts=self.attempts,
            picked_up_at=self.picked_up_at,
            first_scan_at=self.first_scan_at,
            last_scan_at=self.last_scan_at,
            last_physical_at=self.last_physical_at,
            delivered_at=self.delivered_at,
            returned_at=self.returned_at,
            status_at=self.status_at,
            place=self.place,
            proofs=(*self.proofs, self.circled) if self.circled else tuple(self.proofs),
            events_count=events_count,
            unmapped=self.unmapped,
            quarantined=quarantined,
            heard_at=self.heard_at,
            status_heard_at=self.status_heard_at,
            place_since=self.place_since,
        )


def _later(known: datetime | None, moment: datetime) -> datetime:
    return moment if known is None or moment > known else known


def _sub_status_back(canonical: Canonical) -> str:
    return canonical.sub_status if canonical.status == "returning" else "in_transit"
