from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.no_first_scan import NoFirstScan

ANNOUNCED = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_parcel_announced_and_never_scanned_is_found_after_a_day(order, parcel):
    label = parcel(announced_at=ANNOUNCED, status="info_received", sub_status="label_created")

    assert NoFirstScan().due(order(), label) == ANNOUNCED + 24 * HOUR
    assert NoFirstScan().inspect(order(), ANNOUNCED + 24 * HOUR - timedelta(seconds=1), label) is None
    finding = NoFirstScan().inspect(order(), ANNOUNCED + 26 * HOUR, label)
    assert (finding.grade, finding.parcel_id) == (2, 7)
    assert finding.why.format(**finding.params) == (
        "Parcel RR123456789CN was announced 26 h ago and never scanned; the limit is 24 h."
    )


@pytest.mark.parametrize("abroad", ["order", "parcel"])
def test_a_parcel_that_leaves_the_country_has_three_days(order, parcel, abroad):
    facts = order(cross_border=abroad == "order")
    label = parcel(announced_at=ANNOUNCED, cross_border=abroad == "parcel")

    assert NoFirstScan().due(facts, label) == ANNOUNCED + 72 * HOUR
    assert NoFirstScan().inspect(facts, ANNOUNCED + 71 * HOUR, label) is None
    assert NoFirstScan().inspect(facts, ANNOUNCED + 72 * HOUR, label).params["limit"] == 72


@pytest.mark.parametrize("fact", ["first_scan_at", "picked_up_at", "last_physical_at"])
def test_the_first_physical_scan_clears_it_even_when_it_comes_late(order, parcel, fact):
    scanned = parcel(announced_at=ANNOUNCED, **{fact: ANNOUNCED + 40 * HOUR})

    assert NoFirstScan().clears(order(), ANNOUNCED + 41 * HOUR, scanned) == "first_scan"
    assert NoFirstScan().due(order(), scanned) is None


def test_a_message_that_is_no_scan_does_not_clear_it(order, parcel):
    label = parcel(announced_at=ANNOUNCED, last_scan_at=ANNOUNCED + 20 * HOUR)

    assert NoFirstScan().clears(order(), ANNOUNCED + 30 * HOUR, label) is None


def test_a_carrier_that_says_so_is_believed_at_once(order, parcel):
    silent = parcel(status="exception", sub_status="no_first_scan", status_at=ANNOUNCED)

    finding = NoFirstScan().inspect(order(), ANNOUNCED, silent)
    assert "never received parcel RR123456789CN" in finding.why.format(**finding.params)


def test_an_order_that_is_over_is_let_alone(order, parcel):
    label = parcel(announced_at=ANNOUNCED)

    assert NoFirstScan().inspect(order(cancelled_at=ANNOUNCED), ANNOUNCED + 90 * HOUR, label) is None
    assert NoFirstScan().clears(order(delivered_at=ANNOUNCED), ANNOUNCED + 90 * HOUR, label) == "delivered"
