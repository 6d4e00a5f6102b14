import copy

import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def scan(date, kind, reason="", city="RENO", state="NV"):
    where = {"city": city, "stateOrProvinceCode": state, "countryCode": "US"}
    return {"date": date, "eventType": kind, "exceptionCode": reason, "eventDescription": kind, "scanLocation": where}


BODY = {
    "output": {
        "completeTrackResults": [
            {
                "trackingNumber": "702000000011",
                "trackResults": [
                    {
                        "trackingNumberInfo": {"trackingNumberUniqueId": "24~702000000011~FX"},
                        "recipientInformation": {"address": {"countryCode": "US", "city": "RENO"}},
                        "estimatedDeliveryTimeWindow": {"window": {"ends": "2026-04-27T17:00:00-07:00"}},
                        "scanEvents": [
                            scan("2026-04-26T09:26:00-07:00", "DL"),
                            scan("2026-04-25T11:26:00-07:00", "DE", "08"),
                            scan("2026-04-24T16:43:00-07:00", "AO"),
                            scan("2026-04-24T00:00:00", "PU"),
                            scan("2026-04-23T08:00:00-07:00", "QQ"),
                        ],
                    }
                ],
            }
        ]
    }
}


def test_scans_are_read_oldest_first_at_their_instants():
    (parcel,) = ask("fedex", BODY)

    assert [line(each) for each in parcel.scans[2:]] == [
        "04-24 23:43:00 in_transit.moving AO RENO US",
        "04-25 18:26:00 attempt_failed.no_one DE/08 RENO US",
        "04-26 16:26:00 delivered.delivered DL RENO US",
    ]
    assert [each.seq for each in parcel.scans] == [1, 2, 3, 4, 5]
    assert {each.tz_source for each in parcel.scans[2:]} == {"explicit"}
    assert (parcel.number, parcel.snapshot, parcel.feed) == ("702000000011", True, "24~702000000011~FX")
    assert parcel.eta.at.isoformat() == "2026-04-28T00:00:00+00:00"


def test_an_unread_code_stays_unknown_and_a_forecast_is_no_scan():
    unread, _, forecast = ask("fedex", BODY)[0].scans[:3]

    assert (str(unread.canonical), unread.raw_code, unread.is_physical) == ("unknown.unmapped_code", "QQ", True)
    assert forecast.is_physical is False


def test_midnight_without_an_offset_is_a_day_without_an_hour():
    collected = ask("fedex", BODY)[0].scans[1]

    assert (collected.raw_code, collected.time_precision) == ("PU", "date")
    assert collected.tz_source != "explicit"


def test_two_shipments_of_one_number_are_two_feeds():
    answer = copy.deepcopy(BODY)
    shipments = answer["output"]["completeTrackResults"][0]["trackResults"]
    shipments.append(shipments[0] | {"trackingNumberInfo": {"trackingNumberUniqueId": "25~702000000011~FX"}})

    assert [parcel.feed for parcel in ask("fedex", answer)] == ["24~702000000011~FX", "25~702000000011~FX"]


def test_a_number_that_fedex_does_not_know_is_news_beside_one_that_it_refuses():
    def result(code):
        return {"trackingNumber": "7", "trackResults": [{"error": {"code": code, "message": "No such 702000000011"}}]}

    unknown, refused = result("TRACKING.TRACKINGNUMBER.NOTFOUND"), result("TRACKING.TRACKINGNUMBER.INVALID")
    (parcel,) = ask("fedex", {"output": {"completeTrackResults": [refused, unknown]}})

    assert (parcel.number, parcel.scans, parcel.provider_status) == ("7", (), "not_found")
    with pytest.raises(Unusable, match="INVALID. No such …"):
        ask("fedex", {"output": {"completeTrackResults": [refused]}})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"errors": [{"code": "NOT.AUTHORIZED.ERROR"}]}, "carrier_error"),
        ({"output": {}}, "not_tracking"),
        ("<html>", "not_json"),
    ],
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("fedex", body)
    assert refusal.value.code == code
