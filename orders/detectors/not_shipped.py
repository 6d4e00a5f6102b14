"""Not shipped: paid, and nothing was handed to a carrier in time."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import HOUR, Finding, OrderDetector, gettext_noop, limits, whole_hours
from orders.facts import OrderFacts


class NotShipped(OrderDetector):
    """Paid and not handed over `after` hours later, or at the agreed or planned ship date if that is later.

    `urgent` raises it to P1 and counts from the same start. `warn` opens nothing; it says when to look ahead.
    """

    code = "not_shipped"
    title = gettext_noop("Not shipped")
    department = "warehouse"
    grade = 2
    thresholds = limits(warn=36 * HOUR, after=48 * HOUR, urgent=72 * HOUR)

    def _start(self, facts: OrderFacts) -> datetime | None:
        """Where the hours are counted from; a later agreed ship date moves it so that `after` ends on that date."""
        paid_at = facts.paid_at
        if paid_at is None or facts.is_over or facts.is_handed_over or facts.is_frozen:
            return None
        if facts.released_at is not None:  # a frozen order's hours begin when risk lets it go
            paid_at = max(paid_at, facts.released_at)
        agreed = facts.ship_by
        return paid_at if agreed is None else max(paid_at, agreed - self.limit["after"])

    def warns_at(self, facts: OrderFacts) -> datetime | None:
        """When the order becomes worth a look before it is late; None when it is shipped, over or unpaid."""
        start = self._start(facts)
        return None if start is None else start + self.limit["warn"]

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        start = self._start(facts)
        return () if start is None else (start + self.limit["after"], start + self.limit["urgent"])

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        start = self._start(facts)
        if start is None or facts.paid_at is None or now < start + self.limit["after"]:
            return None
        since = start + self.limit["after"]
        grade = 1 if now >= start + self.limit["urgent"] else self.grade
        evidence = {"paid_at": facts.paid_at.isoformat()}
        if facts.ship_by is not None and since == facts.ship_by:
            why = gettext_noop(
                "Agreed to ship by {promised}, {hours} h ago, and not handed to a carrier; paid {paid_hours} h ago."
            )
            params: dict[str, str | int] = {
                "promised": since.isoformat(),
                "hours": whole_hours(now - since),
                "paid_hours": whole_hours(now - facts.paid_at),
            }
            evidence["promised_ship_at"] = since.isoformat()
        else:
            why = gettext_noop("Paid {hours} h ago and not handed to a carrier; the shop's limit is {limit} h.")
            params = {"hours": whole_hours(now - facts.paid_at), "limit": whole_hours(self.limit["after"])}
        return Finding(self.code, grade, why, since, params, evidence=evidence)

    def reason(self, facts: OrderFacts) -> str:
        if facts.is_handed_over:
            return "shipped"
        if facts.is_frozen:
            return "frozen"
        return "new_ship_date" if facts.ship_by is not None else "no_longer_true"
