"""Returned: the sender has the parcel again; the buyer is owed a refund or a new one."""

from orders.detectors.base import StatusDetector, gettext_noop
from orders.facts import OrderFacts, ParcelFacts


class Returned(StatusDetector):
    """A carrier says that the sender has received the return."""

    code = "returned"
    title = gettext_noop("Returned to sender")
    department = "front_line"
    grade = 3
    reported = frozenset({("returned", "received")})
    why = gettext_noop("Parcel {number} is back with the sender; refund or send again.")

    def applies(self, facts: OrderFacts, parcel: ParcelFacts) -> bool:
        return facts.cancelled_at is None
