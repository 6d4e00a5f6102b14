import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def event(code, local, gmt, **more):
    where = {"eventCity": "BOISE", "eventState": "ID", "eventCountry": None}
    return {"eventCode": code, "eventType": code, "eventTimestamp": local, "GMTTimestamp": gmt} | where | more


BODY = {
    "trackingNumber": "9400000000000000000001",
    "statusCategory": "Delivered",
    "trackingEvents": [
        event("01", "2026-04-26T09:26:00", "2026-04-26T15:26:41Z"),
        event("04", "2026-04-25T10:00:00", "2026-04-25T16:00:05Z"),
        event("GX", "2026-04-22T10:00:00", None, eventCity="WELLINGTON", eventState=None, eventCountry="NZ"),
    ],
}


def test_the_exact_time_in_greenwich_wins_over_the_local_minute():
    (parcel,) = ask("usps", BODY)

    assert [line(scan) for scan in parcel.scans[1:]] == [
        "04-25 16:00:05 exception.refused 04 BOISE US",
        "04-26 15:26:41 delivered.delivered 01 BOISE US",
    ]
    assert {scan.tz_source for scan in parcel.scans[1:]} == {"provider"}


def test_a_time_without_greenwich_takes_the_places_zone_or_the_shops():
    created = ask("usps", BODY)[0].scans[0]

    assert (str(created.canonical), created.country) == ("info_received.label_created", "NZ")
    assert created.tz_source in {"location", "shop"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"code": "401", "message": "Bad token"}}, "carrier_error"),
        ({"error": "invalid_client", "error_description": "No"}, "carrier_error"),
        ({"trackingNumber": "94"}, "not_tracking"),
        ({"trackingEvents": []}, "number_missing"),
    ],
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("usps", body)
    assert refusal.value.code == code


def test_a_number_that_usps_does_not_know_is_news():
    (parcel,) = ask("usps", {"error": {"code": "404", "message": "Not here"}}, number="94")

    assert (parcel.number, parcel.scans, parcel.note) == ("94", (), "Not here")
