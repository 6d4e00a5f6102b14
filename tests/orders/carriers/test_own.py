from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.own import FIELDS, BadEvent, parse_event, parse_events
from orders.projection import project
from orders.statuses import TAXONOMY
from orders.timeline import Scan, fingerprint

NOW = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)
LEAST: dict[str, Any] = {"status": "in_transit.moving", "occurred_at": "2026-08-20T09:58:00+08:00"}


def parsed(**known: Any) -> Scan:
    """The scan of an event that holds the least and `known`."""
    return parse_event(LEAST | known, received_at=NOW)


def refused(event: object) -> BadEvent:
    """The refusal of an event that must not be read."""
    with pytest.raises(BadEvent) as refusal:
        parse_event(event, received_at=NOW)
    return refusal.value


def test_an_event_with_everything_is_read_with_everything():
    scan = parsed(
        status="Exception.Refused",
        code="X4",
        text=" Refused at the door ",
        city="Leeds",
        country="gb",
        reason_party="consignee",
        recorded_at="2026-08-20T02:00:05Z",
        seq=3,
    )

    assert (scan.status, scan.sub_status, scan.raw_status, scan.raw_code) == (
        "exception",
        "refused",
        "Exception.Refused",
        "X4",
    )
    assert (scan.text, scan.city, scan.country, scan.reason_party) == (
        "Refused at the door",
        "Leeds",
        "GB",
        "consignee",
    )
    assert (scan.recorded_at, scan.received_at, scan.seq) == (datetime(2026, 8, 20, 2, 0, 5, tzinfo=UTC), NOW, 3)


def test_a_time_with_an_offset_becomes_utc():
    scan = parsed(occurred_at="2026-04-26T09:26:00-07:00")

    assert (scan.occurred_at, scan.tz_source) == (datetime(2026, 4, 26, 16, 26, tzinfo=UTC), "explicit")
    assert scan.occurred_at.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "precision"),
    [
        ("2026-08-20T09:58:00+08:00", "second"),
        ("2026-08-20T09:58:00.25-08:00", "second"),
        ("2026-08-20 09:58:00Z", "second"),
        ("2026-08-20T09:58+08:00", "minute"),
        ("2026-08-20T09:58Z", "minute"),
        ("2026-08-20T09:58-05:30", "minute"),
    ],
)
def test_a_time_without_seconds_is_known_to_the_minute(text, precision):
    assert parsed(occurred_at=text).time_precision == precision


def test_a_status_alone_means_its_default_reason():
    scan = parsed(status="customs")

    assert (scan.status, scan.sub_status, scan.raw_status) == ("customs", "processing", "customs")


@pytest.mark.parametrize(("status", "physical"), [("picked_up", True), ("info_received", False), ("unknown", False)])
def test_whether_it_is_a_scan_follows_from_the_status_unless_the_sender_says_so(status, physical):
    assert parsed(status=status).is_physical is physical
    assert parsed(status=status, is_physical=not physical).is_physical is not physical


def test_the_delivery_of_a_return_is_the_senders():
    scan = parsed(status="delivered", is_return=True)
    row = project([scan], now=NOW)

    assert (row.status, row.sub_status, row.delivered_at) == ("returned", "received", None)
    assert fingerprint(scan) != fingerprint(parsed(status="delivered"))


@pytest.mark.parametrize(
    ("change", "field", "remedy"),
    [
        ({"status": None}, "status", "is required"),
        ({"status": 3}, "status", "must be text, got int"),
        ({"status": "flying"}, "status", "unknown status 'flying'; use one of: unknown, expired"),
        ({"status": "customs.flying"}, "status", "use one of: customs.presented"),
        ({"occurred_at": " "}, "occurred_at", "is required"),
        ({"occurred_at": "2026-08-20T09:58:00"}, "occurred_at", "has no offset; append +08:00 or Z"),
        ({"occurred_at": "2026-08-20"}, "occurred_at", "has no offset"),
        ({"occurred_at": "yesterday"}, "occurred_at", "'yesterday' is not a time; send ISO 8601 with an offset"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at", "outside the years 2000 to 2099"),
        ({"occurred_at": "9999-12-31T23:59:59-12:00"}, "occurred_at", "outside the years"),
        ({"recorded_at": "2026-08-20T09:58:00"}, "recorded_at", "has no offset"),
        ({"country": "GBR"}, "country", "send at most 2"),
        ({"country": "4!"}, "country", "send its two-letter code"),
        ({"text": "x" * 501}, "text", "has 501 characters; send at most 500"),
        ({"text": "a\x00b"}, "text", "leave out NUL"),
        ({"city": "\ud83d"}, "city", "lone surrogates"),
        ({"reason_party": "dog"}, "reason_party", "use one of: carrier, shipper"),
        ({"reason_party": ["carrier"]}, "reason_party", "is not a party"),
        ({"is_physical": "yes"}, "is_physical", "must be true or false, got 'yes'"),
        ({"is_return": 1}, "is_return", "must be true or false"),
        ({"seq": -1}, "seq", "must be a whole number from 0"),
        ({"seq": True}, "seq", "must be a whole number"),
        ({"seq": 2**31}, "seq", "must be a whole number"),
        ({"citty": "Leeds"}, "citty", "is not a field of an event; fields are: status, code, text, city"),
    ],
)
def test_a_refusal_names_the_field_and_the_remedy(change, field, remedy):
    problem = refused(LEAST | change)

    assert problem.field == field
    assert remedy in problem.remedy
    assert str(problem) == f"{field}: {problem.remedy}"


@pytest.mark.parametrize("event", [None, "delivered", 7, ["status"]])
def test_what_is_no_object_is_refused(event):
    assert "must be an object" in refused(event).remedy


def test_a_list_is_read_in_its_order():
    scans = parse_events([LEAST, LEAST | {"status": "delivered"}], received_at=NOW, provider_key="erp")

    assert [(scan.status, scan.provider_key) for scan in scans] == [("in_transit", "erp"), ("delivered", "erp")]


@pytest.mark.parametrize(
    ("events", "place"),
    [
        ([LEAST, LEAST | {"status": "flying"}], "events[1].status"),
        ([LEAST, 7], "events[1]"),
        ({"status": "delivered"}, "events"),
        ("delivered", "events"),
        ([LEAST] * 501, "events"),
    ],
)
def test_a_refused_list_says_which_event(events, place):
    with pytest.raises(BadEvent) as refusal:
        parse_events(events, received_at=NOW)

    assert refusal.value.field == place


@given(
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), st.none() | st.integers() | st.text(), max_size=9)
)
def test_any_object_is_read_or_refused_and_nothing_else_happens(event):
    try:
        scan = parse_event(LEAST | event, received_at=NOW)
    except BadEvent as problem:
        assert problem.field in {*FIELDS, *event}
    else:
        assert len(fingerprint(scan)) == 16
        assert (scan.status, scan.sub_status) in TAXONOMY


@given(st.sampled_from(sorted(TAXONOMY)))
def test_every_status_of_the_list_can_be_sent(canonical):
    scan = parsed(status=".".join(canonical))

    assert (scan.status, scan.sub_status) == canonical
