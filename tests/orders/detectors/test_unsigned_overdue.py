from datetime import UTC, datetime, timedelta

from orders.detectors.unsigned_overdue import UnsignedOverdue

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_parcel_out_for_delivery_for_a_day_without_result_is_found(order, parcel):
    out = parcel(status="out_for_delivery", sub_status="out", status_at=SCAN)

    assert UnsignedOverdue().due(order(), out) == SCAN + 24 * HOUR
    assert UnsignedOverdue().inspect(order(), SCAN + 24 * HOUR - timedelta(seconds=1), out) is None
    finding = UnsignedOverdue().inspect(order(), SCAN + 30 * HOUR, out)
    assert (finding.grade, finding.since) == (3, SCAN + 24 * HOUR)
    assert "went out for delivery 30 h ago without a result; limit 24 h" in finding.why.format(**finding.params)


def test_the_carriers_word_is_believed_at_once(order, parcel):
    told = parcel(status="exception", sub_status="unsigned_overdue", status_at=SCAN)

    assert UnsignedOverdue().inspect(order(), SCAN, told).since == SCAN


def test_a_delivery_by_appointment_is_let_alone(order, parcel):
    booked = parcel(status="out_for_delivery", sub_status="scheduled", status_at=SCAN)

    assert UnsignedOverdue().inspect(order(), SCAN + 90 * HOUR, booked) is None


def test_a_failed_attempt_is_a_result(order, parcel):
    failed = parcel(status="attempt_failed", sub_status="no_one", status_at=SCAN)

    assert UnsignedOverdue().clears(order(), SCAN + 30 * HOUR, failed) == "moved_on"
