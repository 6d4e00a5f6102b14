"""Working calendars: the worked cases of the SLA design, and the edges of the data format."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla.calendars import ALWAYS, Calendar, DayNote, NoOpenTime, TimeOutOfRange, always
from sla.hours import CalendarInvalid

H = 3600
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
ALL_DAYS = (*WEEKDAYS, "sat", "sun")


def calendar(
    zone: str = "UTC",
    *hours: str,
    days: tuple[str, ...] = WEEKDAYS,
    closed: dict[str, str] | None = None,
    special: dict[str, list[str]] | None = None,
) -> Calendar:
    exceptions = [{"date": day, "name": name, "hours": []} for day, name in (closed or {}).items()]
    exceptions += [{"date": day, "name": "special", "hours": h} for day, h in (special or {}).items()]
    return Calendar.from_data({"zone": zone, "weekly": dict.fromkeys(days, list(hours)), "exceptions": exceptions})


def local(zone: str, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(zone))  # type: ignore[misc,arg-type]


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_eight_hours_over_the_spring_change_in_berlin_end_at_five_summer_time():
    due = always("Europe/Berlin").add(local("Europe/Berlin", 2025, 3, 29, 20), 8 * H)
    assert due.astimezone(ZoneInfo("Europe/Berlin")).isoformat() == "2025-03-30T05:00:00+02:00"


def test_the_twenty_five_hour_day_counts_once_and_whole():
    open_daily = calendar("Europe/Berlin", "00:00-24:00", days=ALL_DAYS, closed={"2030-01-01": "far away"})
    opened = local("Europe/Berlin", 2025, 10, 26, 0, 30)
    assert open_daily.elapsed(opened, local("Europe/Berlin", 2025, 10, 27)) == 24 * H + H // 2
    assert open_daily.add(opened, 24 * H + H // 2) == local("Europe/Berlin", 2025, 10, 27)


def test_the_sunday_after_a_late_saturday_is_not_skipped_when_the_clocks_go_forward():
    every_day = calendar("Europe/Berlin", "09:00-17:00", days=ALL_DAYS)
    due = every_day.add(local("Europe/Berlin", 2025, 3, 29, 23, 30), H)
    assert due == local("Europe/Berlin", 2025, 3, 30, 10)


def test_half_an_hour_begun_before_lunch_ends_after_it():
    split = calendar("Asia/Shanghai", "09:00-12:00", "13:00-18:00")
    assert split.add(local("Asia/Shanghai", 2025, 11, 5, 11, 50), 30 * 60) == local(
        "Asia/Shanghai", 2025, 11, 5, 13, 20
    )


def test_an_hour_begun_at_closing_time_ends_an_hour_after_the_next_opening():
    office = calendar("Asia/Shanghai", "09:00-18:00")
    friday_evening = local("Asia/Shanghai", 2025, 11, 7, 18)
    assert office.add(friday_evening, H) == local("Asia/Shanghai", 2025, 11, 10, 10)
    assert not office.is_open(friday_evening)


def test_an_hour_begun_an_hour_before_closing_ends_at_closing_and_not_on_monday():
    office = calendar("Asia/Shanghai", "09:00-18:00")
    friday = local("Asia/Shanghai", 2025, 11, 7, 17)
    assert office.add(friday, H) == local("Asia/Shanghai", 2025, 11, 7, 18)
    assert office.add(friday, H + 1) == local("Asia/Shanghai", 2025, 11, 10, 9) + timedelta(seconds=1)


def test_a_calendar_open_on_tuesdays_only_jumps_from_week_to_week():
    tuesdays = calendar("UTC", "10:00-12:00", days=("tue",))
    assert tuesdays.add(utc(2025, 11, 4, 11), 4 * H) == utc(2025, 11, 18, 11)


@pytest.mark.parametrize("hours", [(), ("09:00-17:00",)])
def test_too_little_open_time_is_a_typed_error_and_no_endless_search(hours):
    with pytest.raises(NoOpenTime) as caught:
        calendar("UTC", *hours, days=("mon",)).add(utc(2025, 1, 1), 10_000 * H)
    assert caught.value.needed_s == 10_000 * H


def test_one_instant_seen_from_four_zones_gives_one_deadline():
    office = calendar("America/New_York", "09:00-18:00")
    opened = utc(2025, 11, 5, 15)
    seen = {
        office.add(opened.astimezone(ZoneInfo(z)), H)
        for z in ("UTC", "Asia/Shanghai", "Europe/Berlin", "Asia/Kathmandu")
    }
    assert seen == {utc(2025, 11, 5, 16)}
    assert {due.utcoffset() for due in seen} == {timedelta(0)}


def test_a_holiday_in_the_middle_is_skipped_once():
    office = calendar("UTC", "09:00-17:00", closed={"2025-11-05": "Founders' day"})
    assert office.elapsed(utc(2025, 11, 4, 16), utc(2025, 11, 6, 10)) == 2 * H


def test_national_day_is_closed_and_its_make_up_sunday_is_open():
    china = calendar(
        "Asia/Shanghai", "09:00-18:00", closed={"2025-10-01": "National Day"}, special={"2025-09-28": ["09:00-18:00"]}
    )
    assert china.is_open(local("Asia/Shanghai", 2025, 9, 28, 10))
    assert not china.is_open(local("Asia/Shanghai", 2025, 10, 1, 10))
    assert not china.is_open(local("Asia/Shanghai", 2025, 9, 27, 10))


def test_a_night_shift_belongs_to_the_day_on_which_it_begins():
    nights = calendar("UTC", "22:00-06:00", days=("fri",), closed={"2025-11-14": "no night"})
    assert nights.elapsed(utc(2025, 11, 7), utc(2025, 11, 9)) == 8 * H
    assert nights.elapsed(utc(2025, 11, 14), utc(2025, 11, 16)) == 0


def test_where_clocks_jump_at_midnight_the_day_opens_at_the_jump():
    sao_paulo = calendar("America/Sao_Paulo", "00:00-02:00", days=ALL_DAYS)
    opening = sao_paulo.next_open(local("America/Sao_Paulo", 2018, 11, 3, 12))
    assert opening.astimezone(ZoneInfo("America/Sao_Paulo")).isoformat() == "2018-11-04T01:00:00-02:00"
    assert sao_paulo.elapsed(opening, opening + timedelta(hours=5)) == H


def test_a_day_that_a_zone_left_out_has_no_open_time():
    samoa = calendar("Pacific/Apia", "09:00-10:00", days=ALL_DAYS)
    assert samoa.elapsed(utc(2011, 12, 29, 0), utc(2012, 1, 1, 0)) == 3 * H


def test_minutes_that_do_not_exist_open_when_the_clock_has_passed_them():
    berlin = calendar("Europe/Berlin", "02:30-03:30", days=ALL_DAYS)
    assert berlin.next_open(local("Europe/Berlin", 2025, 3, 30, 0)) == utc(2025, 3, 30, 1)
    assert berlin.elapsed(utc(2025, 3, 30), utc(2025, 3, 31)) == H // 2


def test_overlapping_hours_count_once():
    assert calendar("UTC", "09:00-12:00", "11:00-13:00").elapsed(utc(2025, 11, 5), utc(2025, 11, 6)) == 4 * H


def test_zero_seconds_from_a_closed_moment_is_the_next_opening():
    office = calendar("UTC", "09:00-17:00")
    assert office.add(utc(2025, 11, 8, 12), 0) == utc(2025, 11, 10, 9)
    assert office.add(utc(2025, 11, 10, 12), 0) == utc(2025, 11, 10, 12)
    assert office.next_open(utc(2025, 11, 10, 17)) == utc(2025, 11, 11, 9)


def test_fractions_of_a_second_are_dropped():
    assert ALWAYS.add(datetime(2025, 1, 1, 0, 0, 0, 999_999, tzinfo=UTC), 60) == utc(2025, 1, 1, 0, 1)


def test_no_time_passes_backwards():
    assert ALWAYS.elapsed(utc(2025, 1, 2), utc(2025, 1, 1)) == 0
    with pytest.raises(ValueError, match="forwards"):
        ALWAYS.add(utc(2025, 1, 1), -1)


@pytest.mark.parametrize("when", [datetime(9999, 12, 31, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)])
@pytest.mark.parametrize("which", [ALWAYS, calendar("UTC", "09:00-17:00")])
def test_the_year_9999_is_refused_and_not_computed(when, which):
    with pytest.raises(TimeOutOfRange):
        which.add(when, 60)
    with pytest.raises(TimeOutOfRange):
        which.elapsed(when, utc(2025, 1, 1))


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        ALWAYS.add(datetime(2025, 1, 1), 60)


def test_questions_far_apart_agree_with_a_fresh_calendar():
    widened = calendar("Europe/Berlin", "09:00-17:00")
    for year in (2025, 2010, 2040, 1999):
        widened.add(utc(year, 5, 5), H)
    fresh = calendar("Europe/Berlin", "09:00-17:00")
    assert widened.elapsed(utc(2000, 1, 1), utc(2039, 1, 1)) == fresh.elapsed(utc(2000, 1, 1), utc(2039, 1, 1))


def test_the_explanation_lists_spans_and_every_day_that_was_not_ordinary():
    office = calendar("UTC", "09:00-17:00", closed={"2025-11-07": "Fair"}, special={"2025-11-08": ["10:00-12:00"]})
    told = office.explain(utc(2025, 11, 6, 16), utc(2025, 11, 10, 10))
    assert [span.seconds for span in told.spans] == [H, 2 * H, H]
    assert told.seconds == office.elapsed(utc(2025, 11, 6, 16), utc(2025, 11, 10, 10))
    assert told.days == (
        DayNote(date(2025, 11, 7), "Fair", "holiday"),
        DayNote(date(2025, 11, 8), "special", "special"),
        DayNote(date(2025, 11, 9), "", "day_off"),
    )


def test_a_round_the_clock_calendar_explains_itself_in_one_span():
    assert ALWAYS.explain(utc(2025, 1, 1), utc(2025, 1, 3)).seconds == 48 * H


def test_a_calendar_survives_its_json_form():
    data = {
        "zone": "Asia/Shanghai",
        "weekly": {"mon": ["09:00-12:00", "13:00-18:00"], "sat": ["22:00-06:00"], "sun": ["00:00-24:00"]},
        "exceptions": [{"date": "2025-10-01", "name": "National Day", "hours": []}],
    }
    assert Calendar.from_data(data).to_data() == data
    assert Calendar.from_data(data) == Calendar.from_data(Calendar.from_data(data).to_data())
    assert hash(Calendar.from_data(data)) == hash(Calendar.from_data(data))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"zone": "Mars/Olympus", "weekly": {}},
        {"zone": "../etc", "weekly": {}},
        {"zone": "UTC", "weekly": {"monday": []}},
        {"zone": "UTC", "weekly": {"mon": ["9-17"]}},
        {"zone": "UTC", "weekly": {"mon": ["09:00-09:00"]}},
        {"zone": "UTC", "weekly": {"mon": ["09:00-25:00"]}},
        {"zone": "UTC", "weekly": {"mon": ["09:60-10:00"]}},
        {"zone": "UTC", "weekly": {"mon": "09:00-10:00"}},
        {"zone": "UTC", "weekly": {}, "exceptions": [{"date": "2025-02-30"}]},
        {"zone": "UTC", "weekly": {}, "exceptions": [{"date": "2025-02-03"}, {"date": "2025-02-03"}]},
        {"zone": "UTC", "weekly": [], "exceptions": None},
    ],
)
def test_data_that_is_no_calendar_is_refused(data):
    with pytest.raises(CalendarInvalid):
        Calendar.from_data(data)
