"""Cells."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.importing.rejects import safe_cell
from orders.importing.values import (
    Bad,
    Setting,
    check,
    clean,
    end_of_day,
    read_amount,
    read_code,
    read_letters,
    read_moment,
    read_text,
    read_whole,
)
from tests.clock import NOW

SHANGHAI = Setting(ZoneInfo("Asia/Shanghai"), NOW)
SAO_PAULO = Setting(ZoneInfo("America/Sao_Paulo"), NOW)


def code_of(read, *args, **options) -> str:
    with pytest.raises(Bad) as caught:
        read(*args, **options)
    return caught.value.code


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-15 14:30",
        "2026-03-15T14:30:00",
        "2026/3/15 14:30:00",
        "2026.03.15 14:30",
        "2026年3月15日 14:30",
        "2026年3月15日 14时30分",
        "２０２６-03-15 14:30",
        "20260315143000",
        "2026-03-15T06:30:00Z",
        "2026-03-15T06:30:00.000+00:00",
        "2026-03-15 14:30 +0800",
    ],
)
def test_a_time_may_be_written_in_many_ways_and_means_the_same_instant(text: str) -> None:
    assert read_moment(text, SHANGHAI, happened=True).at == datetime(2026, 3, 15, 6, 30, tzinfo=UTC)


def test_a_day_alone_is_a_promise_until_the_next_local_midnight() -> None:
    moment = read_moment("2026-03-15", SHANGHAI, happened=False)
    assert moment.day_only
    assert end_of_day(moment, SHANGHAI.zone) == datetime(2026, 3, 15, 16, 0, tzinfo=UTC)


def test_a_day_whose_next_midnight_is_skipped_by_a_clock_change_ends_when_the_next_day_begins() -> None:
    moment = read_moment("2017-10-14", SAO_PAULO, happened=False)
    assert end_of_day(moment, SAO_PAULO.zone).astimezone(SAO_PAULO.zone).isoformat() == "2017-10-15T01:00:00-02:00"


@pytest.mark.parametrize("text", ["03/04/2026", "3.4.2026 12:00", "15-03-26"])
def test_a_date_that_does_not_begin_with_the_year_is_never_guessed(text: str) -> None:
    assert code_of(read_moment, text, SHANGHAI, happened=True) == "moment_order"


def test_a_mapping_may_name_a_format_for_such_dates() -> None:
    setting = Setting(SHANGHAI.zone, NOW, formats=("%d.%m.%Y",))
    moment = read_moment("03.04.2026", setting, happened=True)
    assert (moment.at, moment.day_only) == (datetime(2026, 4, 2, 16, 0, tzinfo=UTC), True)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-02-30", "2026-03-15 25:00", "43174.5", "1521115200"])
def test_what_is_no_date_is_no_date(text: str) -> None:
    assert code_of(read_moment, text, SHANGHAI, happened=True) == "moment"


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-30", "2099-01-01 00:00", "9999-12-31 23:59"])
def test_a_year_far_from_the_present_is_a_slip(text: str) -> None:
    assert code_of(read_moment, text, SHANGHAI, happened=False) == "year"


def test_what_has_happened_does_not_lie_in_the_future_but_a_promise_may() -> None:
    later = (NOW + timedelta(days=3)).isoformat()
    assert code_of(read_moment, later, SHANGHAI, happened=True) == "future"
    assert read_moment(later, SHANGHAI, happened=False).at == NOW + timedelta(days=3)


@given(st.datetimes(datetime(1990, 1, 2), datetime(2026, 11, 1), timezones=st.just(UTC)))
def test_every_instant_survives_being_written_with_its_offset(moment: datetime) -> None:
    assert read_moment(moment.isoformat(), SHANGHAI, happened=True).at == moment


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1234.5", "1234.50"), ("1,234.50", "1234.50"), ("¥1,234.50", "1234.50"), ("R$12.30", "12.30"), (".5", "0.50"),
     ("12.345", "12.34"), ("0", "0.00"), ("99元", "99.00"), ("-0.00", "0.00")],
)  # fmt: skip
def test_amounts_are_read_with_their_thousands_and_their_currency_sign(text: str, amount: str) -> None:
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "code"),
    [("-5", "negative"), ("abc", "amount"), ("1.234,50", "amount"), ("NaN", "amount"), ("Infinity", "amount"),
     ("1e5", "amount"), ("", "amount"), ("1" * 400, "too_large")],
)  # fmt: skip
def test_other_amounts_are_refused(text: str, code: str) -> None:
    assert code_of(read_amount, text) == code


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "two", "1" * 30, "²"])
def test_a_quantity_is_a_whole_number_of_one_or_more(text: str) -> None:
    assert code_of(read_whole, text, 1000) == "quantity"


def test_spreadsheets_may_write_whole_numbers_with_a_point() -> None:
    assert read_whole("2.0", 1000) == 2


@pytest.mark.parametrize("text", ["1.23457E+15", "6.9E+12", "1E15"])
def test_a_number_that_a_spreadsheet_has_shortened_is_not_an_order_number(text: str) -> None:
    assert code_of(read_code, text, 64) == "rounded"


def test_a_long_name_is_cut_and_a_long_number_refused() -> None:
    assert len(read_text("x" * 300, 200, cut=True)) == 200
    assert code_of(read_text, "x" * 65, 64) == "too_long"


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b"])
def test_a_nul_is_refused(text: str) -> None:
    assert code_of(check, text) == "control"


def test_an_error_of_a_spreadsheet_is_no_value() -> None:
    assert code_of(check, "#N/A") == "cell_error"
    check("#1 in the list")


def test_letters_are_a_code_or_a_word_that_the_mapping_knows() -> None:
    assert read_letters("cn", 2, "country", {}) == "CN"
    assert read_letters("中国", 2, "country", {"中国": "CN"}) == "CN"
    assert code_of(read_letters, "Elbonia", 2, "country", {}) == "country"


@given(st.text(st.characters(blacklist_categories=["Cs"]), min_size=1).filter(lambda text: text == text.strip()))
def test_what_our_export_marks_as_a_formula_reads_as_what_it_was(text: str) -> None:
    if not text.startswith("'") and clean(text, frozenset()) == text:
        assert clean(safe_cell(text), frozenset()) == text
