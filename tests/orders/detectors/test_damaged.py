from datetime import UTC, datetime

from orders.detectors.damaged import Damaged

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


def test_damage_is_urgent_at_once(order, parcel):
    broken = parcel(status="exception", sub_status="damaged", status_at=SCAN, carrier="EMS")
    finding = Damaged().inspect(order(), SCAN, broken)

    assert (finding.grade, finding.since) == (1, SCAN)
    assert finding.why.format(**finding.params) == "EMS reports parcel RR123456789CN as damaged."


def test_no_later_scan_mends_it(order, parcel):
    arrived = parcel(status="delivered", sub_status="signed", delivered_at=SCAN)

    assert Damaged().inspect(order(), SCAN, arrived) is None
    assert Damaged().clears(order(), SCAN, arrived) is None


def test_damage_counts_on_a_cancelled_order_too(order, parcel):
    broken = parcel(status="exception", sub_status="damaged", status_at=SCAN)

    assert Damaged().inspect(order(cancelled_at=SCAN), SCAN, broken) is not None
