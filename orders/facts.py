"""What is known about one order when it is judged: plain values, no database, no clock.

Every datetime is aware. A detector sees only these classes, so its test needs no database.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from orders.matching import Difference


def _seen(moment: datetime | None, now: datetime) -> datetime | None:
    """`moment` if it has happened by `now`, else None."""
    return None if moment is None or moment > now else moment


@dataclass(frozen=True, slots=True)
class Proven:
    """A scan that proves an anomaly although the parcel's present status no longer shows it."""

    code: str
    at: datetime
    status: str
    text: str


@dataclass(frozen=True, slots=True)
class ParcelFacts:
    """One parcel: what the shop announced and what the carrier has told since."""

    id: int
    number: str
    carrier: str
    status: str
    sub_status: str
    leg: str
    announced_at: datetime | None
    """When the shop told us that the parcel was shipped."""
    picked_up_at: datetime | None
    first_scan_at: datetime | None
    """The first physical scan; a label alone is none."""
    last_scan_at: datetime | None
    last_physical_at: datetime | None
    status_at: datetime | None
    """When the current status and sub-status began."""
    delivered_at: datetime | None
    returned_at: datetime | None
    attempts: int
    eta_at: datetime | None
    """A forecast, so it may lie in the future and is never hidden."""
    cross_border: bool
    place: str
    heard_at: datetime | None = None
    """When the last scan first reached us, and below the status: clocks start no earlier. Never hidden by `as_of`."""
    status_heard_at: datetime | None = None
    place_since: datetime | None = None
    """The first scan at `place`, on this visit."""
    proofs: tuple[Proven, ...] = ()
    carrier_id: int = 0
    lane: str = ""
    """Countries such as CN-US; empty when one of them is unknown."""

    def proof(self, code: str) -> Proven | None:
        """The scan that proves `code`, if there is one."""
        return next((proof for proof in self.proofs if proof.code == code), None)

    def recorded(self) -> tuple[datetime | None, ...]:
        """Every time at which something happened, the announcement first."""
        return (
            self.announced_at,
            self.picked_up_at,
            self.first_scan_at,
            self.last_scan_at,
            self.last_physical_at,
            self.status_at,
            self.delivered_at,
            self.returned_at,
            self.place_since,
            *(proof.at for proof in self.proofs),
        )

    def as_of(self, now: datetime) -> "ParcelFacts":
        """The parcel as it was known at `now`: what happened later is hidden.

        A status that began later gives way to what the remaining times prove, because the one before it is not kept.
        """
        if not any(moment is not None and moment > now for moment in self.recorded()):
            return self
        known = replace(
            self,
            announced_at=_seen(self.announced_at, now),
            picked_up_at=_seen(self.picked_up_at, now),
            first_scan_at=_seen(self.first_scan_at, now),
            last_scan_at=_seen(self.last_scan_at, now),
            last_physical_at=_seen(self.last_physical_at, now),
            status_at=_seen(self.status_at, now),
            delivered_at=_seen(self.delivered_at, now),
            returned_at=_seen(self.returned_at, now),
            place_since=_seen(self.place_since, now),
            proofs=tuple(proof for proof in self.proofs if proof.at <= now),
        )
        began_later = (self.status_at, self.delivered_at, self.returned_at) != (
            known.status_at,
            known.delivered_at,
            known.returned_at,
        )
        return known._with_proven_status() if began_later else known

    def _with_proven_status(self) -> "ParcelFacts":
        self = replace(self, status_heard_at=None)
        if self.returned_at is not None:
            return replace(self, status="returned", sub_status="received", status_at=self.returned_at)
        leg = "outbound"  # only a later scan can have turned the parcel round
        scans = [moment for moment in (self.first_scan_at, self.picked_up_at) if moment is not None]
        if self.delivered_at is not None:
            status, sub_status, status_at = "delivered", "delivered", self.delivered_at
        elif scans:
            status, sub_status, status_at = "in_transit", "moving", min(scans)
        else:
            label_at = self.announced_at
            return replace(self, status="info_received", sub_status="label_created", status_at=label_at, leg=leg)
        return replace(self, status=status, sub_status=sub_status, status_at=status_at, leg=leg)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Documents of one kind that say otherwise than the order; `numbers` are theirs, `since` the newest one's time."""

    kind: str
    numbers: str
    since: datetime
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class ShortItem:
    """An article of which too little is in stock. `expected_at`: when enough will have come in, None if never."""

    sku: str
    name: str
    ordered: int
    missing: int
    expected_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shortage:
    """What an order waits for; `ready` of the `wanted` pieces are reserved and could leave now."""

    since: datetime
    items: tuple[ShortItem, ...]
    ready: int
    wanted: int


