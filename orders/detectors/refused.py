"""Refused: the recipient does not want the parcel."""

from orders.detectors.base import StatusDetector, gettext_noop


class Refused(StatusDetector):
    """A carrier says that the recipient refused it."""

    code = "refused"
    title = gettext_noop("Refused by recipient")
    department = "front_line"
    grade = 2
    reported = frozenset({("attempt_failed", "refused"), ("exception", "refused")})
    why = gettext_noop("{carrier} reports that the recipient refused parcel {number}.")
