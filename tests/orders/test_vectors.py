"""The hard cases that carriers are known for, as laws: whatever the times, the texts and the order of arrival."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orders.projection import Projection, project
from orders.statuses import STATUSES, TAXONOMY, Canonical
from orders.timeline import Scan

DAY = datetime(2026, 3, 5, tzinfo=UTC)
NOW = DAY + timedelta(days=60)
HOUR = timedelta(hours=1)
hours = st.integers(0, 60 * 48).map(lambda minutes: minutes / 60)
ON_THE_WAY = [key for key in sorted(TAXONOMY) if key[0] in ("in_transit", "out_for_delivery", "available_for_pickup")]
SILENT = [("expired", "no_result"), ("exception", "stale"), ("not_found", "no_info"), ("unknown", "source_error")]
DELIVERED = [key for key in sorted(TAXONOMY) if key[0] == "delivered" and key[1] != "partial"]


def scan(at: float, canonical: tuple[str, str] | str, **known: Any) -> Scan:
    """A scan so many hours after midnight of 5 March."""
    pair = Canonical.parse(canonical) if isinstance(canonical, str) else Canonical(*canonical)
    blank = {"source": "api", "raw_status": str(pair), "is_physical": pair.about.is_physical}
    return Scan(DAY + at * HOUR, *pair, **(blank | known))


def arrived(draw: st.DataObject, scans: list[Scan]) -> Projection:
    """The row after the scans came in any order, some of them again; the same as after each of them came once."""
    again = draw.draw(st.lists(st.sampled_from(scans), max_size=3))
    row = project(draw.draw(st.permutations(scans + again)), now=NOW)
    assert row == project(scans, now=NOW)
    return row


@given(
    st.data(), hours, st.sampled_from(DELIVERED), st.lists(st.tuples(hours, st.sampled_from(ON_THE_WAY)), max_size=4)
)
def test_stamps_of_the_two_days_after_a_delivery_never_take_it_back(data, at, delivered, late):
    stamps = [scan(at + after * 0.99, word) for after, word in late]
    row = arrived(data, [scan(0, "picked_up"), scan(at, delivered), *stamps])

    assert (row.status, row.sub_status, row.leg, row.proofs) == (*delivered, "outbound", ())
    assert row.delivered_at == DAY + at * HOUR


@given(st.data(), hours, st.integers(49, 300), st.sampled_from(ON_THE_WAY), st.sampled_from(DELIVERED))
def test_a_second_journey_of_one_number_is_the_way_back_and_ends_with_the_sender(data, at, gap, word, delivered):
    journey = [scan(at, "delivered"), scan(at + gap, "picked_up"), scan(at + gap + 1, word)]
    under_way = arrived(data, journey)
    back = arrived(data, [*journey, scan(at + gap + 23, delivered)])

    assert (under_way.status, under_way.leg, under_way.delivered_at) == ("returning", "return", DAY + at * HOUR)
    assert (back.status, back.sub_status, back.leg) == ("returned", "received", "return")
    assert (back.delivered_at, back.returned_at) == (DAY + at * HOUR, DAY + (at + gap + 23) * HOUR)


@given(st.data(), st.lists(st.tuples(hours, st.sampled_from(ON_THE_WAY)), min_size=1, max_size=4), hours)
def test_a_parcel_that_its_source_calls_a_return_is_never_delivered(data, way, last):
    end = max(at for at, _ in way) + last
    scans = [scan(at, word, raw_status=f"{word} return") for at, word in way]
    row = arrived(data, [*scans, scan(end, "returned.received", raw_status="delivered return")])

    assert (row.status, row.sub_status, row.delivered_at) == ("returned", "received", None)
    assert row.returned_at == DAY + end * HOUR


@given(st.data(), hours, hours, st.sampled_from(SILENT), st.sampled_from(ON_THE_WAY))
def test_a_watch_that_was_given_up_is_revived_by_any_later_scan_and_hides_none_before(data, at, later, silence, word):
    given_up = scan(at, silence, is_physical=False)
    revived = arrived(data, [scan(0, "info_received"), given_up, scan(at + later + 1, word)])
    hidden = arrived(data, [scan(at, word), scan(at + later + 1, silence, is_physical=False)])

    assert (revived.status, revived.sub_status) == (hidden.status, hidden.sub_status) == word
    assert ("E" in revived.flags) == TAXONOMY[word].is_exception
    assert hidden.last_scan_at == DAY + at * HOUR


@given(st.data(), hours, st.integers(-290, 290), st.sampled_from(ON_THE_WAY), st.booleans())
def test_a_handover_told_by_both_posts_is_one_scan(data, at, seconds, word, named):
    origin = scan(at, word, source="17track", provider_key="3011", text="Handed over", city="Leeds" if named else "")
    dest = replace(origin, occurred_at=origin.occurred_at + timedelta(seconds=seconds), provider_key="11031", text="交")
    row = arrived(data, [scan(0, "info_received", source="17track"), origin, replace(dest, city="Leeds")])

    assert (row.events_count, row.place) == (2, "Leeds")
    assert (row.status, row.sub_status) == word


@given(st.data(), hours, st.sampled_from(ON_THE_WAY), st.sampled_from(sorted(STATUSES)))
def test_a_row_without_a_code_is_the_same_row_when_it_comes_with_one(data, at, word, raw):
    coded = scan(at, word, raw_code=raw, text="【杭州】")
    bare = replace(coded, status="unknown", sub_status="unmapped_code", raw_code="", raw_status="", is_physical=True)
    row = arrived(data, [coded, bare])

    assert row == project([coded], now=NOW)
    assert arrived(data, [coded, replace(bare, text="Other words")]).events_count == 2
