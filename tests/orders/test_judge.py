from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from orders.detectors.delivery_failed import DeliveryFailed
from orders.detectors.no_update import NoUpdate
from orders.detectors.not_shipped import NotShipped
from orders.detectors.overdue import Overdue
from orders.detectors.unapproved import Unapproved
from orders.facts import OrderFacts, ParcelFacts
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


def test_an_anomaly_of_a_parcel_that_was_taken_away_is_cleared():
    detectors = [NoUpdate()]
    judgement = judge(order(paid_at=PLACED), detectors, {("no_update", 7): 3, ("wrong_item", 7): 2}, PLACED + HOUR)

    assert judgement.cleared == [("no_update", 7, "parcel_gone")]


def test_a_finished_order_never_wakes_again():
    done = order(paid_at=PLACED, shipped_at=PLACED, delivered_at=PLACED + HOUR, promised_delivery_at=PLACED + 9 * HOUR)

    assert judge(done, DETECTORS, {}, PLACED + 2 * HOUR).next_due is None


def silent_parcel(**known: object) -> ParcelFacts:
    """A parcel whose delivery failed when the order was placed and of which nothing was heard since."""
    blank: dict[str, object] = {each.name: None for each in fields(ParcelFacts) if each.default is MISSING}
    blank |= {"id": 7, "number": "RR1", "carrier": "ems", "leg": "outbound", "attempts": 1, "cross_border": False}
    blank |= {"status": "attempt_failed", "sub_status": "no_one", "place": "", "status_at": PLACED}
    blank |= {"first_scan_at": PLACED, "last_scan_at": PLACED}
    return ParcelFacts(**(blank | known))


def test_a_weaker_finding_gives_way_to_a_stronger_one_on_the_same_parcel():
    shipped = replace(order(paid_at=PLACED, shipped_at=PLACED), parcels=(silent_parcel(),))
    judgement = judge(shipped, [DeliveryFailed(), NoUpdate()], {("no_update", 7): 3}, PLACED + 80 * HOUR)

    assert [(finding.code, finding.parcel_id) for finding in judgement.opened] == [("delivery_failed", 7)]
    assert judgement.cleared == [("no_update", 7, "outweighed")]


def test_each_parcel_is_judged_by_itself():
    moving = silent_parcel(id=8, status="in_transit", sub_status="moving")
    shipped = replace(order(paid_at=PLACED, shipped_at=PLACED), parcels=(silent_parcel(), moving))
    judgement = judge(shipped, [DeliveryFailed(), NoUpdate()], {}, PLACED + 80 * HOUR)

    assert {(f.code, f.parcel_id) for f in judgement.opened} == {("delivery_failed", 7), ("no_update", 8)}
