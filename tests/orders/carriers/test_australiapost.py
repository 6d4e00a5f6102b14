import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def article(number, *events):
    told = [{"description": text, "location": place, "date": at} for text, place, at in events]
    return {"article_id": number, "events": told, "status": "In transit"}


BODY = {
    "tracking_results": [
        {
            "tracking_id": "AB1",
            "trackable_items": [
                article(
                    "AB1",
                    ("Delivered", "KEW VIC", "2026-01-21T11:04:27+11:00"),
                    ("Arrived in New Zealand", "NZ", "2026-01-20T11:00:00+11:00"),
                    ("In transit to next facility in BOX HILL", None, "2026-01-19T11:00:00+11:00"),
                    ("Item is in Customs", "Transit Scan", "2026-01-18T11:00:00+11:00"),
                    ("Something new", "CHICAGO (US)", "2026-01-17T11:00:00+11:00"),
                )
            ],
        },
        {
            "tracking_id": "CD2",
            "trackable_items": [
                {"consignment_id": "CD2", "items": [article("CD2A"), article("CD2B", ("Delivered", "", "never"))]}
            ],
        },
    ]
}


def test_the_words_without_their_place_are_the_code():
    assert [line(scan) for scan in ask("australiapost", BODY)[0].scans] == [
        "01-17 00:00:00 unknown.unmapped_code something-new CHICAGO (US) US",
        "01-18 00:00:00 customs.processing item-is-in-customs",
        "01-19 00:00:00 in_transit.moving in-transit-to-next-facility-in",
        "01-20 00:00:00 in_transit.arrived_country arrived-in NZ",
        "01-21 00:04:27 delivered.delivered delivered KEW VIC AU",
    ]


def test_every_article_of_a_consignment_is_a_parcel():
    parcels = ask("australiapost", BODY)

    assert [parcel.number for parcel in parcels] == ["AB1", "CD2A", "CD2B"]
    assert parcels[2].note == "1 events without a readable time"


def refused(code):
    return {"tracking_results": [{"tracking_id": "X1", "errors": [{"code": code, "name": "No"}]}]}


def test_a_number_that_is_not_known_is_news():
    (parcel,) = ask("australiapost", refused("ESB-10001"))

    assert (parcel.number, parcel.scans, parcel.provider_status) == ("X1", (), "not_found")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (refused("ESB-20050"), "carrier_error"),
        ({"errors": [{"code": "51101", "message": "Too many"}]}, "carrier_error"),
        ({}, "not_tracking"),
    ],
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("australiapost", body)
    assert refusal.value.code == code
