from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.no_update import NoUpdate

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def moving(parcel):
    """A parcel scanned at SCAN and on its way; keywords replace what the test is about."""

    def build(**known):
        times = {"first_scan_at": SCAN - 20 * HOUR, "last_scan_at": SCAN, "last_physical_at": SCAN}
        return parcel(**({"status": "in_transit", "sub_status": "moving"} | times | known))

    return build


def test_a_parcel_without_scans_for_three_days_is_found_and_after_five_it_is_worse(order, moving):
    assert NoUpdate().inspect(order(), SCAN + 72 * HOUR - timedelta(seconds=1), moving()) is None
    assert NoUpdate().inspect(order(), SCAN + 72 * HOUR, moving()).grade == 3
    assert NoUpdate().inspect(order(), SCAN + 120 * HOUR, moving()).grade == 2


def test_it_wakes_at_both_limits(order, moving):
    assert NoUpdate().due(order(), moving()) == SCAN + 72 * HOUR
    assert NoUpdate().due(order(), moving(), after=SCAN + 72 * HOUR) == SCAN + 120 * HOUR


def test_the_sentence_says_how_long_and_against_which_limit(order, moving):
    finding = NoUpdate().inspect(order(), SCAN + 80 * HOUR, moving())

    assert finding.why.format(**finding.params) == "Parcel RR123456789CN has had no scan for 80 h; the limit is 72 h."
    assert finding.since == SCAN + 72 * HOUR


@pytest.mark.parametrize("status", ["available_for_pickup", "customs"])
def test_a_parcel_at_rest_for_a_known_reason_is_let_alone(order, moving, status):
    at_rest = moving(status=status, sub_status="processing" if status == "customs" else "ready")

    assert NoUpdate().inspect(order(), SCAN + 200 * HOUR, at_rest) is None
    assert NoUpdate().clears(order(), SCAN + 200 * HOUR, at_rest) == "resting"


def test_a_parcel_that_was_never_scanned_is_another_anomaly(order, moving):
    assert NoUpdate().due(order(), moving(first_scan_at=None)) is None


def test_an_arrived_parcel_is_let_alone_and_one_on_its_way_back_is_not(order, moving):
    arrived = moving(delivered_at=SCAN, status="delivered", sub_status="signed")
    back = moving(delivered_at=SCAN, status="in_transit", sub_status="moving", leg="return")

    assert NoUpdate().clears(order(), SCAN + 90 * HOUR, arrived) == "delivered"
    assert NoUpdate().inspect(order(delivered_at=SCAN), SCAN + 90 * HOUR, back) is not None


def test_a_new_scan_clears_it(order, moving):
    assert NoUpdate().clears(order(), SCAN + 80 * HOUR, moving(last_scan_at=SCAN + 79 * HOUR)) == "new_scan"
