"""What lanes teach about how long a parcel travels."""

from dataclasses import replace
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.lanes import ALL, DEST, LANE, Cell, Journey, Lane, groups, learn, shape_of

NEAR, FAR = Lane("ems", "GD", "HN", "51", "410"), Lane("ems", "GD", "XZ", "51", "850")
NOW = 200.0
briefly = settings(max_examples=30, deadline=None)
lanes = st.sampled_from([NEAR, FAR, FAR._replace(origin="ZJ"), Lane(), NEAR._replace(dest_area="411")])
journeys = st.lists(
    st.builds(
        lambda lane, weekday, start, took: Journey(
            groups(lane, weekday), start, None if took is None else start + took
        ),
        lanes,
        st.integers(0, 6),
        st.floats(0, 199),
        st.none() | st.floats(0.2, 30),
    ),
    max_size=40,
)


def steady(lane, days, *, count=60, since=100.0, spread=0.3):
    """Journeys that took about so many days."""
    return [
        Journey(
            groups(lane, number % 7),
            since + number % 50,
            since + number % 50 + days * (1 + spread * (number % 5 - 2) / 2),
        )
        for number in range(count)
    ]


def test_a_far_lane_is_expected_to_take_longer_than_a_near_one():
    model = learn(steady(NEAR, 2.0, count=300) + steady(FAR, 8.0, count=300), NOW)

    assert model.expected(groups(NEAR, 0)) == pytest.approx(2.0, rel=0.25)
    assert model.expected(groups(FAR, 0)) == pytest.approx(8.0, rel=0.25)


def test_a_lane_never_seen_is_judged_by_what_is_known_of_its_ends():
    model = learn(steady(NEAR, 2.0, count=300) + steady(FAR, 8.0, count=300), NOW)
    unseen = groups(FAR._replace(origin="ZJ", origin_area="31"), 0)

    assert model.witness(unseen).level == "dest"
    assert model.expected(unseen) > 4
    assert 0 < model.forecast(unseen, age=0.0, promise=8.0).chance < 1


@briefly
@given(journeys, lanes, st.floats(0.1, 40), st.floats(0.1, 40), st.floats(0.1, 40))
def test_chances_grow_with_age_and_shrink_with_slack(known, lane, one, two, three):
    model, of = learn(known, NOW), groups(lane, 2)
    age, promise, later = sorted((one, two, three))

    assert 0 <= model.forecast(of, age=0.0, promise=later).chance <= 1
    assert (
        model.forecast(of, age=0.0, promise=promise).chance
        <= model.forecast(of, age=age, promise=promise).chance + 1e-9
    )
    assert (
        model.forecast(of, age=age, promise=later).chance <= model.forecast(of, age=age, promise=promise).chance + 1e-9
    )


@briefly
@given(journeys, st.floats(1, 150))
def test_what_happens_later_teaches_nothing_now(known, now):
    hidden = [
        each if each.end is None or each.end <= now else each._replace(end=None) for each in known if each.start < now
    ]

    assert learn(known, now) == learn(hidden, now)


@briefly
@given(journeys)
def test_the_order_of_journeys_does_not_matter(known):
    one, other = learn(known, NOW), learn(list(reversed(known)), NOW)

    assert one.n == other.n
    assert one.effects.keys() == other.effects.keys()
    for key, effect in one.effects.items():
        assert other.effects[key] == pytest.approx(effect, abs=1e-9)


def test_cells_may_hold_many_journeys_or_one_each():
    of, took = groups(NEAR, 3), [1.0, 2.0, 4.0]
    single = [Cell(of, 1.0, log(days)) for days in took]
    together = [Cell(of, 3.0, sum(log(days) for days in took))]

    one, other = shape_of(lambda: single), shape_of(lambda: together)

    assert exp(one[ALL]) == pytest.approx(2.0)
    assert all(other[key] == pytest.approx(effect) for key, effect in one.items())


def test_a_lane_that_slows_down_is_seen_before_its_parcels_arrive():
    calm = steady(NEAR, 2.0, count=300, since=50.0)
    slowed = [Journey(groups(NEAR, 0), NOW - 6, None) for _ in range(60)]

    before = learn(calm, NOW).forecast(groups(NEAR, 0), age=0.0, promise=4.0).chance
    after = learn(calm + slowed, NOW).forecast(groups(NEAR, 0), age=0.0, promise=4.0).chance

    assert before < 0.1 < 0.3 < after


def test_counts_that_fade_weigh_less_against_the_wider_group():
    fresh = learn(steady(NEAR, 2.0, count=300) + steady(FAR, 2.0, count=30, spread=1.2), NOW)
    faded = replace(fresh, faded=0.01, curves={}, shares={})
    of = groups(FAR, 0)

    def apart(model):
        return abs(model.curve(of).still_open(1.5) - model.curve(groups(NEAR, 0)).still_open(1.5))

    assert apart(faded) < apart(fresh)


def test_the_moments_at_which_chances_are_reached_come_in_their_order():
    model, of = learn(steady(NEAR, 2.0, count=300), NOW), groups(NEAR, 1)
    forecast = model.forecast(of, age=0.0, promise=3.0, log_chances=(log(0.4), log(0.7), log(0.85)))

    assert 0 < forecast.crosses[0] < forecast.crosses[1] < forecast.crosses[2] <= 3.0
    assert model.forecast(of, age=forecast.crosses[1], promise=3.0).chance == pytest.approx(0.7, abs=0.01)


def test_few_parcels_of_a_lane_let_its_destination_speak():
    model = learn(steady(NEAR, 2.0, count=20) + steady(NEAR._replace(origin="ZJ"), 2.0, count=40), NOW)
    of = groups(NEAR, 0)

    assert model.n[of[LANE]] == 20
    assert model.witness(of) == of[DEST]
    assert model.forecast(of, age=0.0, promise=3.0).n == 60


def test_nothing_known_makes_no_certain_promise():
    assert 0 < learn([], NOW).forecast(groups(NEAR, 0), age=0.0, promise=3.0).chance <= 1
