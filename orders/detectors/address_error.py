"""Address error: the carrier cannot find the place; the window to correct it is short."""

from orders.detectors.base import StatusDetector, gettext_noop


class AddressError(StatusDetector):
    """A carrier says that the address is wrong or incomplete."""

    code = "address_error"
    title = gettext_noop("Wrong address")
    department = "front_line"
    grade = 1
    reported = frozenset({("attempt_failed", "address"), ("exception", "address")})
    why = gettext_noop("{carrier} cannot find the address of parcel {number}.")
