from datetime import UTC, datetime

from orders.detectors.returning import Returning

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


def test_a_parcel_on_its_way_back_is_found_at_once(order, parcel):
    back = parcel(status="returning", sub_status="in_transit", status_at=SCAN, carrier="EMS")
    finding = Returning().inspect(order(), SCAN, back)

    assert (finding.grade, finding.since) == (2, SCAN)
    assert finding.why.format(**finding.params) == "EMS is sending parcel RR123456789CN back."


def test_a_delivered_parcel_that_moves_again_is_returning(order, parcel):
    back = parcel(status="customs", sub_status="processing", leg="return", delivered_at=SCAN, status_at=SCAN)

    assert Returning().inspect(order(delivered_at=SCAN), SCAN, back) is not None


def test_it_clears_when_the_sender_has_it_again(order, parcel):
    back = parcel(status="returned", sub_status="received", leg="return", delivered_at=SCAN, returned_at=SCAN)

    assert Returning().clears(order(), SCAN, back) == "returned"


def test_a_return_that_a_cancellation_explains_is_let_alone(order, parcel):
    back = parcel(status="returning", sub_status="in_transit", status_at=SCAN)

    assert Returning().inspect(order(cancelled_at=SCAN), SCAN, back) is None


def test_an_outbound_parcel_is_not_returning(order, parcel):
    assert Returning().inspect(order(), SCAN, parcel(status="in_transit", sub_status="moving")) is None
