"""No update: the parcel was scanned, and then the scans stopped."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import (
    HOUR,
    RESTING,
    Finding,
    ParcelDetector,
    evidence_of,
    gettext_noop,
    is_travelling,
    limits,
    silent_from,
    whole_hours,
)
from orders.facts import OrderFacts, ParcelFacts


class NoUpdate(ParcelDetector):
    """No scan for `after` hours since the last one, P2 after `worse` hours. Never scanned at all is `no_first_scan`."""

    code = "no_update"
    title = gettext_noop("No tracking update")
    department = "logistics"
    grade = 3
    thresholds = limits(after=72 * HOUR, worse=120 * HOUR)
    clears_by_scan = True
    weaker_than = frozenset(
        {"stuck_in_transit", "lost", "damaged", "returning", "refused", "unreachable", "address_error"}
        | {"out_of_area", "unclaimed", "delivery_failed"}
    )

    def _silent_since(self, facts: OrderFacts, parcel: ParcelFacts) -> datetime | None:
        if parcel.first_scan_at is None and parcel.picked_up_at is None:
            return None
        if parcel.status in RESTING or not is_travelling(facts, parcel):
            return None
        return silent_from(parcel)

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        silent = self._silent_since(facts, parcel)
        return () if silent is None else (silent + self.limit["after"], silent + self.limit["worse"])

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        silent = self._silent_since(facts, parcel)
        if silent is None or now < silent + self.limit["after"]:
            return None
        return Finding(
            self.code,
            2 if now >= silent + self.limit["worse"] else self.grade,
            gettext_noop("Parcel {number} has had no scan for {hours} h; the limit is {limit} h."),
            silent + self.limit["after"],
            {
                "number": parcel.number,
                "hours": whole_hours(now - (parcel.last_scan_at or silent)),
                "limit": whole_hours(self.limit["after"]),
            },
            parcel.id,
            evidence_of(parcel),
        )

    def reason(self, facts: OrderFacts, parcel: ParcelFacts) -> str:
        return "resting" if parcel.status in RESTING else "new_scan"
