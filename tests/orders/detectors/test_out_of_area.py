from datetime import UTC, datetime

import pytest

from orders.detectors.out_of_area import OutOfArea

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("sub_status", ["out_of_area", "undeliverable"])
def test_the_carriers_word_is_believed_at_once_and_is_urgent(order, parcel, sub_status):
    told = parcel(status="exception", sub_status=sub_status, status_at=SCAN, carrier="EMS")
    finding = OutOfArea().inspect(order(), SCAN, told)

    assert (finding.grade, finding.since) == (1, SCAN)
    assert finding.why.format(**finding.params) == "EMS does not deliver parcel RR123456789CN to its address."


def test_handing_it_to_another_carrier_clears_it(order, parcel):
    handed_over = parcel(status="in_transit", sub_status="handed_over", status_at=SCAN)

    assert OutOfArea().inspect(order(), SCAN, handed_over) is None
    assert OutOfArea().clears(order(), SCAN, handed_over) == "moved_on"


def test_a_return_ends_it(order, parcel):
    back = parcel(status="returned", sub_status="received", returned_at=SCAN)

    assert OutOfArea().clears(order(), SCAN, back) == "returned"
