"""No first scan: announced as shipped, and no carrier has had it in his hands."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from orders.detectors.base import (
    HOUR,
    Finding,
    ParcelDetector,
    began_at,
    evidence_of,
    gettext_noop,
    is_travelling,
    limits,
    whole_hours,
)
from orders.facts import OrderFacts, ParcelFacts


class NoFirstScan(ParcelDetector):
    """Announced and not physically scanned for `domestic` hours, `cross_border` hours when it leaves the country.

    A carrier that says so itself is believed at once.
    """

    code = "no_first_scan"
    title = gettext_noop("Announced but never scanned")
    department = "warehouse"
    grade = 2
    thresholds = limits(domestic=24 * HOUR, cross_border=72 * HOUR)
    weaker_than = frozenset({"invalid_number"})

    def _since(self, facts: OrderFacts, parcel: ParcelFacts) -> datetime | None:
        if parcel.first_scan_at is not None or parcel.picked_up_at is not None or parcel.last_physical_at is not None:
            return None
        if not is_travelling(facts, parcel):
            return None
        if (parcel.status, parcel.sub_status) == ("exception", "no_first_scan"):
            return began_at(facts, parcel)
        return None if parcel.announced_at is None else parcel.announced_at + self._limit(facts, parcel)

    def _limit(self, facts: OrderFacts, parcel: ParcelFacts) -> timedelta:
        return self.limit["cross_border" if parcel.cross_border or facts.cross_border else "domestic"]

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        since = self._since(facts, parcel)
        return () if since is None else (since,)

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        since = self._since(facts, parcel)
        if since is None or now < since:
            return None
        announced_at = parcel.announced_at
        params: dict[str, str | int] = {"carrier": parcel.carrier, "number": parcel.number}
        if announced_at is None:
            why = gettext_noop("{carrier} reports that it never received parcel {number}.")
        else:
            why = gettext_noop("Parcel {number} was announced {hours} h ago and never scanned; the limit is {limit} h.")
            params["hours"] = whole_hours(now - announced_at)
            params["limit"] = whole_hours(self._limit(facts, parcel))
        evidence = evidence_of(parcel)
        evidence["announced_at"] = None if announced_at is None else announced_at.isoformat()
        return Finding(self.code, self.grade, why, since, params, parcel.id, evidence)

    def reason(self, facts: OrderFacts, parcel: ParcelFacts) -> str:
        return "first_scan"
