"""Duplicate payment: the same buyer paid the same amount twice within minutes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from orders.detectors.base import Finding, OrderDetector, gettext_noop, limits
from orders.facts import OrderFacts, Paid

MINUTE = timedelta(minutes=1)
WITHIN = 10 * MINUTE
"""How far apart two orders may be paid; the look-up of the other order uses it too."""


class DuplicatePayment(OrderDetector):
    """Twice the same amount for this order within `within`, more than it costs in all; or another order of the same
    buyer over the same amount was paid just before this one. The later of two orders has the anomaly.
    """

    code = "duplicate_payment"
    title = gettext_noop("Paid twice")
    department = "finance"
    grade = 1
    thresholds = limits(within=WITHIN)

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        return ()

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        if facts.cancelled_at is not None:
            return None
        return self._paid_twice(facts) or self._ordered_twice(facts)

    def _paid_twice(self, facts: OrderFacts) -> Finding | None:
        payments = sorted(facts.payments, key=lambda paid: paid.at)
        if facts.value <= 0 or sum(paid.amount for paid in payments) <= facts.value:
            return None  # two equal parts of one amount are no mistake
        pair = next((pair for pair in _pairs(payments) if pair[1].at - pair[0].at <= self.limit["within"]), None)
        if pair is None:
            return None
        return Finding(
            self.code,
            self.grade,
            gettext_noop("{amount} {currency} was paid twice within {minutes} min for an order of {total} {currency}."),
            pair[1].at,
            {
                "amount": str(pair[1].amount),
                "currency": facts.currency,
                "minutes": -(-(pair[1].at - pair[0].at) // MINUTE),
                "total": str(facts.value),
            },
            evidence={"paid_first_at": pair[0].at.isoformat(), "paid_again_at": pair[1].at.isoformat()},
        )

    def _ordered_twice(self, facts: OrderFacts) -> Finding | None:
        if facts.twin is None or facts.paid_at is None or facts.paid_at - facts.twin.paid_at > self.limit["within"]:
            return None
        return Finding(
            self.code,
            self.grade,
            gettext_noop("The buyer paid {total} {currency} for order {other} {minutes} min before, and for this one."),
            facts.paid_at,
            {
                "total": str(facts.value),
                "currency": facts.currency,
                "other": facts.twin.number,
                "minutes": -(-(facts.paid_at - facts.twin.paid_at) // MINUTE),
            },
            evidence={
                "other_order": facts.twin.number,
                "paid_first_at": facts.twin.paid_at.isoformat(),
                "paid_again_at": facts.paid_at.isoformat(),
            },
        )

    def clears(self, facts: OrderFacts, now: datetime) -> str | None:
        if self.inspect(facts, now) is not None:
            return None
        return "cancelled" if facts.cancelled_at is not None else "refunded"


def _pairs(payments: list[Paid]) -> Iterable[tuple[Paid, Paid]]:
    """Neighbours over the same amount, the earlier first."""
    last: dict[object, Paid] = {}
    for paid in payments:
        if paid.amount > 0:
            if paid.amount in last:
                yield last[paid.amount], paid
            last[paid.amount] = paid
