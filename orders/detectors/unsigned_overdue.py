"""Unsigned: out for delivery, and nobody has said how it ended."""

from orders.detectors.base import HOUR, StatusDetector, gettext_noop, limits


class UnsignedOverdue(StatusDetector):
    """A carrier says so, or the parcel has been out for delivery for `after` hours.

    A delivery by appointment is let alone until its day.
    """

    code = "unsigned_overdue"
    title = gettext_noop("Out for delivery without result")
    department = "logistics"
    grade = 3
    thresholds = limits(after=24 * HOUR)
    reported = frozenset({("exception", "unsigned_overdue")})
    why = gettext_noop("{carrier} reports that parcel {number} was not signed for in time.")
    waiting = frozenset({("out_for_delivery", "out"), ("out_for_delivery", "contacted")})
    why_waiting = gettext_noop("Parcel {number} went out for delivery {hours} h ago without a result; limit {limit} h.")
