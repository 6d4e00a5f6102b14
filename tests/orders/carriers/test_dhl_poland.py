import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line

BODY = """<x:response xmlns:x="urn:a" xmlns="urn:b"><getTrackAndTraceInfoResult><shipmentId>20000000001</shipmentId>
<events><item><status>DOR</status><description>Delivered</description><terminal>LODZ</terminal>
<timestamp>2026-07-02 07:40:31</timestamp></item><item><status>???</status><terminal>LODZ</terminal>
<timestamp>soon</timestamp></item></events></getTrackAndTraceInfoResult></x:response>"""
FAULT = "<E><Fault><faultcode>100</faultcode><faultstring>Bad key</faultstring></Fault></E>"


def test_times_are_polish_and_a_line_without_one_is_counted():
    (parcel,) = ask("dhl_poland", BODY)

    assert [line(scan) for scan in parcel.scans] == ["07-02 05:40:31 delivered.delivered DOR LODZ"]
    assert (parcel.scans[0].tz_source, parcel.note) == ("carrier", "1 events without a readable time")


@pytest.mark.parametrize(("body", "code"), [(FAULT, "carrier_error"), ("<E/>", "not_tracking")])
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("dhl_poland", body)
    assert refusal.value.code == code
