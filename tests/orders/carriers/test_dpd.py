import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def stage(code, time, place="Gent (BE)", reached="true"):
    return f"""<statusInfo><status>{code}</status><statusHasBeenReached>{reached}</statusHasBeenReached>
    <description><content><content>{code}</content></content></description>
    <location><content>{place}</content></location><date><content>{time}</content></date></statusInfo>"""


def answer(*stages):
    return f'<E xmlns="urn:a"><trackingresult>{"".join(stages)}</trackingresult></E>'


BODY = answer(
    stage("PickedUp", "7/17/2026 12:05:00 AM"),
    stage("Depot", "7/17/2026 7:11:26 PM", "Hub 3"),
    stage("Courier", "7/18/2026 12:30:00 PM"),
    stage("Delivered", "", reached="false"),
)
FAULT = """<E><Fault><faultcode>Server</faultcode><faultstring>Fault</faultstring><detail>
<errorCode>AUTH</errorCode><errorMessage>Bad key</errorMessage></detail></Fault></E>"""


def test_midnight_noon_and_the_evening_are_told_apart():
    (parcel,) = ask("dpd", BODY, number="05300000000001")

    assert [line(scan) for scan in parcel.scans] == [
        "07-16 22:05:00 picked_up.accepted PickedUp Gent BE",
        "07-17 17:11:26 in_transit.arrived_facility Depot Hub 3",
        "07-18 10:30:00 out_for_delivery.out Courier Gent BE",
    ]
    assert (parcel.number, parcel.note, parcel.scans[1].tz_source) == ("05300000000001", "", "carrier")


def test_a_day_that_is_none_is_an_event_without_a_readable_time():
    (parcel,) = ask("dpd", answer(stage("Depot", "17/7/2026 7:11:26 PM")), number="1")

    assert (parcel.scans, parcel.note) == ((), "1 events without a readable time")


@pytest.mark.parametrize(
    ("body", "code"), [(FAULT, "carrier_error"), ("<E/>", "not_tracking"), (BODY, "number_missing")]
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("dpd", body)
    assert refusal.value.code == code
