from datetime import UTC, datetime

import pytest

from orders.detectors.refused import Refused

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", ["attempt_failed", "exception"])
def test_the_carriers_word_is_believed_at_once(order, parcel, status):
    told = parcel(status=status, sub_status="refused", status_at=SCAN, attempts=1, carrier="EMS")
    finding = Refused().inspect(order(), SCAN, told)

    assert (finding.grade, finding.since, finding.parcel_id) == (2, SCAN, 7)
    assert finding.why.format(**finding.params) == "EMS reports that the recipient refused parcel RR123456789CN."


def test_time_alone_changes_nothing(order, parcel):
    assert Refused().due(order(), parcel(status="attempt_failed", sub_status="refused", status_at=SCAN)) is None


def test_another_reason_is_not_this_one(order, parcel):
    assert Refused().inspect(order(), SCAN, parcel(status="exception", sub_status="delayed", status_at=SCAN)) is None


def test_it_clears_when_the_parcel_moves_on_or_arrives(order, parcel):
    moving = parcel(status="out_for_delivery", sub_status="out", status_at=SCAN)
    arrived = parcel(status="delivered", sub_status="signed", delivered_at=SCAN)

    assert Refused().clears(order(), SCAN, moving) == "moved_on"
    assert Refused().clears(order(), SCAN, arrived) == "delivered"


def test_a_cancelled_order_is_let_alone(order, parcel):
    told = parcel(status="attempt_failed", sub_status="refused", status_at=SCAN)

    assert Refused().clears(order(cancelled_at=SCAN), SCAN, told) == "cancelled"
