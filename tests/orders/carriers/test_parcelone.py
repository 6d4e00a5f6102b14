import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line

BODY = {
    "success": 1,
    "results": {
        "StatusCode": "IN_TRANSIT",
        "Events": [
            {"DateTime": "2026-07-15T14:30:00", "Location": "Ulm Hub", "StatusCode": "IN_TRANSIT"},
            {"DateTime": "2026-07-14T16:00:00", "Location": "Ulm Hub", "StatusCode": "LOST_IN_SPACE"},
        ],
    },
}


def test_times_are_german():
    (parcel,) = ask("parcelone", BODY, number="12")

    assert [line(scan) for scan in parcel.scans] == [
        "07-14 14:00:00 unknown.unmapped_code LOST_IN_SPACE Ulm Hub",
        "07-15 12:30:00 in_transit.moving IN_TRANSIT Ulm Hub",
    ]
    assert {scan.tz_source for scan in parcel.scans} == {"carrier"}


def test_no_events_are_no_scans():
    (parcel,) = ask("parcelone", {"success": 1, "results": {"StatusCode": "UNKNOWN", "Events": []}}, number="12")

    assert (parcel.number, parcel.scans) == ("12", ())


@pytest.mark.parametrize(
    ("body", "code"), [({"success": 0, "type": "E1"}, "carrier_error"), ({"success": 1}, "not_tracking")]
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("parcelone", body)
    assert refusal.value.code == code
