"""Out of stock: the order was confirmed and the warehouses hold too little for it."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import Finding, OrderDetector, gettext_noop
from orders.facts import OrderFacts, Shortage, ShortItem

MOST_NAMED = 5


class StockOut(OrderDetector):
    """Less could be reserved than was ordered; known at allocation, not at shipping. The evidence holds the ways out:
    wait for what comes in (against the promise), ship a part, cancel the lines that are short.
    """

    code = "stock_out"
    title = gettext_noop("Out of stock")
    department = "purchasing"
    grade = 2

    def _shortage(self, facts: OrderFacts) -> Shortage | None:
        return None if facts.is_over or facts.shipped_at is not None else facts.shortage

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        return ()

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        shortage = self._shortage(facts)
        if shortage is None:
            return None
        worst = max(shortage.items, key=_lateness)
        promised = facts.promised_ship_at or facts.promised_delivery_at
        params: dict[str, str | int] = {
            "sku": worst.sku,
            "missing": worst.missing,
            "ordered": worst.ordered,
            "articles": len(shortage.items),
        }
        if worst.expected_at is not None:
            params["expected"] = worst.expected_at.isoformat()
        if promised is not None:
            params["promised"] = promised.isoformat()
        return Finding(
            self.code,
            self.grade,
            _why(worst.expected_at, promised),
            shortage.since,
            params,
            evidence=_options(shortage, worst, promised),
        )

    def reason(self, facts: OrderFacts) -> str:
        return "shipped" if facts.shipped_at is not None else "in_stock"


def _lateness(item: ShortItem) -> tuple[bool, str, int, str]:
    expected = item.expected_at
    return expected is None, expected.isoformat() if expected else "", item.missing, item.sku


def _why(expected: datetime | None, promised: datetime | None) -> str:
    if expected is None:
        return gettext_noop(
            "Of {ordered} × {sku} in the order {missing} are not in stock, and no more are announced; articles short: "
            "{articles}."
        )
    if promised is None:
        return gettext_noop(
            "Of {ordered} × {sku} in the order {missing} are not in stock; more come {expected}; articles short: "
            "{articles}."
        )
    if expected <= promised:
        return gettext_noop(
            "Of {ordered} × {sku} in the order {missing} are not in stock; more come {expected}, before the promised "
            "{promised}; articles short: {articles}."
        )
    return gettext_noop(
        "Of {ordered} × {sku} in the order {missing} are not in stock; more come {expected}, after the promised "
        "{promised}; articles short: {articles}."
    )


def _options(shortage: Shortage, worst: ShortItem, promised: datetime | None) -> dict[str, str | int | None]:
    short = [f"{item.sku} × {item.missing}" for item in shortage.items]
    named = ", ".join(short[:MOST_NAMED]) + (f" (+{len(short) - MOST_NAMED})" if len(short) > MOST_NAMED else "")
    return {
        "short": named,
        "enough_at": None if worst.expected_at is None else worst.expected_at.isoformat(),
        "promise_at": None if promised is None else promised.isoformat(),
        "part_ready": f"{shortage.ready} / {shortage.wanted}" if shortage.ready else None,
        "to_cancel": sum(item.missing for item in shortage.items),
    }
