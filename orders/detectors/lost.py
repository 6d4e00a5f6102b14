"""Lost: the carrier says so, or has been silent for so long that it comes to the same."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import (
    DAY,
    RESTING,
    Finding,
    ParcelDetector,
    began_at,
    evidence_of,
    gettext_noop,
    is_travelling,
    limits,
    silent_from,
)
from orders.facts import OrderFacts, ParcelFacts


class Lost(ParcelDetector):
    """Reported lost or destroyed, or no scan for `domestic` days, `cross_border` days when it leaves the country."""

    code = "lost"
    title = gettext_noop("Lost or destroyed")
    department = "logistics"
    grade = 1
    carrier_reported = True
    clears_by_scan = True
    thresholds = limits(domestic=15 * DAY, cross_border=30 * DAY)
    reported = frozenset({("exception", "lost"), ("exception", "disposed")})

    def _silent_from(self, facts: OrderFacts, parcel: ParcelFacts) -> datetime | None:
        """When the silence has lasted long enough; None where no further scan is expected or none ever came."""
        silent = silent_from(parcel)
        if silent is None or (parcel.first_scan_at is None and parcel.picked_up_at is None):
            return None
        if parcel.status in RESTING or not is_travelling(facts, parcel):
            return None
        abroad = parcel.cross_border or facts.cross_border
        return silent + self.limit["cross_border" if abroad else "domestic"]

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        silent_from = self._silent_from(facts, parcel)
        return () if silent_from is None else (silent_from,)

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        params: dict[str, str | int] = {"carrier": parcel.carrier, "number": parcel.number}
        if (parcel.status, parcel.sub_status) in self.reported:
            since: datetime | None = began_at(facts, parcel)
            why = gettext_noop("{carrier} reports parcel {number} as lost or destroyed.")
        else:
            since = self._silent_from(facts, parcel)
            why = gettext_noop("Parcel {number} has had no scan for {days} days; the limit is {limit} days.")
        if since is None or now < since:
            return None
        if parcel.last_scan_at is not None:
            abroad = parcel.cross_border or facts.cross_border
            params["days"] = (now - parcel.last_scan_at) // DAY
            params["limit"] = self.limit["cross_border" if abroad else "domestic"] // DAY
        return Finding(self.code, self.grade, why, since, params, parcel.id, evidence_of(parcel))

    def reason(self, facts: OrderFacts, parcel: ParcelFacts) -> str:
        return "new_scan"
