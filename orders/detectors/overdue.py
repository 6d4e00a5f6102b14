"""Overdue: the promised delivery time has passed and the buyer has nothing."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import Finding, OrderDetector, gettext_noop
from orders.facts import OrderFacts


class Overdue(OrderDetector):
    """`promised_delivery_at` has passed; the order is not delivered, not cancelled and not wholly returned."""

    code = "overdue"
    title = gettext_noop("Delivery overdue")
    department = "front_line"
    grade = 2

    def _promise(self, facts: OrderFacts) -> datetime | None:
        if facts.is_over or _all_returned(facts):
            return None
        return facts.promised_delivery_at

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        promise = self._promise(facts)
        return () if promise is None else (promise,)

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        promise = self._promise(facts)
        if promise is None or now < promise:
            return None
        return Finding(
            self.code,
            self.grade,
            gettext_noop("Delivery was promised by {promised}; that time has passed without one."),
            promise,
            {"promised": promise.isoformat()},
            evidence={"promised_delivery_at": promise.isoformat()},
        )

    def reason(self, facts: OrderFacts) -> str:
        if _all_returned(facts):
            return "returned"
        return "new_promise" if facts.promised_delivery_at is not None else "no_longer_true"


def _all_returned(facts: OrderFacts) -> bool:
    return bool(facts.parcels) and all(parcel.returned_at is not None for parcel in facts.parcels)
