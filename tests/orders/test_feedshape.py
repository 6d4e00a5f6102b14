"""How late a feed's news is and when it was silent, from hourly counts."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from orders.feedshape import HOUR, added, gaps, late
from tests.clock import NOW

ENDS = (60, 300, 900)
COUNTS = st.lists(st.integers(0, 50), min_size=4, max_size=4)


def hours(*missing: int, per_hour: int = 10):
    start = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=48)
    return {start + n * HOUR: per_hour for n in range(49) if n not in missing}


@given(COUNTS)
def test_at_least_the_share_of_events_came_within_the_told_time(counts):
    found = late(counts, ENDS, 0.9)
    if found is None:
        assert sum(counts) == 0
    elif not found.beyond:
        within = sum(count for count, end in zip(counts, ENDS, strict=False) if end <= found.at_most.total_seconds())
        assert within >= 0.9 * sum(counts)


@given(COUNTS)
def test_the_median_is_never_later_than_nine_of_ten(counts):
    median, most = late(counts, ENDS, 0.5), late(counts, ENDS, 0.9)
    assert (median is None) == (most is None)
    if median and most:
        assert (median.beyond, median.at_most) <= (most.beyond, most.at_most)


def test_events_in_the_open_bin_are_later_than_the_last_end():
    assert late([0, 0, 0, 3], ENDS, 0.5) == (timedelta(minutes=15), True)


def test_histograms_are_added_bin_by_bin_and_an_hour_without_scans_adds_nothing():
    assert added([[1, 2, 3], [], [1, 1, 1]], 3) == [2, 3, 4]


def test_a_feed_that_talks_every_hour_has_no_gap():
    assert gaps(hours(), now=NOW) == []


def test_hours_without_a_message_are_a_gap_that_has_ended():
    known = hours(20, 21, 22, 23)
    (gap,) = gaps(known, now=NOW)
    assert gap.ended_at - gap.began_at == 4 * HOUR
    assert gap.began_at not in known and gap.ended_at in known


def test_a_silence_that_lasts_has_no_end():
    (gap,) = gaps(hours(44, 45, 46, 47, 48), now=NOW)
    assert gap.ended_at is None


def test_a_feed_without_rhythm_is_not_missed():
    assert gaps(hours(*range(10, 40), per_hour=1), now=NOW) == []
