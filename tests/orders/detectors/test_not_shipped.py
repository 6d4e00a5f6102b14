from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.not_shipped import NotShipped
from orders.facts import MilestoneFacts

PAID = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_paid_order_is_late_after_two_days_and_urgent_after_three(order):
    known = order(paid_at=PAID)

    assert NotShipped().inspect(known, PAID + 48 * HOUR - timedelta(seconds=1)) is None
    assert NotShipped().inspect(known, PAID + 48 * HOUR).grade == 2
    assert NotShipped().inspect(known, PAID + 72 * HOUR).grade == 1


def test_it_wakes_at_both_limits_and_then_never_again(order):
    known = order(paid_at=PAID)

    assert NotShipped().due(known) == PAID + 48 * HOUR
    assert NotShipped().due(known, after=PAID + 48 * HOUR) == PAID + 72 * HOUR
    assert NotShipped().due(known, after=PAID + 72 * HOUR) is None


def test_a_pre_sale_is_due_on_its_agreed_date_and_not_after_two_days(order):
    agreed = PAID + timedelta(days=10)
    known = order(paid_at=PAID, promised_ship_at=agreed)

    assert NotShipped().inspect(known, PAID + 50 * HOUR) is None
    assert NotShipped().due(known) == agreed
    finding = NotShipped().inspect(known, agreed + 2 * HOUR)
    assert (finding.grade, finding.params["hours"], finding.params["paid_hours"]) == (2, 2, 242)
    assert "Agreed to ship by" in finding.why.format(**finding.params)


def test_an_agreed_date_before_the_two_days_does_not_shorten_them(order):
    assert NotShipped().due(order(paid_at=PAID, promised_ship_at=PAID + HOUR)) == PAID + 48 * HOUR


def test_the_sentence_carries_the_hours_and_the_shops_own_limit(order):
    finding = NotShipped({"after": 24 * HOUR}).inspect(order(paid_at=PAID), PAID + 30 * HOUR)

    assert finding.why.format(**finding.params) == (
        "Paid 30 h ago and not handed to a carrier; the shop's limit is 24 h."
    )


def test_an_unpaid_order_is_not_late(order):
    assert NotShipped().inspect(order(), PAID + timedelta(days=9)) is None
    assert NotShipped().due(order()) is None


@pytest.mark.parametrize(
    ("fact", "reason"), [("shipped_at", "shipped"), ("cancelled_at", "cancelled"), ("delivered_at", "delivered")]
)
def test_it_clears_with_the_reason(order, fact, reason):
    assert NotShipped().clears(order(paid_at=PAID, **{fact: PAID + 50 * HOUR}), PAID + 60 * HOUR) == reason


@pytest.mark.parametrize("fact", ["announced_at", "first_scan_at", "picked_up_at"])
def test_a_parcel_that_left_counts_as_shipped(order, parcel, fact):
    known = order(paid_at=PAID, parcels=(parcel(**{fact: PAID + HOUR}),))

    assert NotShipped().clears(known, PAID + 60 * HOUR) == "shipped"


def test_a_new_agreed_date_clears_it(order):
    known = order(paid_at=PAID, promised_ship_at=PAID + timedelta(days=10))

    assert NotShipped().clears(known, PAID + 60 * HOUR) == "new_ship_date"


def test_the_warning_comes_a_half_day_before_the_limit(order):
    assert NotShipped().warns_at(order(paid_at=PAID)) == PAID + 36 * HOUR
    assert NotShipped().warns_at(order(paid_at=PAID, shipped_at=PAID)) is None


def test_an_order_that_follows_a_plan_is_due_when_the_plan_hands_it_over(order):
    planned = PAID + timedelta(days=20)
    known = order(paid_at=PAID, milestones=(MilestoneFacts("handed_over", planned, "warehouse"),))

    assert NotShipped().inspect(known, PAID + 72 * HOUR) is None
    assert NotShipped().inspect(known, planned).since == planned
