"""What karrio's own tests expect of the same answers: numbers, events, places, statuses; each difference has a reason.

The answers belong to karrio (LGPL) and are no part of this project: they are looked for beside it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from orders.carriers import catalogue
from orders.carriers.answers import ASKED
from orders.carriers.base import Message, Setting, Told, Unusable
from orders.projection import project
from orders.timeline import Scan

HOME = Path(__file__).resolve().parents[4] / "shared/data/tracking_payloads/karrio"
DOCUMENT = Path(__file__).resolve().parents[3] / "docs/tracking-differences.md"
pytestmark = pytest.mark.skipif(not HOME.is_dir(), reason="karrio's payloads are not beside the project")

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
SETTING = Setting(zone="UTC")

# Answer and what karrio expects of it.
PAIRS = {
    "asendia/TrackingResponse.json": "ParsedTrackingResponse",
    "australiapost/TrackingResponse.json": "ParsedTrackingResponse",
    "bpost/TrackingResponse.xml": "ParsedTrackingResponse",
    "dhl_express/IntransitTrackingResponseXML.xml": "ParsedInTransitTrackingResponse",
    "dhl_express/TrackingResponseXML.xml": "ParsedTrackingResponse",
    "dhl_poland/TrackingResponseXML.xml": "ParsedTrackingResponse",
    "dhl_universal/TrackingResponseJSON.json": "ParsedTrackingResponse",
    "dpd/TrackingResponse.xml": "ParsedTrackingResponse",
    "fedex/DuplicateTrackingResponse.json": "ParsedDuplicateTrackingResponse",
    "fedex/InconsistentDateTimeResponse.json": "ParsedInconsistentDateTimeResponse",
    "fedex/TrackingResponse.json": "ParsedTrackingResponse",
    "gls/TrackingResponse.json": "ParsedTrackingResponse",
    "mydhl/TrackingResponse.json": "ParsedTrackingResponse",
    "parcelone/TrackingResponseJSON.json": "ParsedTrackingResponse",
    "purolator/TRACKING_RESPONSE_XML.xml": "PARSED_TRACKING_RESPONSE",
    "sendle/TrackingResponse.json": "ParsedTrackingResponse",
    "smartkargo/DotNetTicksTrackingResponse.json": "ParsedDotNetTicksTrackingResponse",
    "smartkargo/PartnerTrackingResponse.json": "ParsedPartnerTrackingResponse",
    "smartkargo/TrackingResponse.json": "ParsedTrackingResponse",
    "spring/TrackingResponse.json": "ParsedTrackingResponse",
    "teleship/TrackingResponse.json": "ParsedTrackingResponse",
    "ups/TrackingResponseJSON.json": "ParsedTrackingResponse",
    "usps/TrackingResponse.json": "ParsedTrackingResponse",
}

# An answer without events: "not_found" is a parcel without scans, anything else the code of the refusal.
ERRORS = {
    "asendia/ErrorResponse.json": "not_found",
    "australiapost/ErrorResponse.json": "carrier_error",
    "australiapost/TrackingErrorResponse.json": "not_found",
    "bpost/ErrorResponse.xml": "carrier_error",
    "dhl_express/AuthError.xml": "carrier_error",
    "dhl_express/TrackingSingleNotFound.xml": "not_found",
    "dhl_poland/ErrorResponseXML.xml": "carrier_error",
    "dhl_universal/TrackingErrorResponseJSON.json": "not_found",
    "dpd/ErrorResponse.xml": "carrier_error",
    "fedex/ErrorResponse.json": "carrier_error",
    "gls/ErrorResponse.json": "not_found",
    "mydhl/ErrorResponse.json": "not_found",
    "parcelone/TrackingNoEventsResponseJSON.json": "",
    "sendle/ErrorResponse.json": "not_found",
    "smartkargo/ErrorResponse.json": "not_found",
    "spring/TrackingErrorResponse.json": "not_found",
    "teleship/ErrorResponse.json": "not_found",
    "ups/AuthError.json": "carrier_error",
    "ups/InvalidTrackingNumberResponseJSON.json": "not_found",
    "ups/TrackingNumberNotFoundResponseJSON.json": "not_found",
    "usps/AuthErrorResponse.json": "carrier_error",
    "usps/ErrorResponse.json": "carrier_error",
}

# Karrio's twelve statuses in our words.
STATUSES = {
    "pending": "info_received",
    "picked_up": "picked_up",
    "on_hold": "exception",
    "cancelled": "cancelled",
    "delivered": "delivered",
    "in_transit": "in_transit",
    "delivery_failed": "attempt_failed",
    "delivery_delayed": "exception",
    "out_for_delivery": "out_for_delivery",
    "ready_for_pickup": "available_for_pickup",
    "return_to_sender": "returning",
    "unknown": "unknown",
}

# Which tracking differs in what; docs/tracking-differences.md says why.
DIFFERENCES: dict[tuple[str, str], dict[str, str]] = {
    ("australiapost/TrackingResponse.json", "ET123456789AU"): {"events": "theirs skips articles inside a consignment"},
    ("australiapost/TrackingResponse.json", "00123456789000123400"): {"place": '"Transit Scan" is no place'},
    ("bpost/TrackingResponse.xml", "323212345659900040669030"): {"status": "its last event is the delivery"},
    ("dhl_poland/TrackingResponseXML.xml", "24333892874"): {"status": "its codes are a form's blanks"},
    ("dhl_universal/TrackingResponseJSON.json", "7777777770"): {"status": "its code says pre-transit"},
    ("dpd/TrackingResponse.xml", "05308801410058"): {
        "time": "theirs reads 7:11 PM as 07:11",
        "status": "its last event tells of an unsuccessful attempt",
    },
    ("fedex/DuplicateTrackingResponse.json", "776094337676"): {"events": "theirs keeps one of the number's two lists"},
    ("gls/TrackingResponse.json", "36301917596"): {"events": "the parcel's own, newer status is kept too"},
    ("purolator/TRACKING_RESPONSE_XML.xml", "M123"): {"status": 'the code "Other" says nothing'},
    ("ups/TrackingResponseJSON.json", "string"): {"status": "the code says released by customs, not held"},
}

# Karrio drops the zone and keeps the local time: the clocks on which our instants must show it. A place that is not
# named here keeps the first clock.
CLOCKS: dict[str, dict[str, str]] = {
    "asendia": {"": "UTC"},
    "australiapost": {"": "Australia/Sydney"},
    "bpost": {"": "Europe/Brussels"},
    "dhl_express": {
        "": "Europe/Madrid",
        "KINGSTON-JAM": "America/Jamaica",
        "Singapore - Singapore": "Asia/Singapore",
        "Hong Kong - Hong Kong": "Asia/Hong_Kong",
    },
    "dhl_poland": {"": "Europe/Warsaw"},
    "dhl_universal": {"": "Europe/Amsterdam"},
    "dpd": {"": "Europe/Brussels"},
    "fedex": {
        "": "America/Los_Angeles",
        "US": "America/Chicago",
        "SEATTLE": "Etc/GMT+7",
        "Blue Point": "America/New_York",
        "HOLBROOK": "America/New_York",
        "KEASBEY": "America/New_York",
        "WOODBRIDGE TWP": "America/New_York",
        "GROVE CITY": "America/New_York",
        "CEDAR RAPIDS": "America/Chicago",
        "MANKATO": "America/Chicago",
    },
    "gls": {"": "Europe/Berlin"},
    "mydhl": {"": "America/New_York", "Los Angeles, CA": "America/Los_Angeles"},
    "parcelone": {"": "Europe/Berlin"},
    "purolator": {"": "America/Toronto"},
    "sendle": {"": "UTC", "TEANECK, NJ": "America/New_York", "NEW YORK, NY": "America/New_York"},
    "smartkargo": {"": "America/New_York", "LAX": "America/Los_Angeles", "LHR": "Europe/London"},
    "spring": {"": "UTC"},
    "teleship": {"": "UTC"},
    "ups": {"": "America/New_York"},
    "usps": {"": "America/New_York"},
}

WITH_COUNTRY = {"asendia", "dpd", "fedex", "gls", "spring", "teleship", "ups"}
"""Whose places end with the country in karrio's words; of the others it keeps none, or a state."""


