import pytest

from orders.carriers.base import Unusable
from orders.carriers.dhl_express import place
from tests.orders.carriers.asking import ask, line

WAYBILL = """<AWBInfo><AWBNumber>7000000001</AWBNumber><Status><ActionStatus>success</ActionStatus></Status>
<ShipmentInfo><EstDlvyDate>2026-05-07 23:59:00 GMT-04:00</EstDlvyDate>
<Shipper><CountryCode>JP</CountryCode></Shipper><Consignee><CountryCode>US</CountryCode></Consignee>
<ShipmentEvent><Date>2026-05-05</Date><Time>09:42:00</Time><ServiceEvent><EventCode>PU</EventCode>
<Description>Picked up</Description></ServiceEvent><Signatory>A. PERSON</Signatory>
<ServiceArea><Description>OSAKA-JPN</Description></ServiceArea></ShipmentEvent>
<ShipmentEvent><Date>2026-05-06</Date><Time>08:00:00</Time><ServiceEvent><EventCode>Q9</EventCode></ServiceEvent>
<ServiceArea><Description>Osaka - Japan</Description></ServiceArea></ShipmentEvent></ShipmentInfo></AWBInfo>"""
UNKNOWN = """<AWBInfo><AWBNumber/><Status><Condition><ConditionCode>103</ConditionCode>
<ConditionData>None found</ConditionData></Condition></Status></AWBInfo>"""
REFUSED = """<Response><Status><Condition><ConditionCode>111</ConditionCode>
<ConditionData>Value 'secret1' is too short</ConditionData></Condition></Status></Response>"""


def answer(inside):
    return f'<r:TrackingResponse xmlns:r="http://dhl.example">{inside}</r:TrackingResponse>'


BODY = answer(WAYBILL)


def test_a_local_time_takes_the_zone_of_the_service_area_where_it_is_known():
    (parcel,) = ask("dhl_express", BODY, zone="Asia/Tokyo")

    assert [line(scan) for scan in parcel.scans] == [
        "05-05 00:42:00 picked_up.accepted PU OSAKA-JPN",
        "05-05 23:00:00 unknown.unmapped_code Q9 Osaka - Japan",
    ]
    assert {scan.tz_source for scan in parcel.scans} <= {"location", "shop"}
    assert (parcel.origin_country, parcel.dest_country, parcel.eta.at.day) == ("JP", "US", 8)
    assert all("PERSON" not in scan.text for scan in parcel.scans)


def test_a_service_area_is_a_city_and_a_country():
    assert [place(area) for area in ("Milan - Italy", "KINGSTON-JAM", "Paris", "")] == [
        ("Milan", "Italy"),
        ("KINGSTON", "JAM"),
        ("Paris", ""),
        ("", ""),
    ]


def test_a_waybill_that_dhl_does_not_know_is_news():
    (parcel,) = ask("dhl_express", answer(UNKNOWN), number="7000000009")

    assert (parcel.number, parcel.scans, parcel.note) == ("7000000009", (), "None found")


def test_a_refusal_does_not_repeat_what_was_sent():
    with pytest.raises(Unusable) as refusal:
        ask("dhl_express", answer(REFUSED))
    assert refusal.value.code == "carrier_error"
    assert "111" in str(refusal.value)
    assert "secret1" not in str(refusal.value)


@pytest.mark.parametrize(("body", "code"), [(answer(""), "not_tracking"), ("<a>", "not_xml"), ("{}", "not_xml")])
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("dhl_express", body)
    assert refusal.value.code == code
