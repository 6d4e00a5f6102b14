from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from ticketdesk.accounts.shifts import on_shift

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MONDAY, SATURDAY, SUNDAY = 0, 5, 6


@dataclass(frozen=True)
class Hours:
    weekday: int
    starts: time
    ends: time


DAY = Hours(MONDAY, time(9), time(18))
NIGHT = Hours(SUNDAY, time(22), time(6))
instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))
hours = st.builds(Hours, st.integers(0, 6), st.times(), st.times())


def berlin(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold)


def test_somebody_without_shifts_is_always_on_shift():
    assert on_shift([], SHANGHAI, datetime(2026, 1, 1, tzinfo=UTC))


def test_the_start_belongs_to_the_shift_and_the_end_does_not():
    monday = datetime(2026, 3, 2, tzinfo=SHANGHAI)
    assert on_shift([DAY], SHANGHAI, monday.replace(hour=9))
    assert not on_shift([DAY], SHANGHAI, monday.replace(hour=18))


def test_a_shift_is_read_in_its_owners_time_zone():
    assert on_shift([DAY], SHANGHAI, datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    assert not on_shift([DAY], SHANGHAI, datetime(2026, 3, 2, 11, 0, tzinfo=UTC))


def test_a_night_shift_runs_into_the_next_day_and_not_before_its_own():
    assert on_shift([NIGHT], BERLIN, berlin(2026, 3, 2, 5, 59))
    assert not on_shift([NIGHT], BERLIN, berlin(2026, 3, 2, 6, 0))
    assert not on_shift([NIGHT], BERLIN, berlin(2026, 3, 1, 5, 59))


def test_equal_start_and_end_mean_a_whole_day():
    around_the_clock = [Hours(MONDAY, time(8), time(8))]
    assert on_shift(around_the_clock, BERLIN, berlin(2026, 3, 3, 7, 59))
    assert not on_shift(around_the_clock, BERLIN, berlin(2026, 3, 3, 8, 0))


def test_the_skipped_hour_in_spring_shortens_a_night_shift():
    night = [Hours(SATURDAY, time(22), time(6))]
    began = berlin(2026, 3, 28, 22).astimezone(UTC)
    assert on_shift(night, BERLIN, began + timedelta(hours=6, minutes=59))
    assert not on_shift(night, BERLIN, began + timedelta(hours=7))


def test_the_repeated_hour_in_autumn_is_worked_twice():
    night = [Hours(SATURDAY, time(22), time(6))]
    began = berlin(2026, 10, 24, 22).astimezone(UTC)
    assert on_shift(night, BERLIN, began + timedelta(hours=8, minutes=59))
    assert not on_shift(night, BERLIN, began + timedelta(hours=9))


@given(instants, hours)
def test_a_shift_and_the_one_that_follows_it_never_overlap(now, shift):
    if shift.starts == shift.ends:
        return
    after = Hours(shift.weekday if shift.starts < shift.ends else (shift.weekday + 1) % 7, shift.ends, shift.starts)
    assert not (on_shift([shift], BERLIN, now) and on_shift([after], BERLIN, now))


@given(instants, st.sets(st.integers(0, 6), min_size=1))
def test_round_the_clock_on_some_weekdays_is_on_shift_on_exactly_those(now, weekdays):
    rows = [Hours(day, time(0), time(0)) for day in weekdays]
    assert on_shift(rows, BERLIN, now) == (now.astimezone(BERLIN).weekday() in weekdays)


@given(instants, st.lists(hours, max_size=4), hours)
def test_more_shifts_never_mean_less_work_once_there_is_one(now, rows, another):
    if rows and on_shift(rows, SHANGHAI, now):
        assert on_shift([*rows, another], SHANGHAI, now)
