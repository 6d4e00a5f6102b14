from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.customs_hold import CustomsHold

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("sub_status", "sentence"),
    [
        ("held", "Customs hold parcel RR123456789CN."),
        ("info_required", "Customs need documents for parcel RR123456789CN."),
        ("duty_unpaid", "Duty or tax for parcel RR123456789CN is unpaid."),
        ("prohibited", "Customs say that parcel RR123456789CN holds prohibited goods."),
    ],
)
def test_what_customs_ask_for_is_found_at_once(order, parcel, sub_status, sentence):
    finding = CustomsHold().inspect(order(), SCAN, parcel(status="customs", sub_status=sub_status, status_at=SCAN))

    assert (finding.grade, finding.since) == (2, SCAN)
    assert finding.why.format(**finding.params) == sentence


def test_clearance_may_take_three_days(order, parcel):
    clearing = parcel(status="customs", sub_status="processing", status_at=SCAN)

    assert CustomsHold().due(order(), clearing) == SCAN + 72 * HOUR
    assert CustomsHold().inspect(order(), SCAN + 72 * HOUR - timedelta(seconds=1), clearing) is None
    finding = CustomsHold().inspect(order(), SCAN + 73 * HOUR, clearing)
    assert "in clearance for 73 h; the limit is 72 h" in finding.why.format(**finding.params)


def test_release_clears_it(order, parcel):
    released = parcel(status="customs", sub_status="released", status_at=SCAN)

    assert CustomsHold().clears(order(), SCAN + 90 * HOUR, released) == "moved_on"
