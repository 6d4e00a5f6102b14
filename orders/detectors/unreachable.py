"""Unreachable: the carrier could not speak to the recipient."""

from orders.detectors.base import StatusDetector, gettext_noop
from orders.facts import ParcelFacts


class Unreachable(StatusDetector):
    """A carrier could not reach the recipient; the third failed delivery makes it P1."""

    code = "unreachable"
    title = gettext_noop("Recipient not reached")
    department = "front_line"
    grade = 2
    reported = frozenset({("attempt_failed", "unreachable"), ("exception", "unreachable")})
    why = gettext_noop("{carrier} cannot reach the recipient of parcel {number}; failed deliveries: {attempts}.")

    def graded(self, parcel: ParcelFacts) -> int:
        return 1 if parcel.attempts >= 3 else self.grade
