import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def event(code, time, city, country):
    return {"code": code, "time": time, "locationName": city, "locationCountry": country}


BODY = {
    "trackingNumber": "AS1",
    "trackingEvents": [
        event("PU", "2026-04-12T14:30:00Z", "Basel", "CH"),
        event("ZZ", "2026-04-13T14:30:00Z", "Basel", "Switzerland"),
        event("DL", "2026-04-15T11:00:00Z", "Lyon", "FR"),
    ],
}


def test_events_are_read():
    assert [line(scan) for scan in ask("asendia", BODY)[0].scans] == [
        "04-12 14:30:00 picked_up.accepted PU Basel CH",
        "04-13 14:30:00 unknown.unmapped_code ZZ Basel",
        "04-15 11:00:00 delivered.delivered DL Lyon FR",
    ]


def test_a_number_that_is_not_known_is_news():
    (parcel,) = ask("asendia", {"status": 404, "detail": "None"}, number="AS9")

    assert (parcel.number, parcel.scans, parcel.note) == ("AS9", (), "None")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"status": 403, "title": "No"}, "carrier_error"),
        ({"trackingNumber": "AS1"}, "not_tracking"),
        ("[]", "not_an_object"),
    ],
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("asendia", body)
    assert refusal.value.code == code
