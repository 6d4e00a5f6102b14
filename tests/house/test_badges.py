from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import NOW
from ticketdesk import badges

HOUR = timedelta(hours=1)
CHINESE = ("天", "小时", "分")
ORDER = ["ok", "soon", "urgent", "breach"]
spans = st.timedeltas(min_value=timedelta(minutes=1), max_value=timedelta(days=400))


@pytest.mark.parametrize(
    ("left", "total", "state"),
    [
        (0, 100, "breach"),
        (-1, 100, "breach"),
        (15, 1000, "urgent"),
        (16, 60, "soon"),
        (60, 500, "soon"),
        (61, 200, "ok"),
        (99, 1000, "urgent"),
        (240, 1000, "soon"),
        (260, 1000, "ok"),
    ],
)
def test_the_state_follows_what_is_left(left, total, state):
    assert badges.state(NOW + timedelta(minutes=left), NOW, timedelta(minutes=total)) == state


@given(spans, st.timedeltas(timedelta(days=-9), timedelta(days=9)), spans)
def test_a_deadline_never_gets_calmer_as_time_passes(total, left, passed):
    due_by = NOW + left
    before, after = (ORDER.index(badges.state(due_by, now, total)) for now in (NOW, NOW + passed))
    assert after >= before


@pytest.mark.parametrize(
    ("span", "english", "chinese"),
    [
        (timedelta(seconds=59), "<1m", "<1分"),
        (timedelta(minutes=8), "8m", "8分"),
        (timedelta(hours=5, minutes=20), "5h 20m", "5小时20分"),
        (timedelta(hours=12, minutes=20), "12h", "12小时"),
        (timedelta(days=3, hours=4, minutes=9), "3d 4h", "3天4小时"),
        (timedelta(days=-2), "2d", "2天"),
    ],
)
def test_a_length_shows_its_two_greatest_units(span, english, chinese):
    assert (badges.length(span), badges.length(span, CHINESE)) == (english, chinese)


def test_a_breach_counts_up_from_one_minute():
    assert badges.signed(NOW, NOW) == "+1m"
    assert badges.signed(NOW - HOUR, NOW) == "+1h"
    assert badges.signed(NOW + HOUR, NOW) == "1h"


@given(spans)
def test_an_age_is_one_unit(passed):
    assert " " not in badges.age(NOW - passed, NOW)


def test_the_last_minute_has_no_age():
    assert badges.age(NOW - timedelta(seconds=59), NOW) == ""
    assert badges.age(NOW + HOUR, NOW) == ""
