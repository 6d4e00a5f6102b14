import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def event(code, at, place):
    return {"code": code, "timestamp": at, "location": place, "description": code}


BODY = {
    "trackingNumber": "TS1",
    "estimatedDelivery": "2026-01-20",
    "shipTo": {"address": {"country": "CN"}},
    "events": [
        event("collected", "2026-01-15T09:15:00Z", "Leeds, GB"),
        event("customs_cleared", "2026-01-17T18:20:00Z", "High seas"),
    ],
}


def test_events_are_read():
    (parcel,) = ask("teleship", BODY)

    assert [line(scan) for scan in parcel.scans] == [
        "01-15 09:15:00 picked_up.accepted collected Leeds GB",
        "01-17 18:20:00 customs.released customs_cleared High seas",
    ]
    assert parcel.eta.at.isoformat() == "2026-01-20T16:00:00+00:00"


def test_a_number_that_is_not_known_is_news():
    (parcel,) = ask("teleship", {"messages": [{"code": 404, "message": "None"}]}, number="TS9")

    assert (parcel.number, parcel.scans, parcel.note) == ("TS9", (), "None")


@pytest.mark.parametrize(
    ("body", "code"), [({"messages": [{"code": 401, "message": "No"}]}, "carrier_error"), ({}, "not_tracking")]
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("teleship", body)
    assert refusal.value.code == code
