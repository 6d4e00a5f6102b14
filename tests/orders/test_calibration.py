"""Scores of predictions against cases worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.calibration import Outcome, auc, base_rate, bins_of, brier, brier_skill, calibration_error

outcomes = st.lists(st.builds(Outcome, st.floats(0, 1), st.booleans(), st.floats(0.1, 5)), max_size=30)


def test_a_perfect_prediction_scores_perfectly():
    told = [Outcome(1.0, True), Outcome(0.0, False), Outcome(0.0, False)]

    assert (auc(told), brier(told), brier_skill(told)) == (1.0, 0.0, 1.0)
    assert calibration_error(bins_of(told)) == 0.0


def test_the_base_rate_has_no_skill():
    told = [Outcome(0.25, True), Outcome(0.25, False), Outcome(0.25, False), Outcome(0.25, False)]

    assert base_rate(told) == 0.25
    assert brier_skill(told) == pytest.approx(0.0)
    assert auc(told) == 0.5


def test_pairs_in_the_wrong_order_cost_and_ties_count_half():
    told = [Outcome(0.9, True), Outcome(0.5, False), Outcome(0.5, True), Outcome(0.1, False)]

    assert auc(told) == pytest.approx((1 + 1 + 0.5 + 1) / 4)


def test_weights_count_like_repetitions():
    weighed = [Outcome(0.8, True, 3.0), Outcome(0.3, False, 1.0), Outcome(0.6, False, 2.0)]
    repeated = [Outcome(chance, late) for chance, late, weight in weighed for _ in range(int(weight))]

    assert auc(weighed) == pytest.approx(auc(repeated))
    assert brier(weighed) == pytest.approx(brier(repeated))
    assert calibration_error(bins_of(weighed)) == pytest.approx(calibration_error(bins_of(repeated)))


@given(outcomes)
def test_scores_stay_in_their_range_and_bins_hold_everything(told):
    bins = bins_of(told)

    assert sum(each.n for each in bins) == len(told)
    assert 0 <= auc(told) <= 1
    assert 0 <= brier(told) <= 1
    assert 0 <= calibration_error(bins) <= 1
