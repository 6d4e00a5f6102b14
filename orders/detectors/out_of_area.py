"""Out of area: the carrier does not deliver there."""

from orders.detectors.base import StatusDetector, gettext_noop


class OutOfArea(StatusDetector):
    """A carrier says that it does not serve the address or cannot deliver."""

    code = "out_of_area"
    title = gettext_noop("Outside delivery area")
    department = "logistics"
    grade = 1
    reported = frozenset({("exception", "out_of_area"), ("exception", "undeliverable")})
    why = gettext_noop("{carrier} does not deliver parcel {number} to its address.")