@dataclass(frozen=True, slots=True)
class MilestoneFacts:
    """An open step of an order that follows a plan, and when it is due: as promised, else as planned."""

    code: str
    due_at: datetime
    department: str


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment towards the order, and when it was made."""

    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Twin:
    """Another order of the same buyer over the same amount, paid shortly before."""

    number: str
    paid_at: datetime


class Outlook(NamedTuple):
    """What the lane's own history says of an order on its way (orders/lanes.py), as of when the facts were read.

    `chance`: P(late) then. `n` parcels of the group `level` bear witness; `lane`: carrier, origin, destination. If
    nothing arrives, P(late) comes to 0.4, 0.7 and 0.85 at `holds_at`, `fires_at` and `worse_at`. `half_at`, `most_at`:
    when half and nine tenths of its kind have arrived. `muted`: warnings of this lane came true too seldom.
    """

    chance: float
    n: int
    level: str
    lane: tuple[str, str, str]
    promise_at: datetime
    holds_at: datetime
    fires_at: datetime
    worse_at: datetime
    half_at: datetime | None
    most_at: datetime | None
    muted: bool = False


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """One order with its promises, its parcels and, when it follows a plan, its open steps."""

    id: int
    number: str
    placed_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    cancelled_at: datetime | None
    promised_ship_at: datetime | None
    promised_delivery_at: datetime | None
    """An instant: the end of the promised local day when only a date was promised."""
    value: Decimal
    currency: str
    vip: bool
    cross_border: bool
    parcels: tuple[ParcelFacts, ...] = ()
    milestones: tuple[MilestoneFacts, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    shortage: Shortage | None = None
    payments: tuple[Paid, ...] = ()
    twin: Twin | None = None
    risk_at: datetime | None = None
    """When the order was flagged as a risk; it stays frozen until `released_at`."""
    risk_reason: str = ""
    released_at: datetime | None = None
    lacks: tuple[str, ...] = ()
    """Which of name, phone and address the order came without, although its shop keeps them."""
    outlook: Outlook | None = None

    @property
    def is_frozen(self) -> bool:
        """Flagged as a risk and not let go since."""
        return self.risk_at is not None and (self.released_at is None or self.released_at < self.risk_at)

    def due_by_plan(self, code: str) -> datetime | None:
        """When an open step is due by the order's plan; None without a plan, or when the step is not open."""
        return next((step.due_at for step in self.milestones if step.code == code), None)

    @property
    def ship_by(self) -> datetime | None:
        """The agreed ship date, else the one of the order's plan."""
        return self.promised_ship_at or self.due_by_plan("handed_over")

    @property
    def is_over(self) -> bool:
        """Delivered or cancelled: no promise about the order is open."""
        return self.delivered_at is not None or self.cancelled_at is not None

    @property
    def is_handed_over(self) -> bool:
        """The shop or a carrier says that something has left the warehouse."""
        return self.shipped_at is not None or any(
            parcel.announced_at is not None or parcel.first_scan_at is not None or parcel.picked_up_at is not None
            for parcel in self.parcels
        )

    def recorded(self) -> tuple[datetime | None, ...]:
        """Every time at which something happened to the order itself; promises are not among them."""
        return (
            *(self.paid_at, self.shipped_at, self.delivered_at, self.cancelled_at, self.risk_at, self.released_at),
            *(paid.at for paid in self.payments),
            None if self.twin is None else self.twin.paid_at,
        )

    def as_of(self, now: datetime) -> "OrderFacts":
        """The order as it was known at `now`: later facts are None, parcels announced later are left out.

        Returns the same object when nothing lies in the future. `placed_at` and the promises stay.
        """
        parcels = self.parcels
        if parcels:
            known = tuple(
                parcel.as_of(now) for parcel in parcels if parcel.announced_at is None or parcel.announced_at <= now
            )
            if len(known) != len(parcels) or any(a is not b for a, b in zip(known, parcels, strict=True)):
                parcels = known
        mismatches, shortage = self.mismatches, self.shortage
        if any(mismatch.since > now for mismatch in mismatches):
            mismatches = tuple(mismatch for mismatch in mismatches if mismatch.since <= now)
        if shortage is not None and shortage.since > now:
            shortage = None
        same = parcels is self.parcels and mismatches is self.mismatches and shortage is self.shortage
        if same and not any(moment is not None and moment > now for moment in self.recorded()):
            return self
        return replace(
            self,
            paid_at=_seen(self.paid_at, now),
            shipped_at=_seen(self.shipped_at, now),
            delivered_at=_seen(self.delivered_at, now),
            cancelled_at=_seen(self.cancelled_at, now),
            risk_at=_seen(self.risk_at, now),
            released_at=_seen(self.released_at, now),
            payments=tuple(paid for paid in self.payments if paid.at <= now),
            twin=None if self.twin is None or self.twin.paid_at > now else self.twin,
            parcels=parcels,
            mismatches=mismatches,
            shortage=shortage,
        )

    def next_fact_after(self, now: datetime) -> datetime | None:
        """The earliest recorded time later than `now`, of the order or a parcel: it wakes an order that is replayed."""
        later = [moment for moment in self.recorded() if moment is not None and moment > now]
        later.extend(mismatch.since for mismatch in self.mismatches if mismatch.since > now)
        if self.shortage is not None and self.shortage.since > now:
            later.append(self.shortage.since)
        for parcel in self.parcels:
            later.extend(moment for moment in parcel.recorded() if moment is not None and moment > now)
        return min(later, default=None)
