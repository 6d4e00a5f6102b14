from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.invalid_number import InvalidNumber
from orders.detectors.no_first_scan import NoFirstScan
from orders.judge import judge

TOLD = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def unknown(parcel):
    """A parcel that its carrier was asked about at TOLD and knew nothing of."""
    return lambda **known: parcel(**({"status_at": TOLD, "announced_at": TOLD - HOUR} | known))


def test_a_number_that_the_carrier_calls_wrong_is_found_at_once(order, unknown):
    finding = InvalidNumber().inspect(order(), TOLD, unknown(sub_status="invalid_number"))

    assert (finding.grade, finding.since) == (3, TOLD)
    assert "ems does not know the number RR123456789CN" in finding.why.format(**finding.params)


def test_a_number_without_any_record_is_found_after_three_days(order, unknown):
    assert InvalidNumber().due(order(), unknown()) == TOLD + 72 * HOUR
    assert InvalidNumber().inspect(order(), TOLD + 71 * HOUR, unknown()) is None
    assert InvalidNumber().inspect(order(), TOLD + 73 * HOUR, unknown()).params["hours"] == 73


def test_the_clock_starts_when_we_first_heard_of_it(order, unknown):
    assert InvalidNumber().due(order(), unknown(status_heard_at=TOLD + 5 * HOUR)) == TOLD + 77 * HOUR


def test_a_parcel_that_nobody_was_asked_about_is_let_alone(order, unknown):
    assert InvalidNumber().due(order(), unknown(status_at=None)) is None


def test_the_first_record_clears_it(order, unknown):
    known = unknown(status="in_transit", sub_status="moving", first_scan_at=TOLD + HOUR)

    assert InvalidNumber().clears(order(), TOLD + 80 * HOUR, known) == "number_known"


def test_it_takes_the_place_of_never_scanned(order, unknown):
    facts = order(parcels=(unknown(sub_status="invalid_number"),))
    judgement = judge(facts, [NoFirstScan(), InvalidNumber()], {("no_first_scan", 7): 2}, TOLD + 30 * HOUR)

    assert [finding.code for finding in judgement.opened] == ["invalid_number"]
    assert judgement.cleared == [("no_first_scan", 7, "outweighed")]
    assert judgement.outweighed_by == {("no_first_scan", 7): "invalid_number"}
