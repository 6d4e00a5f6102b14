"""When an anomaly ends by itself, in the reader's language."""

from django.utils.translation import gettext as _

from orders import detectors
from orders.models import Anomaly

BY_HAND = frozenset({"damaged", "delivered_then_exception"})


def ends_when(anomaly: Anomaly) -> str:
    """What has to happen for it to end by itself; that it never does, where that is so."""
    detector = detectors.catalogue().get(anomaly.code)
    if detector is None or detector.reportable or anomaly.code in BY_HAND:
        return _("It does not end by itself: somebody resolves it, with a reason.")
    last = anomaly.evidence.get("last_scan_at") if isinstance(anomaly.evidence, dict) else None
    if detector.clears_by_scan and last:
        return _(
            "With a physical scan later than the last one known when it was found, or when the parcel is delivered, "
            "returned or cancelled. A carrier's note does not end it."
        )
    words = {
        "not_shipped": _("With the first scan, a ship mark, a new agreed ship date, or when the order is cancelled."),
        "no_first_scan": _("With the first physical scan."),
        "invalid_number": _("When the carrier knows the number, or number or carrier are corrected."),
        "stuck_in_transit": _("When the parcel reaches another place or its next milestone."),
        "overdue": _("When it is delivered, returned or cancelled, or a later promise is made."),
        "payment_fraud": _("When risk lets the order go, or the payments agree with its value."),
        "duplicate_payment": _("When one of the payments is given back, or the order is cancelled."),
        "buyer_data": _("When the missing details are completed."),
        "stock_out": _("When stock is reserved, or the lines that are short are cancelled."),
        "document_mismatch": _("When the documents agree, or the difference is accepted."),
        "unapproved": _("When the payment is confirmed."),
    }
    if anomaly.code in words:
        return words[anomaly.code]
    if detector.about == "parcel":
        return _("When the carrier reports something newer, or the parcel is delivered, returned or cancelled.")
    return _("When what it says is no longer true.")
