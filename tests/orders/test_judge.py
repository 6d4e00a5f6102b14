from datetime import UTC, datetime, timedelta
from decimal import Decimal

from orders.detectors.not_shipped import NotShipped
from orders.detectors.overdue import Overdue
from orders.detectors.unapproved import Unapproved
from orders.facts import OrderFacts
from orders.judge import judge

PLACED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DETECTORS = [Unapproved(), NotShipped(), Overdue()]


def order(**known: datetime) -> OrderFacts:
    """An order placed on 2 March at 08:00 UTC; keywords are its other times."""
    names = ("paid_at", "shipped_at", "delivered_at", "cancelled_at", "promised_ship_at", "promised_delivery_at")
    times = {name: known.get(name) for name in names}
    return OrderFacts(1, "A-1001", PLACED, **times, value=Decimal(60), currency="EUR", vip=False, cross_border=False)


def test_a_late_order_opens_an_anomaly_and_wakes_when_it_becomes_urgent():
    judgement = judge(order(paid_at=PLACED), DETECTORS, {}, PLACED + 50 * HOUR)

    assert [finding.code for finding in judgement.opened] == ["not_shipped"]
    assert judgement.next_due == PLACED + 72 * HOUR


def test_what_is_open_already_is_not_opened_twice():
    judgement = judge(order(paid_at=PLACED), DETECTORS, {("not_shipped", None): 2}, PLACED + 50 * HOUR)

    assert (judgement.opened, judgement.regraded, judgement.cleared) == ([], [], [])


def test_an_open_anomaly_is_regraded_when_it_becomes_urgent_and_nothing_more_can_come():
    judgement = judge(order(paid_at=PLACED), DETECTORS, {("not_shipped", None): 2}, PLACED + 72 * HOUR)

    assert [(finding.code, finding.grade) for finding in judgement.regraded] == [("not_shipped", 1)]
    assert judgement.next_due is None


def test_shipping_clears_with_its_reason():
    shipped = order(paid_at=PLACED, shipped_at=PLACED + 55 * HOUR)
    judgement = judge(shipped, DETECTORS, {("not_shipped", None): 2}, PLACED + 60 * HOUR)

    assert judgement.cleared == [("not_shipped", None, "shipped")]


def test_a_fact_dated_later_is_not_known_yet_and_wakes_the_order():
    shipped = order(paid_at=PLACED, shipped_at=PLACED + 55 * HOUR)
    judgement = judge(shipped, DETECTORS, {}, PLACED + 50 * HOUR)

    assert [finding.code for finding in judgement.opened] == ["not_shipped"]
    assert judgement.next_due == PLACED + 55 * HOUR


def test_an_order_of_the_future_has_nothing_open_and_wakes_when_it_is_placed():
    judgement = judge(order(), DETECTORS, {("unapproved", None): 3}, PLACED - HOUR)

    assert judgement.cleared == [("unapproved", None, "no_longer_true")]
    assert judgement.next_due == PLACED


def test_an_anomaly_that_no_detector_owns_is_left_alone():
    assert judge(order(), DETECTORS, {("wrong_item", None): 2}, PLACED + HOUR).cleared == []


def test_a_finished_order_never_wakes_again():
    done = order(paid_at=PLACED, shipped_at=PLACED, delivered_at=PLACED + HOUR, promised_delivery_at=PLACED + 9 * HOUR)

    assert judge(done, DETECTORS, {}, PLACED + 2 * HOUR).next_due is None
