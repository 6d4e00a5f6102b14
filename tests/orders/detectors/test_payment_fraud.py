from datetime import timedelta
from decimal import Decimal

import pytest

from orders.detectors.not_shipped import NotShipped
from orders.detectors.payment_fraud import PaymentFraud
from orders.facts import Paid

HOUR = timedelta(hours=1)


@pytest.fixture
def flagged(order):
    """A paid order flagged two hours after it was placed."""
    placed = order().placed_at
    given = {"paid_at": placed + HOUR, "risk_at": placed + 2 * HOUR, "risk_reason": "stolen card"}
    return lambda **known: order(**(given | known))


def test_a_flagged_order_is_urgent_and_gives_the_reason(flagged):
    finding = PaymentFraud().inspect(flagged(), flagged().risk_at)

    assert (finding.grade, finding.params["reason"]) == (1, "stolen card")


def test_letting_it_go_clears_it_and_flagging_it_again_finds_it_again(flagged):
    free = flagged(released_at=flagged().risk_at + HOUR)
    again = flagged(released_at=free.released_at, risk_at=free.released_at + HOUR)

    assert PaymentFraud().clears(free, free.released_at) == "released"
    assert PaymentFraud().inspect(again, again.risk_at) is not None


def test_nobody_is_pressed_to_ship_a_frozen_order(flagged):
    later = flagged().placed_at + 100 * HOUR
    free = flagged(released_at=flagged().placed_at + 90 * HOUR)

    assert NotShipped().inspect(flagged(), later) is None
    assert NotShipped().due(free) == free.released_at + 48 * HOUR


@pytest.mark.parametrize(("paid", "wrong"), [("60", False), ("59", False), ("40", True), ("90", True)])
def test_payments_that_are_not_the_orders_value_are_found(order, paid, wrong):
    at = order().placed_at + HOUR
    facts = order(paid_at=at, value=Decimal(60), payments=(Paid(Decimal(paid), at),))

    assert (PaymentFraud().inspect(facts, at) is not None) == wrong


def test_an_order_of_which_no_payment_is_known_is_let_alone(order):
    facts = order(paid_at=order().placed_at)

    assert PaymentFraud().inspect(facts, facts.paid_at) is None
