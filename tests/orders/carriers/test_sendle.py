import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line

BODY = {
    "state": "In Transit",
    "origin": {"country": "AU"},
    "scheduling": {"estimated_delivery_date_maximum": "2026-04-09"},
    "tracking_events": [
        {"event_type": "Pickup Attempted", "scan_time": "2026-04-03T08:20:00Z", "reason": "Not ready"},
        {"event_type": "In Transit", "display_time": "2026-04-04T16:55:00-04:00", "location": "ALBANY, NY"},
        {"event_type": "Teleported", "display_time": "2026-04-05T16:55:00-04:00"},
    ],
}


def test_events_are_read_by_their_words():
    (parcel,) = ask("sendle", BODY, number="S1")

    assert [line(scan) for scan in parcel.scans] == [
        "04-03 08:20:00 info_received.pickup_failed Pickup Attempted",
        "04-04 20:55:00 in_transit.moving In Transit ALBANY, NY",
        "04-05 20:55:00 unknown.unmapped_code Teleported",
    ]
    assert (parcel.scans[0].raw_status, parcel.origin_country, str(parcel.eta.day)) == ("Not ready", "AU", "2026-04-09")


def test_a_parcel_that_sendle_does_not_know_is_news():
    (parcel,) = ask("sendle", {"error": "not_found", "error_description": "None"}, number="S1")

    assert (parcel.number, parcel.scans, parcel.note) == ("S1", (), "None")


@pytest.mark.parametrize(
    ("body", "code"),
    [({"error": "payment_required"}, "carrier_error"), ({"state": "x"}, "not_tracking"), (BODY, "number_missing")],
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("sendle", body)
    assert refusal.value.code == code
