"""Predicted late: the promise still stands, but parcels like this one came later than theirs."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import HOUR, Finding, OrderDetector, gettext_noop, limits
from orders.facts import OrderFacts, Outlook

FIRES, WORSE, HOLDS = 0.7, 0.85, 0.4
"""P(late) from which it is found, from which it is P3, and below which an open one is over."""
LEAD = 6 * HOUR
"""With less time left than this a warning helps nobody."""


class PredictedLate(OrderDetector):
    """P(late) has come to 0.7 at least `lead` before the promise; the outlook says when that is if nothing arrives.

    Silent once the promise has passed (then it is overdue), and on lanes whose warnings came true too seldom.
    """

    code = "predicted_late"
    title = gettext_noop("Likely to be late")
    department = "logistics"
    grade = 4
    thresholds = limits(lead=LEAD)
    weaker_than = frozenset({"overdue"})

    def _outlook(self, facts: OrderFacts) -> Outlook | None:
        outlook = facts.outlook
        if outlook is None or outlook.muted or facts.is_over or facts.promised_delivery_at != outlook.promise_at:
            return None
        return outlook

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        outlook = self._outlook(facts)
        if outlook is None:
            return ()
        last = outlook.promise_at - self.limit["lead"]
        return (outlook.holds_at, outlook.fires_at, outlook.worse_at, last, outlook.promise_at)

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        outlook = self._outlook(facts)
        if outlook is None or not outlook.fires_at <= now < outlook.promise_at - self.limit["lead"]:
            return None
        percent = round(100 * max(outlook.chance, FIRES))
        carrier, origin, dest = outlook.lane
        return Finding(
            self.code,
            3 if now >= outlook.worse_at else self.grade,
            _SENTENCES[outlook.level],
            outlook.fires_at,
            {"percent": percent, "count": outlook.n, "origin": origin or "?", "dest": dest or "?"},
            evidence={
                "chance": percent,
                "parcels": outlook.n,
                "carrier": carrier,
                "lane": f"{origin or '?'} → {dest or '?'}",
                "promised_delivery_at": outlook.promise_at.isoformat(),
                "half_at": None if outlook.half_at is None else outlook.half_at.isoformat(),
                "most_at": None if outlook.most_at is None else outlook.most_at.isoformat(),
            },
        )

    def clears(self, facts: OrderFacts, now: datetime) -> str | None:
        outlook = self._outlook(facts)
        if outlook is not None and outlook.holds_at <= now < outlook.promise_at:
            return None
        reason = super().clears(facts, now)
        promise = facts.promised_delivery_at
        return "outweighed" if reason == "no_longer_true" and promise is not None and promise <= now else reason

    def reason(self, facts: OrderFacts) -> str:
        outlook = facts.outlook
        return "likely_in_time" if outlook is not None and not outlook.muted else "no_longer_true"


_SENTENCES = {
    "lane": gettext_noop(
        # xgettext:no-python-format
        "{percent} % of parcels of this age on {origin} → {dest} came later than the promise; {count} parcels."
    ),
    # xgettext:no-python-format
    "dest": gettext_noop("{percent} % of parcels of this age to {dest} came later than the promise; {count} parcels."),
    # xgettext:no-python-format
    "all": gettext_noop("{percent} % of parcels of this age came later than the promise; {count} parcels."),
}
