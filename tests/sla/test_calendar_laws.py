"""Laws of calendar arithmetic, and its comparison with a walk that counts minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sla.calendars import Calendar, NoOpenTime
from sla.hours import ExceptionDay, Hours

# A zone, and days around which its clocks change (or would be expected to).
CHANGES = [
    ("Europe/Berlin", date(2025, 3, 30)),
    ("Europe/Berlin", date(2025, 10, 26)),
    ("America/Sao_Paulo", date(2018, 11, 4)),  # forward at midnight
    ("America/Sao_Paulo", date(2018, 2, 18)),  # back at midnight, into the day before
    ("Australia/Lord_Howe", date(2025, 4, 6)),  # by half an hour
    ("Australia/Lord_Howe", date(2025, 10, 5)),
    ("Asia/Shanghai", date(2025, 10, 1)),
    ("America/New_York", date(2025, 11, 2)),
    ("America/St_Johns", date(2010, 11, 7)),  # back at one minute past midnight
    ("Pacific/Apia", date(2011, 12, 30)),  # a day left out
]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
WARM_UP = timedelta(hours=3)  # longer than any clock goes back


@st.composite
def some_hours(draw: st.DrawFn) -> tuple[Hours, ...]:
    opens = draw(st.lists(st.integers(0, 1439), max_size=2))
    return tuple(sorted(Hours(o, o + draw(st.sampled_from([1, 30, 90, 480, 1439]))) for o in opens))


@st.composite
def situations(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A random calendar in a zone with a change near, and a whole minute around that change."""
    zone, day = draw(st.sampled_from(CHANGES))
    weekly = tuple(draw(st.one_of(some_hours(), st.just((Hours(0, 1440),)))) for _ in range(7))
    offsets = draw(st.lists(st.integers(-2, 3), max_size=2, unique=True))
    exceptions = tuple(ExceptionDay(day + n * DAY, "", draw(some_hours())) for n in sorted(offsets))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Calendar(zone, weekly, exceptions), midnight + draw(st.integers(-2000, 2000)) * MINUTE


def minutes_open(calendar: Calendar, since: datetime, until: datetime) -> list[bool]:
    """For each minute, whether the furthest reading that the local clock has shown is within the day's hours."""
    zone, now, furthest, answers = ZoneInfo(calendar.zone), since - WARM_UP, datetime.min, []
    special = {e.day: e.hours for e in calendar.exceptions}
    while now < until:
        furthest = max(furthest, now.astimezone(zone).replace(tzinfo=None))
        today, minute = furthest.date(), furthest.hour * 60 + furthest.minute
        answers.append(
            any(
                h.opens <= minute + late < h.closes
                for day, late in ((today, 0), (today - DAY, 1440))
                for h in special.get(day, calendar.weekly[day.weekday()])
            )
        )
        now += MINUTE
    return answers[WARM_UP // MINUTE :]


@settings(max_examples=300, deadline=None)
@given(situations(), st.integers(0, 2 * 1440))
def test_elapsed_time_equals_a_walk_minute_by_minute(situation, minutes):
    calendar, since = situation
    until = since + minutes * MINUTE
    walk = minutes_open(calendar, since, until)
    assert calendar.elapsed(since, until) == 60 * sum(walk)
    assert not walk or calendar.is_open(since) is walk[0]


@settings(max_examples=300, deadline=None)
@given(situations(), st.integers(1, 30 * 3600))
def test_what_is_added_is_what_has_elapsed(situation, seconds):
    calendar, since = situation
    try:
        due = calendar.add(since, seconds)
    except NoOpenTime:
        return
    assert calendar.elapsed(since, due) == seconds
    assert calendar.elapsed(since, due - timedelta(seconds=1)) == seconds - 1
    assert calendar.is_open(due - timedelta(seconds=1))


@settings(max_examples=120, deadline=None)
@given(situations(), st.integers(0, 5000), st.integers(0, 5000))
def test_elapsed_time_adds_up(situation, first, second):
    calendar, a = situation
    b = a + first * MINUTE
    c = b + second * MINUTE
    assert calendar.elapsed(a, b) + calendar.elapsed(b, c) == calendar.elapsed(a, c)
    assert sum(span.seconds for span in calendar.explain(a, c).spans) == calendar.elapsed(a, c)


@settings(max_examples=120, deadline=None)
@given(situations(), st.integers(0, 90_000), st.integers(1, 90_000))
@example((Calendar("UTC", ((Hours(540, 1020),),) * 7), datetime(2025, 1, 1, 17, tzinfo=UTC)), 0, 1)
def test_adding_in_two_goes_is_adding_at_once(situation, first, second):
    calendar, at = situation
    try:
        assert calendar.add(calendar.add(at, first), second) == calendar.add(at, first + second)
    except NoOpenTime:
        return


@given(situations(), st.integers(1, 40_000))
def test_what_lies_back_is_as_long_as_asked_and_begins_as_late_as_it_can(situation, seconds):
    calendar, at = situation
    try:
        back = calendar.back(at, seconds)
    except NoOpenTime:
        return
    assert calendar.elapsed(back, at) == seconds
    assert calendar.elapsed(back + timedelta(seconds=1), at) == seconds - 1
    assert calendar.add(back, seconds) <= at
