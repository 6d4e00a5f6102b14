"""From a carrier's words for a time to an instant: where its zone comes from, and how exact it is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.times import YEARS, Moment, eta, moment, zone_named

NINE = datetime(2026, 8, 20, 9, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2026-08-20T09:58:00Z", "second"),
        ("2026-08-20 09:58:00.123+00:00", "second"),
        ("2026-08-20T11:58+0200", "minute"),
        ("20260820T095800Z", "second"),
        ("2026/08/20 09:58:00 Z", "second"),
    ],
)
def test_an_offset_in_the_text_is_explicit(text, precision):
    assert moment(text, utc="2020-01-01T00:00:00Z", country="CN") == Moment(NINE, precision, "explicit")


def test_the_pacific_scan_is_in_utc_and_explicit():
    assert moment("2026-04-26T09:26:00-07:00").at == datetime(2026, 4, 26, 16, 26, tzinfo=UTC)


def test_the_zone_comes_from_provider_then_place_then_carrier_then_shop():
    known = {"utc": "2026-08-20T09:58:00", "country": "GB", "carrier_zone": "Asia/Shanghai", "shop_zone": "Asia/Tokyo"}
    found = []
    for name in [*known, None]:
        found.append(moment("2026-08-20T10:58:00", **known))
        known.pop(name, None) if name else None
    assert [each.tz_source for each in found] == ["provider", "location", "carrier", "shop", "shop"]
    assert [each.at.hour for each in found] == [9, 9, 2, 1, 10]


def test_an_unknown_zone_name_is_passed_over():
    assert zone_named("Mars/Base") is None and zone_named("../etc/passwd") is None and zone_named("a\x00") is None
    assert moment("2026-08-20", carrier_zone="Mars/Base", shop_zone="Mars/Base").tz_source == "shop"


def test_a_date_is_the_start_of_the_local_day():
    assert moment("2026-08-20", country="CN") == Moment(datetime(2026, 8, 19, 16, tzinfo=UTC), "date", "location")


def test_a_providers_day_is_no_time():
    assert moment("2026-08-20 09:58:00", utc="2026-08-20", country="CN").tz_source == "location"
    assert moment(None, utc="2026-08-20") is None
    assert moment(None, utc="2026-08-20T09:58:00") == Moment(NINE, "second", "provider")


@pytest.mark.parametrize(
    "text", [None, 5, "", "soon", "2026-02-30", "1999-12-31", "2100-01-01", "2026-08-20T25:00", "20:15"]
)
def test_what_is_no_time_is_none(text):
    assert moment(text) is None and eta(text) is None


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("2026-08-22", "2026-08-23T07:00+00:00"),
        ("2026-08-22T00:00:00Z", "2026-08-23T07:00+00:00"),
        ("2026-08-22T00:00:00", "2026-08-23T07:00+00:00"),
        ("2026-08-22T00:00:00-05:00", "2026-08-23T05:00+00:00"),
    ],
)
def test_a_midnight_is_a_local_day_that_is_over_at_its_end(text, ends):
    found = eta(text, country="US", region="CA", city="Los Angeles", shop_zone="Asia/Shanghai")
    assert (found.day, found.at) == (date(2026, 8, 22), datetime.fromisoformat(ends))


def test_an_expected_hour_is_an_instant():
    assert eta("2026-08-22T18:00:00", country="CN").at == datetime(2026, 8, 22, 10, tzinfo=UTC)
    assert eta("2026-08-22T18:00:00Z").day is None


def test_the_day_that_ends_summer_time_has_twenty_five_hours():
    start, end = moment("2026-10-25", country="GB").at, eta("2026-10-25", country="GB").at
    assert end - start == timedelta(hours=25)


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?", fullmatch=True))
def test_any_text_is_a_time_of_our_age_or_none(text):
    for found in (moment(text), moment(None, utc=text), eta(text)):
        assert found is None or (found.at.tzinfo is UTC and abs(found.at.year - 2050) <= len(YEARS) // 2 + 1)


@given(
    st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)), st.timedeltas(timedelta(hours=-14), timedelta(hours=14))
)
def test_an_instant_survives_any_offset(at, offset):
    offset = timedelta(minutes=offset // timedelta(minutes=1))
    local = (at.replace(microsecond=0, tzinfo=UTC) + offset).replace(tzinfo=None)
    sign, minutes = ("-", -offset) if offset < timedelta() else ("+", offset)
    clock = f"{sign}{minutes // timedelta(hours=1):02}:{minutes // timedelta(minutes=1) % 60:02}"
    assert moment(f"{local.isoformat()}{clock}", country="CN").at == at.replace(microsecond=0, tzinfo=UTC)
