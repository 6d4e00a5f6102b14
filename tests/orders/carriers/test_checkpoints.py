"""Lists of checkpoints: their direction, and those without a time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.base import Message, code_map
from orders.carriers.checkpoints import MOST, Checkpoint, scans_of
from orders.carriers.times import Moment
from orders.projection import project
from tests.orders.carriers.spoiling import AT

CODES = code_map("""
    moving in_transit.moving
    done delivered.delivered
    part delivered.partial
    label info_received.label_created
""")
DAY = datetime(2026, 8, 20, tzinfo=UTC)


def line(hour: int | None, code: str = "moving", precision="second") -> Checkpoint:
    at = None if hour is None else Moment(DAY + timedelta(hours=hour), precision, "explicit")
    return Checkpoint(code=code, at=at, text=f"{code} {hour}")


def read(*lines: Checkpoint, **known):
    return scans_of(lines, source="test", codes=CODES, message=Message(b"", AT), **known)


@given(st.lists(st.integers(0, 20), unique=True), st.booleans(), st.booleans())
def test_a_list_is_read_oldest_first_whichever_way_it_runs(hours, backwards, said):
    lines = [line(hour) for hour in sorted(hours, reverse=backwards)]
    scans = read(*lines, newest_first=said if len(hours) > 1 else False)
    assert [scan.occurred_at for scan in scans] == [DAY + timedelta(hours=hour) for hour in sorted(hours)]
    assert [scan.seq for scan in scans] == list(range(1, len(hours) + 1))


def test_a_list_of_one_time_runs_as_its_source_says():
    lines = [line(1, "moving"), line(1, "done")]
    assert [scan.raw_code for scan in read(*lines, newest_first=True)] == ["done", "moving"]


@given(st.lists(st.none() | st.just(1), min_size=1, max_size=8))
def test_a_checkpoint_without_a_time_keeps_its_place_and_is_never_the_latest(known):
    lines = [line(number if at else None) for number, at in enumerate(known, 1)]
    scans = read(*lines)
    assert len(scans) == (len(lines) if any(known) else 0)
    if scans:
        latest = max(number for number, at in enumerate(known, 1) if at)
        assert max(scan.occurred_at for scan in scans) == DAY + timedelta(hours=latest)
        times = [scan.occurred_at for scan in scans[:latest]]
        assert times == sorted(times)


def test_a_delivery_without_a_time_does_not_overtake():
    row = project(read(line(3, "label"), line(None, "done"), line(5, "moving")), now=AT)
    assert row.delivered_at == DAY + timedelta(hours=4, minutes=59, seconds=59)


def test_of_a_day_without_hours_the_time_is_the_day():
    first, second = read(line(None), line(0, precision="date"))
    assert (first.occurred_at, first.time_precision) == (second.occurred_at, "date")


@pytest.mark.parametrize(("code", "status"), [("done", "returned.received"), ("part", "delivered.partial")])
def test_on_the_way_back_a_whole_delivery_is_the_senders(code, status):
    (scan,) = read(line(1, code), is_return=True)
    assert (str(scan.canonical), scan.raw_status) == (status, "return")


def test_an_unread_code_is_a_scan_of_the_parcel_and_an_announcement_is_none():
    unread, label = read(line(1, "new"), line(2, "label"))
    assert (unread.is_physical, label.is_physical) == (True, False)


def test_of_an_endless_list_the_newest_are_read():
    lines = [line(hour) for hour in range(MOST + 5)]
    assert read(*lines)[0].occurred_at == DAY + timedelta(hours=5)
    assert len(read(*lines[::-1])) == MOST
