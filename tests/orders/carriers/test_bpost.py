import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line

BODY = """<itemTracking xmlns="urn:a" xmlns:b="urn:b"><itemCode>3230000000000000000001</itemCode>
<addressee><b:address><b:countryCode>BE</b:countryCode></b:address></addressee>
<stateInfo><time>2026-11-22T23:19:29+01:00</time><stateCode>T00</stateCode></stateInfo>
<stateInfo><time>2026-11-23T09:31:07.427+01:00</time><stateCode>U01</stateCode>
<stateDescription>Distributed</stateDescription></stateInfo></itemTracking>"""
FAULT = (
    '<systemException xmlns="urn:a" xmlns:b="urn:b"><b:message>Token f35c0f13-538f-41ae</b:message></systemException>'
)


def test_states_are_read_at_their_instants():
    (parcel,) = ask("bpost", BODY)

    assert [line(scan) for scan in parcel.scans] == [
        "11-22 22:19:29 in_transit.moving T00",
        "11-23 08:31:07 delivered.delivered U01",
    ]
    assert (parcel.number, parcel.dest_country) == ("3230000000000000000001", "BE")


def test_a_failure_at_bpost_is_refused_without_its_token():
    with pytest.raises(Unusable, match="systemException. Token …") as refusal:
        ask("bpost", FAULT)
    assert refusal.value.code == "carrier_error"


@pytest.mark.parametrize(
    ("body", "code"), [("<a/>", "not_tracking"), ("<itemTracking/>", "number_missing"), ("x", "not_xml")]
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("bpost", body)
    assert refusal.value.code == code
