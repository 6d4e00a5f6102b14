"""Buyer data: an order came without what is needed to deliver it."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import Finding, OrderDetector, gettext_noop
from orders.facts import OrderFacts


class BuyerData(OrderDetector):
    """No usable name, phone or address, in a shop that keeps them. Over once it is corrected, or left the warehouse."""

    code = "buyer_data"
    title = gettext_noop("Buyer's details missing")
    department = "front_line"
    grade = 2

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        return ()

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        if not facts.lacks or facts.is_over or facts.is_handed_over:
            return None
        return Finding(
            self.code,
            self.grade,
            gettext_noop("The order cannot be delivered as it is; missing or unusable: {lacks}."),
            facts.placed_at,
            {"lacks": ",".join(facts.lacks)},
            evidence={"lacks": ",".join(facts.lacks), "placed_at": facts.placed_at.isoformat()},
        )

    def reason(self, facts: OrderFacts) -> str:
        return "corrected" if not facts.lacks else "shipped"
