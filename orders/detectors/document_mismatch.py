"""Documents do not match: an invoice, packing list or bill of lading says otherwise than the order."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from orders.detectors.base import Finding, OrderDetector, gettext_noop
from orders.facts import OrderFacts
from orders.matching import Difference

# How many differences beside the first the evidence spells out.
MOST_SPELT = 5
SENTENCES: Mapping[str, str] = {
    "missing": gettext_noop("{document} lacks {item}, of which the order has {ordered}; differences in all: {count}."),
    "extra": gettext_noop("{document} has {stated} of {item}, which is not in the order; differences in all: {count}."),
    "quantity": gettext_noop("{document} says {stated} of {item}, the order {ordered}; differences in all: {count}."),
    "amount": gettext_noop(
        "{document} says {stated} {currency} for {item}, the order {ordered} {currency}; differences in all: {count}."
    ),
    "name": gettext_noop("{document} calls it “{stated}”, the order “{ordered}”; differences in all: {count}."),
    "total_quantity": gettext_noop(
        "{document} adds up to {stated} pieces, the order to {ordered}; differences in all: {count}."
    ),
    "total_amount": gettext_noop(
        "{document} comes to {stated} {currency}, the order to {ordered} {currency}; differences in all: {count}."
    ),
    "freight": gettext_noop(
        "{document} says {stated} {currency} of freight, the order {ordered} {currency}; differences in all: {count}."
    ),
    "currency": gettext_noop("{document} is in {stated}, the order in {ordered}; differences in all: {count}."),
}


class DocumentMismatch(OrderDetector):
    """Goods, quantities or amounts of a document differ from the order and nobody has accepted the difference.

    A delivered order keeps it: customs and accounts want papers that agree.
    """

    code = "document_mismatch"
    title = gettext_noop("Documents do not match")
    department = "customs"
    grade = 2

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        return ()

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        if not facts.mismatches or facts.cancelled_at is not None:
            return None
        mismatch = min(facts.mismatches, key=lambda each: (each.since, each.kind))
        told = [(each.numbers, difference) for each in facts.mismatches for difference in each.differences]
        first = mismatch.differences[0]
        return Finding(
            self.code,
            self.grade,
            SENTENCES[first.what],
            mismatch.since,
            {
                "document": _short(mismatch.numbers),
                "item": _short(first.item),
                "ordered": _short(first.ordered),
                "stated": _short(first.stated),
                "currency": facts.currency,
                "count": len(told),
            },
            evidence=_evidence(mismatch.numbers, first, [each for each in told if each[1] is not first]),
        )

    def reason(self, facts: OrderFacts) -> str:
        return "documents_agree"


def _evidence(numbers: str, first: Difference, others: list[tuple[str, Difference]]) -> dict[str, str | int | None]:
    evidence: dict[str, str | int | None] = {
        "document": numbers,
        "item": first.item,
        "order_says": first.ordered,
        "document_says": first.stated,
    }
    spelt = [f"{number} {each.item or each.what}: {each.ordered} ≠ {each.stated}" for number, each in others]
    if spelt:
        rest = f" (+{len(spelt) - MOST_SPELT})" if len(spelt) > MOST_SPELT else ""
        evidence["differs_too"] = "; ".join(spelt[:MOST_SPELT]) + rest
    return evidence


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
