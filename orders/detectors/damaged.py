"""Damaged: the carrier saw it, so the claim can be filed before the buyer asks."""

from datetime import datetime

from orders.detectors.base import StatusDetector, gettext_noop
from orders.facts import OrderFacts, ParcelFacts


class Damaged(StatusDetector):
    """A carrier reports damage. No later scan mends it: people close it when the claim is settled."""

    code = "damaged"
    title = gettext_noop("Damaged")
    department = "front_line"
    grade = 1
    reported = frozenset({("exception", "damaged")})
    why = gettext_noop("{carrier} reports parcel {number} as damaged.")

    def applies(self, facts: OrderFacts, parcel: ParcelFacts) -> bool:
        return True

    def clears(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> str | None:
        return None
