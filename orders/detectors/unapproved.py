"""Payment not approved: the order was placed and nobody has confirmed the money."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import HOUR, Finding, OrderDetector, gettext_noop, limits, whole_hours
from orders.facts import OrderFacts


class Unapproved(OrderDetector):
    """Neither paid nor shipped `after` hours after the order was placed, or by the plan's time if that is later."""

    code = "unapproved"
    title = gettext_noop("Payment not approved")
    department = "finance"
    grade = 3
    thresholds = limits(after=24 * HOUR)

    def _holds(self, facts: OrderFacts) -> bool:
        return facts.paid_at is None and not facts.is_over and not facts.is_handed_over

    def _since(self, facts: OrderFacts) -> datetime:
        usual = facts.placed_at + self.limit["after"]
        return max(usual, facts.due_by_plan("payment_confirmed") or usual)

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        return (self._since(facts),) if self._holds(facts) else ()

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        if not self._holds(facts):
            return None
        since = self._since(facts)
        if now < since:
            return None
        return Finding(
            self.code,
            self.grade,
            gettext_noop("Placed {hours} h ago and the payment is not approved; the shop's limit is {limit} h."),
            since,
            {"hours": whole_hours(now - facts.placed_at), "limit": whole_hours(since - facts.placed_at)},
            evidence={"placed_at": facts.placed_at.isoformat()},
        )

    def reason(self, facts: OrderFacts) -> str:
        if facts.paid_at is not None:
            return "paid"
        return "shipped" if facts.is_handed_over else "no_longer_true"
