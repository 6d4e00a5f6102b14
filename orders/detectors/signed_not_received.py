"""Signed, not received: the carrier says delivered, the buyer has nothing."""

from orders.detectors.base import DAY, ReportedDetector, gettext_noop, limits


class SignedNotReceived(ReportedDetector):
    """A buyer or a program reports it, at most `within` days after the delivery: later the carrier takes no claim."""

    code = "signed_not_received"
    title = gettext_noop("Signed for, not received")
    department = "front_line"
    grade = 1
    thresholds = limits(within=7 * DAY)
