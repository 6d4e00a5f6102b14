from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.stock_out import StockOut
from orders.facts import Shortage, ShortItem

SINCE = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
NOW = SINCE + timedelta(hours=1)
DAY = timedelta(days=1)


def shortage(expected: datetime | None = None, *more: ShortItem) -> Shortage:
    return Shortage(SINCE, (ShortItem("TEA-250", "Tea", 5, 2, expected), *more), ready=3, wanted=5)


@pytest.mark.parametrize(
    ("expected", "promised", "words"),
    [
        (None, SINCE + DAY, "no more are announced"),
        (SINCE + DAY, SINCE + 2 * DAY, "before the promised"),
        (SINCE + 2 * DAY, SINCE + DAY, "after the promised"),
        (SINCE + DAY, None, "more come"),
    ],
)
def test_it_says_whether_waiting_keeps_the_promise(order, expected, promised, words):
    finding = StockOut().inspect(order(shortage=shortage(expected), promised_ship_at=promised), NOW)
    assert (finding.grade, finding.since) == (2, SINCE)
    assert words in finding.why and "{" not in finding.why.format(**finding.params)


def test_the_evidence_holds_the_ways_out(order):
    facts = order(shortage=shortage(SINCE + DAY), promised_delivery_at=SINCE + 2 * DAY)
    assert StockOut().inspect(facts, NOW).evidence == {
        "short": "TEA-250 × 2",
        "enough_at": (SINCE + DAY).isoformat(),
        "promise_at": (SINCE + 2 * DAY).isoformat(),
        "part_ready": "3 / 5",
        "to_cancel": 2,
    }


def test_of_several_articles_the_one_that_comes_last_is_named(order):
    never = ShortItem("POT-7", "Pot", 1, 1, None)
    finding = StockOut().inspect(order(shortage=shortage(SINCE + DAY, never)), NOW)
    assert (finding.params["sku"], finding.params["articles"]) == ("POT-7", 2)


@pytest.mark.parametrize(
    ("fact", "reason"), [("shipped_at", "shipped"), ("cancelled_at", "cancelled"), ("delivered_at", "delivered")]
)
def test_it_ends_with_the_order_or_when_it_leaves(order, fact, reason):
    assert StockOut().clears(order(shortage=shortage(), **{fact: SINCE}), NOW) == reason


def test_it_clears_when_stock_was_reserved(order):
    assert StockOut().clears(order(), NOW) == "in_stock"
    assert StockOut().due(order(shortage=shortage())) is None


def test_a_shortage_of_later_is_not_known_yet(order):
    assert order(shortage=shortage()).as_of(SINCE - DAY).shortage is None
