import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def event(day, time, code, area, offset=""):
    where = [{"description": area}]
    return {"date": day, "time": time, "typeCode": code, "description": code, "serviceArea": where} | (
        {"GMTOffset": offset} if offset else {}
    )


BODY = {
    "shipments": [
        {
            "shipmentTrackingNumber": "7000000002",
            "receiverDetails": {"postalAddress": {"countryCode": "JP", "cityName": "Osaka"}},
            "events": [
                event("2026-05-06", "18:00:00", "OK", "Osaka", "+09:00"),
                event("2026-05-05", "10:00:00", "PU", "Nowhere", "+02:00"),
                event("2026-05-05", "09:00:00", "SA", "Nowhere"),
            ],
        }
    ]
}


def test_an_offset_is_believed_and_a_bare_time_is_the_shops():
    (parcel,) = ask("mydhl", BODY)

    assert [line(scan) for scan in parcel.scans] == [
        "05-05 09:00:00 picked_up.accepted SA Nowhere",
        "05-05 08:00:00 picked_up.accepted PU Nowhere",
        "05-06 09:00:00 delivered.delivered OK Osaka",
    ]
    assert [scan.tz_source for scan in parcel.scans] == ["shop", "explicit", "explicit"]
    assert (parcel.carrier, parcel.dest_country) == ("dhl", "JP")


def test_a_shipment_that_dhl_does_not_know_is_news():
    (parcel,) = ask("mydhl", {"status": 404, "detail": "None"}, number="7000000002")

    assert (parcel.number, parcel.scans, parcel.note) == ("7000000002", (), "None")


@pytest.mark.parametrize(
    ("body", "code"),
    [({"status": 401, "detail": "Bad key"}, "carrier_error"), ({}, "not_tracking"), ("null", "not_an_object")],
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("mydhl", body)
    assert refusal.value.code == code
