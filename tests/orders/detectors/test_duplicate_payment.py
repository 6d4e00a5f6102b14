from datetime import timedelta
from decimal import Decimal

import pytest

from orders.detectors.duplicate_payment import DuplicatePayment
from orders.facts import Paid, Twin

MINUTE = timedelta(minutes=1)


@pytest.fixture
def paid(order):
    """An order of 60 paid an hour after it was placed, in these parts: (amount, minutes later)."""

    def build(*parts, **known):
        at = order().placed_at + 60 * MINUTE
        payments = tuple(Paid(Decimal(amount), at + minutes * MINUTE) for amount, minutes in parts)
        return order(**({"value": Decimal(60), "paid_at": at, "payments": payments} | known))

    return build


def found(facts):
    return DuplicatePayment().inspect(facts, facts.placed_at + timedelta(days=1))


def test_the_same_amount_twice_within_ten_minutes_is_found_with_its_numbers(paid):
    finding = found(paid((60, 0), (60, 8)))

    assert finding.why.format(**finding.params) == "60 EUR was paid twice within 8 min for an order of 60 EUR."
    assert finding.grade == 1


@pytest.mark.parametrize("parts", [[(60, 0), (60, 11)], [(30, 0), (30, 1)], [(60, 0)], [(60, 0), (20, 1)]])
def test_apart_or_in_parts_or_once_is_no_mistake(paid, parts):
    assert found(paid(*parts)) is None


def test_another_order_of_the_buyer_paid_just_before_is_found(paid):
    at = paid().paid_at
    finding = found(paid((60, 0), twin=Twin("A-1000", at - 4 * MINUTE)))

    assert finding.params["other"] == "A-1000" and finding.params["minutes"] == 4
    assert found(paid((60, 0), twin=Twin("A-1000", at - 11 * MINUTE))) is None


def test_giving_one_back_clears_it(paid):
    facts = paid((60, 0), (60, 2), (-60, 500))

    assert DuplicatePayment().clears(facts, facts.placed_at + timedelta(days=1)) == "refunded"
    assert DuplicatePayment().clears(paid((60, 0), cancelled_at=facts.paid_at), facts.paid_at) == "cancelled"
