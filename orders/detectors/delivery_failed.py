"""Delivery failed: the courier came and went with the parcel."""

from orders.detectors.base import StatusDetector, gettext_noop
from orders.facts import ParcelFacts


class DeliveryFailed(StatusDetector):
    """An attempt failed: P3 the first time, P2 the second, P1 from the third."""

    code = "delivery_failed"
    title = gettext_noop("Delivery failed")
    department = "front_line"
    grade = 3
    weaker_than = frozenset({"refused", "unreachable", "address_error", "lost", "returning"})
    reported = frozenset(
        {
            ("attempt_failed", "other"),
            ("attempt_failed", "no_one"),
            ("attempt_failed", "unreachable"),
            ("attempt_failed", "closed"),
            ("attempt_failed", "address"),
            ("attempt_failed", "refused"),
            ("attempt_failed", "access"),
            ("attempt_failed", "hold"),
        }
    )
    why = gettext_noop("{carrier} failed to deliver parcel {number}; failed deliveries: {attempts}.")

    def graded(self, parcel: ParcelFacts) -> int:
        return max(1, 4 - max(1, parcel.attempts))
