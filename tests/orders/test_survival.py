"""Laws of survival curves on random counts."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from orders.survival import BUCKETS, HIGH, LOW, Counts, Curve, bucket, hazards

weights = st.floats(0, 50)
columns = st.lists(weights, min_size=BUCKETS, max_size=BUCKETS).map(tuple)
counts = st.builds(Counts, columns, columns)
curves = counts.map(lambda found: Curve(hazards(found)))
ratios = st.floats(0.001, 100)
briefly = settings(max_examples=30, deadline=None)


@briefly
@given(curves, ratios, ratios)
def test_the_longer_the_fewer_are_still_open(curve, one, two):
    assert curve.still_open(max(one, two)) <= curve.still_open(min(one, two)) <= 1


@briefly
@given(curves, ratios, ratios, ratios)
def test_the_older_a_parcel_and_the_earlier_its_promise_the_likelier_it_is_late(curve, one, two, three):
    younger, older, promise = sorted((one, two, three))

    assert curve.beyond(promise, younger) <= curve.beyond(promise, older) + 1e-12
    assert curve.beyond(promise, younger) <= curve.beyond(older, younger) + 1e-12


@briefly
@given(curves, ratios, st.floats(0.05, 0.95))
def test_the_chance_is_reached_at_the_age_that_is_told(curve, promise, chance):
    age = curve.age_at(promise, chance)

    assert 0 <= age <= promise
    if age > math.exp(LOW):
        assert curve.beyond(promise, age * 0.999) <= chance + 1e-9
    assert curve.beyond(promise, age * 1.001) >= chance - 1e-9 or age == 0


@briefly
@given(curves, st.floats(0.01, 0.99))
def test_the_ratio_at_a_share_has_that_share_open(curve, share):
    ratio = curve.ratio_at(share)
    assume(ratio is not None and math.exp(LOW) < ratio < math.exp(HIGH))

    assert curve.still_open(ratio * 1.0001) <= share + 1e-9 <= curve.still_open(ratio * 0.9999) + 2e-9


@briefly
@given(counts, counts)
def test_merging_counts_is_counting_together(one, two):
    together = one + two

    assert together == two + one
    assert together.weight == pytest.approx(one.weight + two.weight)


@briefly
@given(counts, st.floats(0.1, 10))
def test_without_a_prior_the_scale_of_counts_does_not_matter(found, factor):
    filled = found + Counts((1.0,) * BUCKETS)
    flat = (0.5,) * BUCKETS

    for a, b in zip(hazards(filled, flat, 0.0), hazards(filled.scaled(factor), flat, 0.0), strict=True):
        assert a == pytest.approx(b)


@briefly
@given(counts, counts)
def test_a_group_without_parcels_says_what_its_parent_says(parent, child):
    above = hazards(parent)

    assert hazards(Counts(), above, 30.0) == pytest.approx(above)
    for mine, theirs, own in zip(hazards(child, above, 30.0), above, hazards(child, above, 0.0), strict=True):
        assert min(theirs, own) - 1e-9 <= mine <= max(theirs, own) + 1e-9


@briefly
@given(counts, ratios)
def test_an_open_parcel_never_makes_the_curve_worse(found, age):
    before, after = Curve(hazards(found)), Curve(hazards(found.with_one(age, ended=False)))

    for step in range(1, 30):
        assert after.still_open(step / 5) >= before.still_open(step / 5) - 1e-12


def test_open_parcels_pull_the_median_up_that_delivered_ones_alone_would_hide():
    delivered = Counts()
    for _ in range(50):
        delivered = delivered.with_one(0.9, ended=True)
    slowed = delivered
    for _ in range(50):
        slowed = slowed.with_one(1.6, ended=False)

    assert Curve(hazards(delivered)).ratio_at(0.4) < 1
    assert Curve(hazards(slowed)).ratio_at(0.4) is None  # not known yet, and said so


@briefly
@given(ratios)
def test_every_ratio_lies_in_its_bucket(ratio):
    number = bucket(ratio)

    assert 0 <= number < BUCKETS
    assert bucket(ratio * 1.2) >= number
