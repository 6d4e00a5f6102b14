"""Unclaimed: the parcel waits at a pickup point and nobody comes."""

from orders.detectors.base import HOUR, StatusDetector, gettext_noop, limits


class Unclaimed(StatusDetector):
    """A carrier says so, or the parcel has waited `after` hours at the pickup point."""

    code = "unclaimed"
    title = gettext_noop("Not collected")
    department = "front_line"
    grade = 3
    thresholds = limits(after=72 * HOUR)
    reported = frozenset({("exception", "unclaimed")})
    why = gettext_noop("{carrier} reports that parcel {number} was not collected in time.")
    waiting = frozenset({("available_for_pickup", "ready"), ("available_for_pickup", "locker")})
    why_waiting = gettext_noop("Parcel {number} has waited {hours} h for collection; the limit is {limit} h.")
