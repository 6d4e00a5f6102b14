import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def activity(date, time, kind, code, **more):
    address = {"city": "Fargo", "stateProvince": "ND", "countryCode": "US"}
    status = {"type": kind, "code": code, "description": f"{kind} {code}"}
    return {"date": date, "time": time, "status": status, "location": {"address": address}} | more


GMT = {"gmtDate": "20260426", "gmtTime": "14:26:05", "gmtOffset": "-05:00"}
BODY = {
    "trackResponse": {
        "shipment": [
            {
                "inquiryNumber": "1Z0000000000000001",
                "package": [
                    {
                        "trackingNumber": "1Z0000000000000001",
                        "activity": [
                            activity("20260426", "092605", "D", "FS", **GMT),
                            activity("20260425", "230000", "I", "DP", gmtOffset="-03:00"),
                            activity("20260425", "120000", "X", "SR", gmtOffset="-05:00"),
                            activity("20260425", "110000", "X", "ZZ", gmtOffset="-05:00"),
                        ],
                    }
                ],
            }
        ]
    }
}


def test_the_type_decides_and_the_code_refines():
    (parcel,) = ask("ups", BODY)

    assert [line(scan) for scan in parcel.scans] == [
        "04-25 16:00:00 exception.other X Fargo US",
        "04-25 17:00:00 customs.released X/SR Fargo US",
        "04-26 02:00:00 in_transit.departed_facility I/DP Fargo US",
        "04-26 14:26:05 delivered.delivered D Fargo US",
    ]
    assert {scan.tz_source for scan in parcel.scans} == {"explicit"}
    assert parcel.number == "1Z0000000000000001"


def test_a_time_without_an_offset_takes_the_time_in_greenwich():
    answer = {"trackResponse": {"shipment": [{"inquiryNumber": "1Z1", "package": [{}]}]}}
    line_ = activity("20260426", "092605", "D", "FS", gmtDate="20260426", gmtTime="142605")
    answer["trackResponse"]["shipment"][0]["package"][0]["activity"] = [line_]
    (parcel,) = ask("ups", answer)

    assert (parcel.number, parcel.scans[0].occurred_at.hour, parcel.scans[0].tz_source) == ("1Z1", 14, "provider")


def test_a_number_without_news_is_the_number_that_was_asked_for():
    answer = {"trackResponse": {"shipment": [{"warnings": [{"code": "TW0001", "message": "Nothing found"}]}]}}
    (parcel,) = ask("ups", answer, number="1Z9")

    assert (parcel.number, parcel.scans, parcel.note) == ("1Z9", (), "Nothing found")
    with pytest.raises(Unusable, match="no tracking number"):
        ask("ups", answer)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"response": {"errors": [{"code": "250003", "message": "Bad key"}]}}, "carrier_error"),
        ({"trackResponse": {"shipment": [{"warnings": [{"code": "TW9", "message": "No"}]}]}}, "carrier_error"),
        ({"trackResponse": {}}, "not_tracking"),
    ],
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("ups", body, number="1Z9")
    assert refusal.value.code == code
