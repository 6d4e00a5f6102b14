import pytest
from hypothesis import given
from hypothesis import strategies as st

from ticketdesk.accounts.masking import mask_address, mask_email, mask_name, mask_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("+86 138 1234 1234", "+86138****1234"),
        ("１３８１２３４１２３４", "138****1234"),
        ("+1 415 555 0123", "+141****0123"),
        ("12345678", "****5678"),
        ("1234567", "****67"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_a_phone_shows_its_last_four_digits_and_hides_four(phone, shown):
    assert mask_phone(phone) == shown


@given(st.text("0123456789", min_size=5, max_size=15))
def test_a_masked_phone_always_hides_at_least_three_digits(digits):
    assert len(digits) - sum(char.isdigit() for char in mask_phone(digits)) >= 3


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张伟明", "张**"),
        ("王芳", "王*"),
        ("王", "*"),
        ("张 三", "张*"),
        ("John Doe", "J*** D***"),
        ("Madonna", "M***"),
        (" ", ""),
    ],
)
def test_a_name_shows_its_initials(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("广东省深圳市南山区科技园1号楼302", "广东省深圳市南山区****"),
        ("北京市朝阳区建国路88号", "北京市朝阳区****"),
        ("深圳市阳光小区5栋", "深圳市****"),
        ("内蒙古自治区呼和浩特市新城区海东路", "内蒙古自治区呼和浩特市新城区****"),
        ("台北市信義區市府路45號", "台北市信義區****"),
        ("张三小区5号", "****"),
        ("12 Baker Street, London, United Kingdom", "****, United Kingdom"),
        ("12 Baker Street, London NW1 6XE", "****"),
        ("12 Baker Street", "****"),
        ("", ""),
    ],
)
def test_an_address_shows_no_more_than_its_district_or_country(address, shown):
    assert mask_address(address) == shown


@pytest.mark.parametrize(
    ("email", "shown"), [("john.doe@example.com", "j***@example.com"), ("nonsense", "****"), ("", "")]
)
def test_an_email_shows_its_first_letter_and_domain(email, shown):
    assert mask_email(email) == shown
