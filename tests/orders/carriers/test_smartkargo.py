import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line


def event(code, at, **more):
    return {"packageReference": "PK1", "pieceReference": "PK1-1", "eventType": code, "eventDate": at} | more


AT = {"city": "Quito", "countryId": "EC", "timezone": "America/Guayaquil"}
BODY = [
    event("DEP", "2026-03-15T10:30:00", eventLocation="UIO", location=AT),
    event("RCS", "2026-03-14T08:00:00.6571145", eventLocation="XXX"),
]


def test_a_partners_place_bears_its_zone_and_an_airport_does_not():
    (parcel,) = ask("smartkargo", BODY)

    assert [line(scan) for scan in parcel.scans] == [
        "03-14 08:00:00 picked_up.accepted RCS XXX",
        "03-15 15:30:00 in_transit.departed_facility DEP Quito EC",
    ]
    assert parcel.scans[0].tz_source == "shop"
    assert parcel.number == "PK1"
    assert ask("smartkargo", BODY, number="ASKED")[0].number == "ASKED"


def test_a_package_that_is_not_known_is_news():
    (parcel,) = ask("smartkargo", {"error": {"code": "NOT_FOUND", "message": "None"}}, number="PK9")

    assert (parcel.number, parcel.scans, parcel.note) == ("PK9", (), "None")


@pytest.mark.parametrize(
    ("body", "code"), [({"error": {"code": "AUTH"}}, "carrier_error"), ([], "not_tracking"), ({}, "not_tracking")]
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("smartkargo", body)
    assert refusal.value.code == code
