from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.lost import Lost

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def silent(parcel):
    """A parcel last scanned at SCAN; keywords replace what the test is about."""

    def build(**known):
        moving = {"status": "in_transit", "sub_status": "moving", "first_scan_at": SCAN, "last_scan_at": SCAN}
        return parcel(**(moving | known))

    return build


@pytest.mark.parametrize("sub_status", ["lost", "disposed"])
def test_a_reported_loss_is_urgent_at_once(order, silent, sub_status):
    finding = Lost().inspect(order(), SCAN, silent(status="exception", sub_status=sub_status, status_at=SCAN))

    assert (finding.grade, finding.since) == (1, SCAN)
    assert "as lost or destroyed" in finding.why.format(**finding.params)


@pytest.mark.parametrize(("abroad", "days"), [(False, 15), (True, 30)])
def test_long_silence_is_a_loss(order, silent, abroad, days):
    parcel = silent(cross_border=abroad)

    assert Lost().due(order(), parcel) == SCAN + days * DAY
    assert Lost().inspect(order(), SCAN + days * DAY - timedelta(seconds=1), parcel) is None
    finding = Lost().inspect(order(), SCAN + days * DAY, parcel)
    assert f"no scan for {days} days; the limit is {days} days" in finding.why.format(**finding.params)


@pytest.mark.parametrize(
    "known",
    [
        {"first_scan_at": None},
        {"status": "customs", "sub_status": "held"},
        {"status": "available_for_pickup", "sub_status": "locker"},
        {"status": "delivered", "sub_status": "signed", "delivered_at": SCAN},
    ],
    ids=["never scanned", "at customs", "at the locker", "arrived"],
)
def test_silence_means_nothing_when_no_scan_is_expected(order, silent, known):
    assert Lost().due(order(), silent(**known)) is None
    assert Lost().inspect(order(), SCAN + 90 * DAY, silent(**known)) is None


def test_any_later_scan_clears_it(order, silent):
    assert Lost().clears(order(), SCAN + 17 * DAY, silent(last_scan_at=SCAN + 16 * DAY)) == "new_scan"
