"""Invalid number: the carrier does not know the tracking number, so the parcel cannot be followed."""

from datetime import datetime

from orders.detectors.base import HOUR, StatusDetector, counted_from, gettext_noop, limits
from orders.facts import OrderFacts, ParcelFacts


class InvalidNumber(StatusDetector):
    """A carrier calls the number wrong, or has known nothing of it for `after` hours since it was announced."""

    code = "invalid_number"
    title = gettext_noop("Tracking number not valid")
    department = "warehouse"
    grade = 3
    thresholds = limits(after=72 * HOUR)
    reported = frozenset({("not_found", "invalid_number")})
    why = gettext_noop("{carrier} does not know the number {number}: it is mistyped, or belongs to another carrier.")
    waiting = frozenset({("not_found", "no_info")})
    why_waiting = gettext_noop("{carrier} has had no record of {number} for {hours} h; the limit is {limit} h.")

    def applies(self, facts: OrderFacts, parcel: ParcelFacts) -> bool:
        # Of a parcel that nobody was asked about, nothing is known; that is another anomaly (no_first_scan).
        return super().applies(facts, parcel) and parcel.status_at is not None and parcel.first_scan_at is None

    def _waited_enough(self, facts: OrderFacts, parcel: ParcelFacts) -> datetime:
        asked = counted_from(parcel.status_at or facts.placed_at, parcel.status_heard_at)
        return max(asked, parcel.announced_at or asked) + self.limit["after"]

    def reason(self, facts: OrderFacts, parcel: ParcelFacts) -> str:
        return "number_known"
