"""Laws of what is too many."""

import math
import random

from hypothesis import given
from hypothesis import strategies as st

from orders import surges
from orders.surges import Habit, Part, Watched

means = st.floats(0.05, 80)
spreads = st.floats(1.0, 6.0)


@given(means, spreads, st.integers(0, 120))
def test_a_tail_is_a_probability_and_falls_with_the_count(mu: float, phi: float, x: int) -> None:
    assert 0.0 <= surges.tail(x + 1, mu, phi) <= surges.tail(x, mu, phi) + 1e-9 <= 1.0 + 1e-9


@given(st.floats(0.05, 30), st.integers(1, 60))
def test_without_more_scatter_than_chance_it_is_the_poisson_tail(mu: float, x: int) -> None:
    plain = 1 - sum(math.exp(k * math.log(mu) - mu - math.lgamma(k + 1)) for k in range(x))
    assert math.isclose(surges.tail(x, mu, 1.0), max(0.0, plain), rel_tol=1e-6, abs_tol=1e-9)


@given(st.floats(0.5, 20), st.floats(1.2, 5))
def test_the_tails_add_up_to_the_mean(mu: float, phi: float) -> None:
    assert math.isclose(sum(surges.tail(x, mu, phi) for x in range(1, 600)), mu, rel_tol=1e-4)


@given(means, st.integers(1, 100))
def test_more_scatter_makes_a_far_count_less_surprising(mu: float, extra: int) -> None:
    x = round(2 * mu) + 4 + extra
    assert surges.tail(x, mu, 3.0) >= surges.tail(x, mu, 1.0) - 1e-12


@given(st.integers(0, 500), st.floats(1, 1000), st.floats(1, 50_000), st.floats(0, 0.5))
def test_what_is_expected_lies_between_a_segments_own_rate_and_its_parents(k, n, n28, parent) -> None:
    own = k / n28
    low, high = sorted((own, parent))
    assert n * low * 0.999 - 1e-9 <= surges.expected(k, n, n28, parent) <= n * high * 1.001 + 1e-9


@given(st.lists(st.integers(0, 50), min_size=30, max_size=200))
def test_nothing_scatters_less_than_chance(counts: list[int]) -> None:
    assert surges.dispersion(counts, [sum(counts) / len(counts)] * len(counts)) >= 1.0


def test_twice_the_scatter_is_measured_as_twice_and_one_wild_hour_does_not_hide_it() -> None:
    rng = random.Random(5)
    counts = [2 * sum(rng.random() < 0.04 for _ in range(100)) for _ in range(2000)]
    assert 1.7 < surges.dispersion(counts, [8.0] * 2000) < 2.2
    assert 1.7 < surges.dispersion([*counts, 400], [8.0] * 2001) < 2.2


@given(st.integers(0, 4), means, spreads)
def test_fewer_than_five_are_never_a_surge(x: int, mu: float, phi: float) -> None:
    assert surges.judged(x, x, mu, phi).cause == ""


@given(st.integers(5, 200), spreads)
def test_many_on_few_orders_are_no_surge(x: int, phi: float) -> None:
    assert surges.judged(x, 4, 0.1, phi).cause == ""
    assert surges.judged(x, x, x / 1.99, phi).cause == ""


def test_five_times_the_usual_is_a_spike_and_three_times_for_hours_a_shift() -> None:
    assert surges.judged(24, 24, 4, 2).cause == "spike"
    lasting = ([4] * 40 + [12] * 6, [4.0] * 46)
    assert surges.judged(12, 12, 4, 2, past=lasting).cause == "shift"
    assert surges.judged(12, 12, 4, 2, past=([4] * 45 + [12], [4.0] * 46)).cause == ""


@given(st.lists(st.floats(0, 50), min_size=1, max_size=80), spreads)
def test_an_average_of_what_is_expected_does_not_stray(values: list[float], phi: float) -> None:
    assert surges.drift(values, values, phi) == 0.0


def test_a_hub_on_fire_is_named_by_the_hub_and_not_by_the_country() -> None:
    parts = {"hub": Part(50, 40), "city": Part(400, 41), "carrier": Part(3000, 42), "sku": Part(10, 12)}
    assert surges.smallest(parts) == "hub"
    assert surges.smallest({}) is None


@given(st.dictionaries(st.text(), st.builds(Part, st.floats(1, 1e6), st.floats(0, 1e4)), min_size=1))
def test_the_smallest_explains_its_share_and_none_smaller_does(parts: dict[str, Part]) -> None:
    best = parts[surges.smallest(parts)]
    needed = surges.EXPLAINED * max(part.excess for part in parts.values())
    assert best.excess >= needed
    assert all(part.size >= best.size for part in parts.values() if part.excess >= needed)


@given(st.integers(0, 23))
def test_a_habit_knows_the_hours_of_the_day(first: int) -> None:
    counts = [30 if (first + n) % 24 == 9 else 1 for n in range(28 * 24)]
    habit = Habit.of(counts, first)
    assert (habit.means[9], habit.means[10]) == (30, 1)
    assert habit.phi < 1.05


def test_an_hour_that_is_always_loud_is_no_surge_and_the_same_count_at_night_is() -> None:
    counts = [30 if n % 24 == 9 else 1 for n in range(29 * 24)]
    counts[28 * 24 + 3] = 30
    watched = Watched(counts, 500, [10 * count for count in counts], 5000)
    assert watched.verdict(28 * 24 + 9, 30).cause == ""
    assert watched.verdict(28 * 24 + 3, 30).cause == "spike"


def test_three_quiet_hours_end_it_and_two_do_not() -> None:
    assert surges.is_over([False, True, True, True])
    assert not surges.is_over([True, True])
    assert not surges.is_over([True, True, False, True])


def test_three_in_a_row_or_two_at_once_is_more_than_a_share() -> None:
    assert surges.late_in_a_row([True, True, False, True]) == 2
    assert surges.is_repeat_victim(3, 0)
    assert surges.is_repeat_victim(0, 2)
    assert not surges.is_repeat_victim(2, 1)
