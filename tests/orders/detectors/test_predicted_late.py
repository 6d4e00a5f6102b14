from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.predicted_late import LEAD, PredictedLate
from orders.facts import Outlook
from orders.judge import judge

PROMISE = datetime(2026, 3, 12, 23, 0, tzinfo=UTC)
FIRES = PROMISE - timedelta(days=3)
HOUR = timedelta(hours=1)
OUTLOOK = Outlook(
    chance=0.78,
    n=212,
    level="lane",
    lane=("correios", "São Paulo", "Bahia"),
    promise_at=PROMISE,
    holds_at=FIRES - timedelta(days=1),
    fires_at=FIRES,
    worse_at=FIRES + timedelta(days=1),
    half_at=PROMISE + 5 * HOUR,
    most_at=None,
)


@pytest.fixture
def moving(order):
    """An order on its way, with an outlook; keywords change the outlook."""
    return lambda **known: order(
        shipped_at=FIRES - timedelta(days=5), promised_delivery_at=PROMISE, outlook=OUTLOOK._replace(**known)
    )


def test_it_is_found_when_the_chance_comes_to_the_mark_and_graver_later(moving):
    assert PredictedLate().due(moving(), OUTLOOK.holds_at) == FIRES
    assert PredictedLate().inspect(moving(), FIRES - HOUR) is None
    assert PredictedLate().inspect(moving(), FIRES).grade == 4
    assert PredictedLate().inspect(moving(), OUTLOOK.worse_at).grade == 3


def test_the_sentence_has_the_numbers(moving):
    finding = PredictedLate().inspect(moving(), FIRES)

    assert finding.why.format(**finding.params) == (
        "78 % of parcels of this age on São Paulo → Bahia came later than the promise; 212 parcels."
    )
    assert finding.evidence["lane"] == "São Paulo → Bahia"


def test_with_less_than_six_hours_left_nobody_is_warned(moving):
    assert PredictedLate().inspect(moving(), PROMISE - LEAD - HOUR) is not None
    assert PredictedLate().inspect(moving(), PROMISE - LEAD) is None


@pytest.mark.parametrize("known", [{"muted": True}, {"promise_at": PROMISE + HOUR}, {"fires_at": PROMISE - HOUR}])
def test_a_silent_lane_another_promise_or_too_late_a_mark_gives_no_warning(moving, known):
    assert PredictedLate().inspect(moving(**known), PROMISE - 7 * HOUR) is None


def test_without_an_outlook_nothing_is_ever_due(order):
    assert PredictedLate().due(order(promised_delivery_at=PROMISE)) is None


def test_an_open_one_stays_until_the_chance_falls_below_four_tenths(moving):
    better = moving(chance=0.5, holds_at=FIRES - HOUR, fires_at=FIRES + 20 * HOUR, worse_at=FIRES + 30 * HOUR)
    good = replace(better, outlook=better.outlook._replace(holds_at=FIRES + HOUR))

    assert PredictedLate().clears(better, FIRES) is None
    assert PredictedLate().clears(good, FIRES) == "likely_in_time"


@pytest.mark.parametrize(("fact", "reason"), [("delivered_at", "delivered"), ("cancelled_at", "cancelled")])
def test_it_clears_when_the_order_is_over(moving, fact, reason):
    assert PredictedLate().clears(replace(moving(), **{fact: FIRES}), FIRES + HOUR) == reason


def test_it_stays_through_the_last_hours_and_gives_way_to_overdue(moving):
    detectors = [PredictedLate()]

    assert judge(moving(), detectors, {("predicted_late", None): 3}, PROMISE - HOUR).cleared == []
    (cleared,) = judge(replace(moving(), outlook=None), detectors, {("predicted_late", None): 3}, PROMISE).cleared
    assert cleared.reason == "outweighed"
