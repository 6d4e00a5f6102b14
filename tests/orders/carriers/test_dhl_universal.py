import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def status(code, at):
    address = {"countryCode": "CN", "addressLocality": "Ningbo"}
    return {"statusCode": code, "timestamp": at, "description": code, "location": {"address": address}}


BODY = {
    "shipments": [
        {
            "id": 7000000003,
            "destination": {"address": {"countryCode": "CN"}},
            "estimatedTimeOfDelivery": "2026-05-09T00:00:00Z",
            "status": status("transit", "2026-05-06T18:00:00"),
            "events": [status("transit", "2026-05-06T18:00:00"), status("pre-transit", "2026-05-05T08:00:00Z")],
        }
    ]
}


def test_a_bare_time_is_the_places_and_an_offset_is_believed():
    (parcel,) = ask("dhl_universal", BODY)

    assert [line(scan) for scan in parcel.scans] == [
        "05-05 08:00:00 info_received.label_created pre-transit Ningbo CN",
        "05-06 10:00:00 in_transit.moving transit Ningbo CN",
    ]
    assert [scan.tz_source for scan in parcel.scans] == ["explicit", "location"]
    assert (parcel.number, str(parcel.eta.day)) == ("7000000003", "2026-05-09")


def test_without_a_list_the_latest_status_is_the_only_event():
    (parcel,) = ask("dhl_universal", {"shipments": [{"id": "1", "status": status("failure", "2026-05-06T18:00:00")}]})

    assert [str(scan.canonical) for scan in parcel.scans] == ["exception.other"]


def test_a_shipment_that_dhl_does_not_know_is_news():
    (parcel,) = ask("dhl_universal", {"status": 404, "detail": "None"}, number="7000000003")

    assert (parcel.number, parcel.scans, parcel.note) == ("7000000003", (), "None")


@pytest.mark.parametrize(
    ("body", "code"), [({"status": 429, "detail": "Too many"}, "carrier_error"), ({"shipments": 1}, "not_tracking")]
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("dhl_universal", body)
    assert refusal.value.code == code
