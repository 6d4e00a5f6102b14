import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def parcels(at="2026-06-11T15:24:57+0200", **more):
    event = {"code": "INTIAL.NORMAL", "city": "Kassel", "country": "DE", "eventDateTime": "2026-06-07T10:46:14+0200"}
    told = {"unitno": "36300000001", "status": "INDELIVERY", "statusDateTime": at, "events": [event]}
    return {"parcels": [told | more]}


BODY = parcels()


def test_the_parcels_own_status_is_a_remark_when_it_is_newer():
    handed_over, last = ask("gls", BODY)[0].scans

    assert line(handed_over) == "06-07 08:46:14 picked_up.accepted INTIAL.NORMAL Kassel DE"
    assert line(last) == "06-11 13:24:57 out_for_delivery.out INDELIVERY"
    assert (handed_over.is_physical, last.is_physical) == (True, False)


@pytest.mark.parametrize("at", ["2026-06-07T10:46:14+0200", "2026-06-01T10:46:14+0200", None])
def test_an_older_status_is_no_event(at):
    assert len(ask("gls", parcels(at))[0].scans) == 1


def test_a_parcel_that_gls_does_not_know_is_news():
    (parcel,) = ask("gls", {"parcels": [{"requested": "363", "errorCode": "E_404_01", "errorMessage": "None"}]})

    assert (parcel.number, parcel.scans, parcel.note) == ("363", (), "None")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"parcels": [{"requested": "363", "errorCode": "E_500_01"}]}, "carrier_error"),
        ({"errors": [{"code": "E_401"}]}, "carrier_error"),
        ({"parcels": []}, "not_tracking"),
        (parcels(unitno=""), "number_missing"),
    ],
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("gls", body)
    assert refusal.value.code == code