def read(name: str, asked: str) -> list[Told]:
    """What we make of the answer to a question for the number."""
    body = (HOME / name).read_bytes()
    source = catalogue()[name.partition("/")[0]]
    return source.parse(Message(body, NOW, {ASKED: asked}), SETTING)


@cache
def expected() -> dict[tuple[str, str], dict[str, Any]]:
    """Karrio's expectations by answer and number."""
    found = {}
    for name, parsed in PAIRS.items() if HOME.is_dir() else ():
        trackings = json.loads((HOME / name).with_name(f"{parsed}.json").read_text())[0]
        found |= {(name, tracking["tracking_number"]): tracking for tracking in trackings}
    return found


def differences(name: str, theirs: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """In what our reading differs from theirs, with both."""
    number = theirs["tracking_number"]
    ours = [each for each in read(name, number) if each.number == number]
    if not ours:
        yield "number", f"{number} is missing"
        return
    scans = [scan for each in ours for scan in each.scans]
    events = theirs.get("events", [])
    if len(scans) != len(events):
        yield "events", f"{len(scans)} instead of {len(events)}"
    for event in events:
        yield from unlike(name.partition("/")[0], event, scans)
    status = project(scans, now=NOW).status
    wanted = STATUSES[theirs["status"]] if "status" in theirs else "delivered" if theirs["delivered"] else ""
    if status != wanted:
        yield "status", f"{status} instead of {wanted}"


def unlike(carrier: str, event: dict[str, Any], scans: Sequence[Scan]) -> Iterator[tuple[str, str]]:
    """In what the event differs from the most similar of our scans."""
    if not scans:
        return
    tests = {"code": has_code, "time": has_time, "place": has_place}
    nearest = max(scans, key=lambda scan: [test(carrier, event, scan) for test in tests.values()])
    for what, test in tests.items():
        if not test(carrier, event, nearest):
            yield what, f"{event} is not {nearest}"


def has_code(carrier: str, event: dict[str, Any], scan: Scan) -> bool:
    return "code" not in event or event["code"] in scan.raw_code.split("/")


def has_time(carrier: str, event: dict[str, Any], scan: Scan) -> bool:
    clocks = CLOCKS[carrier]
    zone = "UTC" if scan.tz_source == "shop" else clocks.get(scan.city or scan.country, clocks[""])
    local = scan.occurred_at.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M}" == f"{event['date']} {event['time'].split()[0]}"


