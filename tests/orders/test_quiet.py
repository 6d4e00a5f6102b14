"""Nobody is woken, and every digest has a day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from orders.quiet import digest_at, quiet_until

ZONES = st.sampled_from([ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "UTC")])
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
DAY = timedelta(days=1)


@given(MOMENTS, ZONES)
def test_the_end_of_the_night_is_eight_by_the_buyers_clock_and_no_night_itself(now, zone) -> None:
    until = quiet_until(now, zone)
    local = now.astimezone(zone)
    assert (until is None) == (8 <= local.hour < 22)
    if until is not None:
        assert until.astimezone(zone).hour == 8 and now < until <= now + timedelta(hours=11)
        assert quiet_until(until, zone) is None


@given(MOMENTS, ZONES)
def test_a_digest_goes_out_at_six_within_a_day_and_leaves_writers_a_quarter_of_an_hour(now, zone) -> None:
    at = digest_at(now, zone)
    assert at.astimezone(zone).hour == 18
    assert timedelta(minutes=15) < at - now <= DAY + timedelta(minutes=75)
    assert quiet_until(at, zone) is None
