from datetime import UTC, datetime, timedelta

from orders.detectors.unclaimed import Unclaimed

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_parcel_nobody_collects_is_found_after_three_days(order, parcel):
    waiting = parcel(status="available_for_pickup", sub_status="locker", status_at=SCAN)

    assert Unclaimed().due(order(), waiting) == SCAN + 72 * HOUR
    assert Unclaimed().inspect(order(), SCAN + 72 * HOUR - timedelta(seconds=1), waiting) is None
    finding = Unclaimed().inspect(order(), SCAN + 75 * HOUR, waiting)
    assert (finding.grade, finding.since) == (3, SCAN + 72 * HOUR)
    assert "has waited 75 h for collection; the limit is 72 h" in finding.why.format(**finding.params)


def test_the_carriers_word_is_believed_at_once(order, parcel):
    told = parcel(status="exception", sub_status="unclaimed", status_at=SCAN, carrier="EMS")
    finding = Unclaimed().inspect(order(), SCAN, told)

    assert finding.why.format(**finding.params) == "EMS reports that parcel RR123456789CN was not collected in time."


def test_the_wait_is_counted_from_the_nearest_time_known(order, parcel):
    waiting = parcel(status="available_for_pickup", sub_status="ready", last_scan_at=SCAN)

    assert Unclaimed().due(order(), waiting) == SCAN + 72 * HOUR


def test_collecting_it_clears_it(order, parcel):
    collected = parcel(status="delivered", sub_status="self_pickup", delivered_at=SCAN)

    assert Unclaimed().clears(order(), SCAN + 90 * HOUR, collected) == "delivered"
