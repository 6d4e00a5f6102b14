"""Payment risk: somebody flagged the order, or what was paid is not what it costs."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from orders.detectors.base import Finding, OrderDetector, gettext_noop
from orders.facts import OrderFacts

# Rounding, fees of instalments and exchange rates lie below this share of the order's value.
TOLERANCE = Decimal("0.02")


class PaymentFraud(OrderDetector):
    """Flagged as a risk and not let go since, or the payments in all are not the order's value. A flagged order is
    frozen: nobody is pressed to ship it until risk lets it go.
    """

    code = "payment_fraud"
    title = gettext_noop("Payment risk")
    department = "finance"
    grade = 1

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        return ()

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        if facts.cancelled_at is not None:
            return None
        if facts.is_frozen and facts.risk_at is not None:
            return Finding(
                self.code,
                self.grade,
                gettext_noop("The order is frozen since {since} until risk lets it go: {reason}."),
                facts.risk_at,
                {"since": facts.risk_at.isoformat(), "reason": facts.risk_reason or "–"},
                evidence={"risk_at": facts.risk_at.isoformat(), "risk_reason": facts.risk_reason},
            )
        return self._mispaid(facts)

    def _mispaid(self, facts: OrderFacts) -> Finding | None:
        # Who let the order go has seen its payments.
        if facts.paid_at is None or not facts.payments or facts.released_at is not None or facts.delivered_at:
            return None
        paid = sum((each.amount for each in facts.payments), Decimal(0))
        if facts.value <= 0 or abs(paid - facts.value) <= facts.value * TOLERANCE:
            return None
        since = max(each.at for each in facts.payments)
        return Finding(
            self.code,
            self.grade,
            gettext_noop("{paid} {currency} was paid for an order of {total} {currency}."),
            max(since, facts.paid_at),
            {"paid": str(paid), "total": str(facts.value), "currency": facts.currency},
            evidence={"paid_at": facts.paid_at.isoformat(), "payments": len(facts.payments)},
        )

    def reason(self, facts: OrderFacts) -> str:
        return "released" if facts.released_at is not None else "payment_agrees"
