from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.delivered_then_exception import DeliveredThenException
from orders.facts import Proven

DELIVERED = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROOF = Proven("delivered_then_exception", DELIVERED + 5 * HOUR, "exception.damaged", "Outer box crushed")


@pytest.fixture
def arrived(parcel):
    """A parcel that counts as delivered, of which bad news came five hours later."""
    given = {"status": "delivered", "sub_status": "signed", "delivered_at": DELIVERED, "proofs": (PROOF,)}
    return lambda **known: parcel(**(given | known))


def test_bad_news_after_a_delivery_is_urgent_and_says_both_times(order, arrived):
    finding = DeliveredThenException().inspect(order(), DELIVERED + 6 * HOUR, arrived())

    assert (finding.grade, finding.since) == (1, DELIVERED + 5 * HOUR)
    assert finding.params["delivered"] == DELIVERED.isoformat()
    assert finding.evidence["exception_text"] == "Outer box crushed"


def test_it_is_not_known_before_it_was_told(order, arrived):
    facts = order(parcels=(arrived(),)).as_of(DELIVERED + HOUR)

    assert DeliveredThenException().inspect(facts, DELIVERED + HOUR, facts.parcels[0]) is None


def test_nothing_but_people_ends_it_unless_the_carrier_takes_it_back(order, arrived):
    detector, later = DeliveredThenException(), DELIVERED + 90 * HOUR

    assert detector.clears(order(delivered_at=DELIVERED), later, arrived()) is None
    assert detector.clears(order(), later, arrived(proofs=())) == "withdrawn"
    assert detector.clears(order(), later, arrived(returned_at=later)) == "returned"
