import pytest

from orders.carriers.base import Unusable
from tests.orders.carriers.asking import ask, line

EVENTS = [
    {"Timestamp": 1785578400, "DateTime": "2026-08-01 12:00:00", "Country": "NL", "City": "Breda", "Code": 20},
    {"Timestamp": "?", "DateTime": "2026-08-02 12:00:00", "Country": "CN", "City": "Ningbo", "Code": 100},
    {"Timestamp": 10**30, "DateTime": "2026-08-03 12:00:00", "Code": 777},
]
BODY = {"ErrorLevel": 0, "Error": "", "Shipment": {"TrackingNumber": "LX1", "Events": EVENTS}}


def test_the_unix_time_wins_and_without_it_the_place_decides():
    (parcel,) = ask("spring", BODY)

    assert [line(scan) for scan in parcel.scans] == [
        "08-01 10:00:00 picked_up.accepted 20 Breda NL",
        "08-02 04:00:00 delivered.delivered 100 Ningbo CN",
        "08-03 12:00:00 unknown.unmapped_code 777",
    ]
    assert [scan.tz_source for scan in parcel.scans] == ["provider", "location", "shop"]


def test_a_number_that_is_not_known_is_news():
    (parcel,) = ask("spring", {"ErrorLevel": 10, "Error": "Tracking number not found"}, number="LX9")

    assert (parcel.number, parcel.scans, parcel.provider_status) == ("LX9", (), "not_found")


@pytest.mark.parametrize(
    ("body", "code"), [({"ErrorLevel": 10, "Error": "Bad key"}, "carrier_error"), ({"ErrorLevel": 0}, "not_tracking")]
)
def test_a_bad_answer_is_unusable(body, code):
    with pytest.raises(Unusable) as refusal:
        ask("spring", body)
    assert refusal.value.code == code
