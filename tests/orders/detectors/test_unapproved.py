from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.unapproved import Unapproved
from orders.facts import MilestoneFacts

PLACED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_order_nobody_paid_for_is_found_after_a_day(order):
    finding = Unapproved().inspect(order(), PLACED + 25 * HOUR)

    assert (finding.grade, finding.since) == (3, PLACED + 24 * HOUR)
    assert finding.why.format(**finding.params).startswith("Placed 25 h ago")


def test_it_is_found_at_the_limit_and_not_a_second_before(order):
    moment = Unapproved().due(order())

    assert moment == PLACED + 24 * HOUR
    assert Unapproved().inspect(order(), moment) is not None
    assert Unapproved().inspect(order(), moment - timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("fact", "reason"),
    [("paid_at", "paid"), ("shipped_at", "shipped"), ("cancelled_at", "cancelled"), ("delivered_at", "delivered")],
)
def test_it_clears_when_money_or_the_end_comes_and_never_wakes_again(order, fact, reason):
    known = order(**{fact: PLACED + HOUR})

    assert Unapproved().clears(known, PLACED + 30 * HOUR) == reason
    assert Unapproved().due(known) is None


def test_it_stays_open_while_nothing_has_happened(order):
    assert Unapproved().clears(order(), PLACED + 30 * HOUR) is None


def test_a_shop_may_wait_longer(order):
    patient = Unapproved({"after": 72 * HOUR})

    assert patient.inspect(order(), PLACED + 71 * HOUR) is None
    assert patient.inspect(order(), PLACED + 72 * HOUR).params["limit"] == 72


def test_an_order_that_follows_a_plan_is_paid_when_the_plan_says(order):
    known = order(milestones=(MilestoneFacts("payment_confirmed", PLACED + 90 * HOUR, "finance"),))

    assert Unapproved().inspect(known, PLACED + 89 * HOUR) is None
    assert Unapproved().inspect(known, PLACED + 90 * HOUR).params["limit"] == 90
