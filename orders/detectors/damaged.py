"""Damaged: the carrier saw it, so the claim can be filed before the buyer asks."""

from datetime import datetime

from orders.detectors.base import Finding, StatusDetector, evidence_of, gettext_noop
from orders.facts import OrderFacts, ParcelFacts


class Damaged(StatusDetector):
    """A carrier reports damage, now or on an earlier scan. No later scan mends it: people close it when the claim is
    settled. Buyers report it too.
    """

    code = "damaged"
    title = gettext_noop("Damaged")
    department = "front_line"
    grade = 1
    reportable = True
    reported = frozenset({("exception", "damaged")})
    why = gettext_noop("{carrier} reports parcel {number} as damaged.")

    def applies(self, facts: OrderFacts, parcel: ParcelFacts) -> bool:
        return True

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        found, proof = super().inspect(facts, now, parcel), parcel.proof("damaged")
        if found is not None or proof is None:
            return found
        params: dict[str, str | int] = {"carrier": parcel.carrier, "number": parcel.number}
        return Finding(self.code, self.grade, self.why, proof.at, params, parcel.id, evidence_of(parcel))

    def clears(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> str | None:
        return None
