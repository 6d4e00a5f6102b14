from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.overdue import Overdue

PROMISE = datetime(2026, 3, 9, 23, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_an_open_order_is_overdue_from_the_promised_instant(order):
    known = order(promised_delivery_at=PROMISE)

    assert Overdue().due(known) == PROMISE
    assert Overdue().inspect(known, PROMISE - timedelta(seconds=1)) is None
    assert Overdue().inspect(known, PROMISE).grade == 2


def test_the_sentence_names_the_promise(order):
    finding = Overdue().inspect(order(promised_delivery_at=PROMISE), PROMISE + 5 * HOUR)

    assert finding.why.format(**finding.params) == (
        f"Delivery was promised by {PROMISE.isoformat()}; that time has passed without one."
    )


def test_without_a_promise_nothing_is_overdue(order):
    assert Overdue().due(order()) is None
    assert Overdue().inspect(order(), PROMISE) is None


@pytest.mark.parametrize(("fact", "reason"), [("delivered_at", "delivered"), ("cancelled_at", "cancelled")])
def test_it_clears_when_the_order_is_over(order, fact, reason):
    known = order(promised_delivery_at=PROMISE, **{fact: PROMISE + HOUR})

    assert Overdue().clears(known, PROMISE + 2 * HOUR) == reason


def test_it_clears_when_every_parcel_came_back_and_not_before(order, parcel):
    back, away = parcel(id=1, returned_at=PROMISE), parcel(id=2)

    assert Overdue().clears(order(promised_delivery_at=PROMISE, parcels=(back,)), PROMISE + HOUR) == "returned"
    assert Overdue().clears(order(promised_delivery_at=PROMISE, parcels=(back, away)), PROMISE + HOUR) is None


def test_a_later_promise_clears_it(order):
    assert Overdue().clears(order(promised_delivery_at=PROMISE + 9 * HOUR), PROMISE) == "new_promise"
