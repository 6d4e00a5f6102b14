import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def scan(kind, day, time, depot="HALIFAX, NS"):
    return f"""<Scan><ScanType>{kind}</ScanType><PIN><Value>P1</Value></PIN><Depot><Name>{depot}</Name></Depot>
    <ScanDate>{day}</ScanDate><ScanTime>{time}</ScanTime><Description>{kind}</Description></Scan>"""


BODY = f"""<E xmlns="urn:a"><TrackingInformationList><TrackingInformation><PIN><Value>P1</Value></PIN>
<Scans>{scan("Delivery", "2026-01-14", "101500")}{scan("Other", "2026-01-13", "172300")}</Scans>
</TrackingInformation></TrackingInformationList></E>"""
REFUSED = "<E><Errors><Error><Code>1100</Code><Description>Bad PIN</Description></Error></Errors></E>"


def test_a_scan_is_read_and_other_stays_unknown():
    (parcel,) = ask("purolator", BODY, zone="America/Halifax")

    assert [line(each) for each in parcel.scans] == [
        "01-13 21:23:00 unknown.unmapped_code Other HALIFAX, NS CA",
        "01-14 14:15:00 delivered.delivered Delivery HALIFAX, NS CA",
    ]
    assert {each.tz_source for each in parcel.scans} <= {"location", "shop"}


@pytest.mark.parametrize(("body", "code"), [(REFUSED, "carrier_error"), ("<E/>", "not_tracking")])
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("purolator", body)
    assert refusal.value.code == code
