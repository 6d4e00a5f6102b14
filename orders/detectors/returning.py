"""Returning: the parcel is on its way back and the buyer has not been asked."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import Finding, ParcelDetector, began_at, evidence_of, gettext_noop, is_travelling
from orders.facts import OrderFacts, ParcelFacts


class Returning(ParcelDetector):
    """A carrier sends it back, or it moves again on the same number after it was delivered."""

    code = "returning"
    title = gettext_noop("Returning to sender")
    department = "front_line"
    grade = 2
    carrier_reported = True
    weaker_than = frozenset({"lost"})

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        return ()

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        if parcel.status != "returning" and parcel.leg != "return":
            return None
        if not is_travelling(facts, parcel):
            return None
        return Finding(
            self.code,
            self.grade,
            gettext_noop("{carrier} is sending parcel {number} back."),
            began_at(facts, parcel),
            {"carrier": parcel.carrier, "number": parcel.number},
            parcel.id,
            evidence_of(parcel),
        )

    def reason(self, facts: OrderFacts, parcel: ParcelFacts) -> str:
        return "moved_on"
