"""One spelling of each value, and what happens to all others."""

from datetime import UTC, datetime

import pytest
from rest_framework.exceptions import ValidationError

from ticketdesk.api.fields import Amount, Choice, Email, Flag, Key, Moment, Text, Whole, country


@pytest.mark.parametrize(
    "text",
    [
        "0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
        "2026-02-30T00:00:00Z", "2026-06-30T23:59:60Z", "2026-11-23T10:00:00", "2026-11-23",
        "2026-11-23T10:00:00+25:00", "2026-11-23T10:00:00+14:01", "2026-11-23T10:00:00-23:59",
        "2100-01-01T00:00:00Z", "1989-12-31T23:59:59Z",
        "２０２６-11-23T10:00:00Z", "20261123T100000Z", "now", "", " ", "1763861400", 1763861400, 1.5, True, None,
        [], {}, "2026-11-23T10:00:00+08:00 ; drop", "2026-11-23T10:00:00+٠٨:00", "2" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_moment_within_reach_is_refused(text):
    with pytest.raises(ValidationError):
        Moment().run_validation(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T10:00:00+08:00", "2026-11-23T02:00:00Z", "2026-11-23 02:00z", "2026-11-22T12:00:00-1400",
        "2026-11-23t02:00:00.000000Z", "2026-11-23T07:30:00+05:30",
    ],
)  # fmt: skip
def test_a_moment_is_read_from_any_offset(text):
    assert Moment().run_validation(text) == datetime(2026, 11, 23, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", [-1, 2**31, 2**63, 1e30, 1.5, 3.0, True, "１２", "٣", "0x10", "1_000", "+1", "", None, [1]]
)
def test_what_is_no_whole_number_within_reach_is_refused(value):
    with pytest.raises(ValidationError):
        Whole().run_validation(value)


@pytest.mark.parametrize("value", [0, -1, 2**63, "９"])
def test_what_can_be_no_rows_number_is_refused(value):
    with pytest.raises(ValidationError):
        Key().run_validation(value)
    assert Key().run_validation("9223372036854775807") == 2**63 - 1


@pytest.mark.parametrize(
    "value", [1e30, -0.01, "-5", "１２", "1,000.00", "1.234", 10**12, "NaN", "Infinity", True, "", None, [], {}, "1e3"]
)
def test_what_is_no_amount_is_refused(value):
    with pytest.raises(ValidationError):
        Amount().run_validation(value)


@pytest.mark.parametrize(("value", "text"), [(199, "199.00"), ("19.99", "19.99"), (19.9, "19.90"), (0, "0.00")])
def test_an_amount_is_read_from_text_or_number(value, text):
    assert str(Amount().run_validation(value)) == text


@pytest.mark.parametrize("value", [1, True, ["a"], {"a": 1}, None, "", "a\x07b", "a\0b", "x" * 11])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(ValidationError):
        Text(max_length=10).run_validation(value)


@pytest.mark.parametrize("value", [1, 0, "true", "yes", None, []])
def test_only_true_and_false_are_flags(value):
    with pytest.raises(ValidationError):
        Flag().run_validation(value)


@pytest.mark.parametrize("value", ["blue", True, [], {}, None, "", "1 ", "x" * 100_000])
def test_what_is_not_among_the_choices_is_refused_without_repeating_it(value):
    with pytest.raises(ValidationError) as refused:
        Choice(choices=[(1, "one"), (2, "two")]).run_validation(value)
    assert len(str(refused.value)) < 300


def test_choices_that_are_numbers_may_come_as_digits():
    assert Choice(choices=[(1, "one")]).run_validation("1") == 1


@pytest.mark.parametrize("value", ["cn", "CHN", "Ｃ N", "C1", "CN\n"])
def test_a_country_has_two_capital_letters(value):
    with pytest.raises(ValidationError):
        country(trim_whitespace=False).run_validation(value)
    assert country().run_validation("CN") == "CN"


def test_an_address_without_an_at_is_no_email():
    with pytest.raises(ValidationError):
        Email().run_validation("nobody")
