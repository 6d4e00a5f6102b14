"""Delivered, then a problem: a carrier reports the delivery, and afterwards says that something went wrong."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import Finding, ParcelDetector, evidence_of, gettext_noop
from orders.facts import OrderFacts, ParcelFacts


class DeliveredThenException(ParcelDetector):
    """Bad news about a parcel that counts as delivered. One of both is wrong; people find out which, and close it."""

    code = "delivered_then_exception"
    title = gettext_noop("Problem after delivery")
    department = "front_line"
    grade = 1
    carrier_reported = True

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        return ()

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        proof = parcel.proof(self.code)
        if proof is None or parcel.delivered_at is None or parcel.returned_at is not None:
            return None
        evidence = evidence_of(parcel) | {
            "delivered_at": parcel.delivered_at.isoformat(),
            "exception_at": proof.at.isoformat(),
            "exception_status": proof.status,
            "exception_text": proof.text,
        }
        return Finding(
            self.code,
            self.grade,
            gettext_noop("{carrier} delivered parcel {number} on {delivered} and on {at} reported: {status}."),
            proof.at,
            {
                "carrier": parcel.carrier,
                "number": parcel.number,
                "delivered": parcel.delivered_at.isoformat(),
                "at": proof.at.isoformat(),
                "status": proof.status,
            },
            parcel.id,
            evidence,
        )

    def clears(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> str | None:
        if parcel.returned_at is not None:
            return "returned"
        return None if parcel.proof(self.code) and parcel.delivered_at else "withdrawn"