def has_place(carrier: str, event: dict[str, Any], scan: Scan) -> bool:
    place = event.get("location", "")
    country = re.search(r"\b[A-Z]{2}(?=\)?$)", place) if carrier in WITH_COUNTRY else None
    if country and country[0] != scan.country:
        return False
    return scan.city.casefold() in place.casefold() and bool(place) == bool(scan.city or scan.country)


def test_the_expectations_are_all_there():
    assert (len(expected()), sum(len(tracking.get("events", [])) for tracking in expected().values())) == (27, 134)


@pytest.mark.parametrize("case", list(expected()), ids="-".join)
def test_an_answer_is_read_as_karrio_reads_it_or_differs_for_a_reason(case):
    found = dict(differences(case[0], expected()[case]))

    assert set(found) == set(DIFFERENCES.get(case, {})), found


@pytest.mark.parametrize(("name", "outcome"), ERRORS.items())
def test_an_answer_without_events_is_news_or_a_refusal(name, outcome):
    try:
        (parcel,) = read(name, "ASKED1")
    except Unusable as refusal:
        assert refusal.code == outcome
        assert "testPwd" not in str(refusal)
    else:
        assert (parcel.scans, parcel.provider_status.replace("UNKNOWN", "")) == ((), outcome)
        assert parcel.note or not outcome


@pytest.mark.parametrize("number", [number for _, number in DIFFERENCES])
def test_the_document_explains_every_difference(number):
    assert f"`{number}`" in DOCUMENT.read_text()


def test_no_answer_of_the_set_is_left_out():
    there = {f"{path.parent.name}/{path.name}" for path in HOME.glob("*/*") if is_answer(path)}

    assert there - set(PAIRS) - set(ERRORS) == set()


def is_answer(path: Path) -> bool:
    aside = ("PARSED", "SCHEMA", "LOGGER", "TRACKING_PAYLOAD", "TRACKING_REQUEST")
    return not path.name.upper().startswith(aside)
