from datetime import UTC, datetime

import pytest

from orders.detectors.delivery_failed import DeliveryFailed
from orders.statuses import TAXONOMY

SCAN = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(("attempts", "grade"), [(0, 3), (1, 3), (2, 2), (3, 1), (5, 1)])
def test_each_failed_attempt_makes_it_graver(order, parcel, attempts, grade):
    failed = parcel(status="attempt_failed", sub_status="no_one", status_at=SCAN, attempts=attempts)

    assert DeliveryFailed().inspect(order(), SCAN, failed).grade == grade


def test_the_sentence_counts_the_attempts(order, parcel):
    failed = parcel(status="attempt_failed", sub_status="other", status_at=SCAN, attempts=2, carrier="EMS")
    finding = DeliveryFailed().inspect(order(), SCAN, failed)

    assert finding.why.format(**finding.params) == "EMS failed to deliver parcel RR123456789CN; failed deliveries: 2."


def test_going_out_again_clears_it(order, parcel):
    out = parcel(status="out_for_delivery", sub_status="out", status_at=SCAN, attempts=1)

    assert DeliveryFailed().clears(order(), SCAN, out) == "moved_on"


def test_every_way_to_fail_is_known():
    assert DeliveryFailed.reported == {key for key in TAXONOMY if key[0] == "attempt_failed"}
