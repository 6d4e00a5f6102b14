from datetime import UTC, datetime, timedelta

import pytest

from orders.detectors.stuck_in_transit import StuckInTransit
from orders.facts import Proven

START = datetime(2026, 3, 5, 6, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def moving(parcel):
    """A parcel picked up at START, in Wuhan ever since, last scanned an hour later; keywords replace."""

    def build(**known):
        given = {"status": "in_transit", "sub_status": "moving", "picked_up_at": START, "first_scan_at": START}
        given |= {"place": "Wuhan, CN", "place_since": START, "last_scan_at": START + HOUR}
        return parcel(**(given | known))

    return build


def test_a_week_under_way_is_too_long_at_home_and_not_abroad(order, moving):
    assert StuckInTransit().inspect(order(), START + 7 * DAY - HOUR, moving()) is None
    finding = StuckInTransit().inspect(order(), START + 7 * DAY, moving())
    assert finding.why.format(**finding.params) == (
        "Parcel RR123456789CN has been under way for 7 days; the limit is 7 days."
    )
    assert StuckInTransit().inspect(order(), START + 19 * DAY, moving(cross_border=True)) is None


def test_to_and_fro_between_two_places_is_found_at_once(order, moving):
    circled = moving(proofs=(Proven("circled", START + 9 * HOUR, "in_transit.moving", "Wuhan ⇄ Hefei"),))
    finding = StuckInTransit().inspect(order(), START + 9 * HOUR, circled)

    assert finding.why.format(**finding.params) == "Parcel RR123456789CN goes to and fro: Wuhan ⇄ Hefei."
    assert finding.since == START + 9 * HOUR


def test_still_scanned_in_one_place_after_three_days_is_found(order, moving):
    scanned = moving(last_scan_at=START + 30 * HOUR)

    assert StuckInTransit().due(order(), scanned) == START + 72 * HOUR
    finding = StuckInTransit().inspect(order(), START + 72 * HOUR, scanned)
    assert "has been in Wuhan, CN for 72 h" in finding.why.format(**finding.params)


def test_silence_after_a_day_of_sorting_is_another_anomaly(order, moving):
    assert StuckInTransit().inspect(order(), START + 80 * HOUR, moving()) is None


def test_a_feed_that_comes_late_opens_nothing_at_once(order, moving):
    late = moving(last_scan_at=START + 30 * HOUR, heard_at=START + 90 * HOUR)

    assert StuckInTransit().due(order(), late) == START + 90 * HOUR


@pytest.mark.parametrize("status", ["out_for_delivery", "customs", "available_for_pickup", "exception"])
def test_the_next_milestone_clears_it(order, moving, status):
    assert StuckInTransit().clears(order(), START + 8 * DAY, moving(status=status)) == "moved_on"


def test_another_place_clears_it(order, moving):
    onward = moving(place_since=START + 80 * HOUR, last_scan_at=START + 80 * HOUR)

    assert StuckInTransit().clears(order(), START + 81 * HOUR, onward) == "new_place"
