from datetime import UTC, datetime

from orders.detectors.returned import Returned

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


def test_a_return_received_by_the_sender_is_found_at_once(order, parcel):
    back = parcel(status="returned", sub_status="received", status_at=SCAN, returned_at=SCAN, leg="return")
    finding = Returned().inspect(order(delivered_at=SCAN), SCAN, back)

    assert (finding.grade, finding.since) == (3, SCAN)
    assert "is back with the sender" in finding.why.format(**finding.params)


def test_it_stays_open_until_people_have_refunded_or_sent_again(order, parcel):
    back = parcel(status="returned", sub_status="received", returned_at=SCAN)

    assert Returned().clears(order(), SCAN, back) is None


def test_a_return_that_a_cancellation_explains_is_let_alone(order, parcel):
    back = parcel(status="returned", sub_status="received", returned_at=SCAN)

    assert Returned().inspect(order(cancelled_at=SCAN), SCAN, back) is None
