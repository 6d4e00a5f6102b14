"""Examples of what carriers send, and the row that must come of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from orders.projection import Projection, project
from orders.statuses import Canonical
from orders.timeline import Scan

DAY = datetime(2026, 3, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


def scan(hours: float, word: str, **known: Any) -> Scan:
    """A scan `hours` after midnight of 5 March, of a canonical status such as "in_transit.moving"."""
    canonical = Canonical.parse(word)
    blank = {"source": "api", "is_physical": canonical.about.is_physical, "raw_status": word}
    return Scan(DAY + hours * HOUR, *canonical, **(blank | known))


def projected(*scans: Scan, now: datetime | None = None) -> Projection:
    """The row an hour after the last scan."""
    return project(scans, now=now or max((s.occurred_at for s in scans), default=DAY) + HOUR)


def word(row: Projection) -> str:
    return f"{row.status}.{row.sub_status}"


def codes(row: Projection) -> list[str]:
    return [proof.code for proof in row.proofs]


def test_a_parcel_nobody_has_heard_of_is_not_found():
    row = projected()

    assert (word(row), row.leg, row.events_count, row.status_at) == ("not_found.no_info", "outbound", 0, None)


def test_a_journey_ends_delivered_with_its_times():
    row = projected(
        scan(1, "info_received"),
        scan(5, "picked_up", city="Hangzhou", country="CN"),
        scan(9, "in_transit.departed_facility"),
        scan(30, "out_for_delivery"),
        scan(33, "delivered.signed", city="Beijing", country="CN"),
    )

    assert (word(row), row.flags, row.leg, row.place) == ("delivered.signed", "T", "outbound", "Beijing, CN")
    assert (row.picked_up_at, row.first_scan_at) == (DAY + 5 * HOUR, DAY + 5 * HOUR)
    assert row.delivered_at == row.status_at == row.last_scan_at == DAY + 33 * HOUR
    assert row.is_terminal


def test_pushes_out_of_order_and_twice_give_one_delivery():
    a, b, c, d = scan(1, "picked_up"), scan(2, "in_transit"), scan(3, "out_for_delivery"), scan(4, "delivered.signed")
    row = projected(d, a, c, b, d)

    assert (word(row), row.events_count) == ("delivered.signed", 4)


def test_all_720_orders_of_six_events_give_the_same_row():
    scans = [
        scan(1, "picked_up"),
        scan(20, "attempt_failed.no_one"),
        scan(20, "out_for_delivery"),
        scan(30, "delivered", time_precision="date"),
        scan(80, "in_transit.moving"),
        scan(90, "exception.damaged"),
    ]
    rows = {project(order, now=DAY + 100 * HOUR) for order in permutations(scans)}

    assert len(rows) == 1


def test_late_stamps_after_a_delivery_change_nothing():
    row = projected(scan(9.99, "delivered"), scan(10.1, "out_for_delivery"))

    assert (word(row), row.leg, codes(row)) == ("delivered.delivered", "outbound", [])


def test_new_movement_two_days_after_a_delivery_is_a_return():
    scans = [scan(0, "delivered"), scan(49, "picked_up"), scan(50, "in_transit")]
    under_way, back = projected(*scans), projected(*scans, scan(72, "delivered"))

    assert (word(under_way), under_way.leg) == ("returning.in_transit", "return")
    assert (word(back), back.leg, back.delivered_at) == ("returned.received", "return", DAY)
    assert back.returned_at == DAY + 72 * HOUR


@pytest.mark.parametrize(("hours", "leg"), [(47.9, "outbound"), (48, "return")])
def test_a_plain_scan_starts_the_way_back_only_after_two_days(hours, leg):
    assert projected(scan(0, "delivered"), scan(hours, "in_transit")).leg == leg


def test_a_pickup_after_a_delivery_starts_the_way_back_at_once():
    assert projected(scan(0, "delivered"), scan(3, "picked_up")).leg == "return"


def test_a_parcel_sent_back_before_delivery_stays_on_its_way_back_until_the_sender_has_it():
    scans = [scan(1, "picked_up"), scan(20, "attempt_failed.refused"), scan(30, "returning"), scan(35, "in_transit")]
    under_way, back = projected(*scans), projected(*scans, scan(60, "delivered.signed"))

    assert (word(under_way), under_way.leg) == ("returning.in_transit", "return")
    assert (word(back), back.delivered_at, back.returned_at) == ("returned.received", None, DAY + 60 * HOUR)


def test_a_source_that_knows_it_is_a_return_is_never_delivered():
    row = projected(scan(1, "picked_up"), scan(9, "returned"))

    assert (word(row), row.delivered_at) == ("returned.received", None)


@pytest.mark.parametrize("complaint", ["exception.damaged", "attempt_failed.refused", "exception.lost"])
def test_bad_news_after_a_delivery_is_proof_and_not_a_new_status(complaint):
    row = projected(scan(0, "delivered.proxy"), scan(3, complaint, text="Box open"))

    assert word(row) == "delivered.proxy"
    assert [(proof.code, proof.at, proof.text) for proof in row.proofs] == [
        ("delivered_then_exception", DAY + 3 * HOUR, "Box open")
    ]


@pytest.mark.parametrize("remark", ["exception.delayed", "exception.unsigned_overdue", "expired", "cancelled"])
def test_a_remark_after_a_delivery_is_nothing(remark):
    row = projected(scan(0, "delivered.proxy"), scan(3, remark))

    assert (word(row), codes(row)) == ("delivered.proxy", [])


def test_damage_stays_proven_when_the_parcel_moves_on():
    row = projected(scan(1, "picked_up"), scan(5, "exception.damaged"), scan(9, "in_transit"))

    assert (word(row), codes(row)) == ("in_transit.moving", ["damaged"])


@pytest.mark.parametrize("weak", ["expired", "not_found", "unknown", "info_received", "exception.stale"])
def test_what_is_said_about_silence_never_hides_a_carriers_scan(weak):
    row = projected(scan(1, "in_transit.arrived_facility"), scan(90, weak))

    assert word(row) == "in_transit.arrived_facility"


def test_a_later_scan_revives_an_expired_parcel():
    expired = projected(scan(1, "info_received"), scan(90, "expired"))
    revived = projected(scan(1, "info_received"), scan(90, "expired"), scan(138, "in_transit.arrived_country"))

    assert (word(expired), expired.flags) == ("expired.no_result", "E")
    assert (word(revived), revived.flags) == ("in_transit.arrived_country", "")


def test_an_expired_feed_is_no_scan():
    assert projected(scan(1, "in_transit"), scan(90, "expired")).last_scan_at == DAY + HOUR


def test_a_cancelled_label_stays_cancelled_until_the_parcel_is_scanned():
    voided = [scan(1, "info_received"), scan(2, "cancelled"), scan(9, "expired")]

    assert word(projected(*voided)) == "cancelled.voided"
    assert word(projected(*voided, scan(10, "picked_up"))) == "picked_up.accepted"


@pytest.mark.parametrize("physical", [True, False])
def test_an_unmapped_code_keeps_the_status_and_counts_as_a_scan_only_if_it_is_one(physical):
    row = projected(
        scan(1, "in_transit.arrived_facility"),
        scan(9, "unknown", raw_code="Exception_099", is_physical=physical),
    )

    assert (word(row), row.unmapped, row.events_count) == ("in_transit.arrived_facility", 1, 2)
    assert row.last_scan_at == DAY + (9 if physical else 1) * HOUR


def test_an_unmapped_code_alone_is_unknown_and_not_silence():
    assert word(projected(scan(1, "unknown", raw_code=""))) == "unknown.unmapped_code"


def test_a_status_that_is_not_in_the_list_is_unmapped():
    row = projected(replace(scan(1, "in_transit"), status="in_transit", sub_status="flying"))

    assert (word(row), row.unmapped) == ("unknown.unmapped_code", 1)


@pytest.mark.parametrize(
    ("one", "other", "later"),
    [
        ("picked_up", "info_received", "picked_up.accepted"),
        ("in_transit", "exception.lost", "exception.lost"),
        ("customs.released", "customs.held", "customs.held"),
        ("out_for_delivery", "delivered", "delivered.delivered"),
        ("delivered", "returning", "returning.in_transit"),
    ],
)
def test_scans_of_the_same_second_are_ordered_by_rank_and_bad_news_wins(one, other, later):
    assert word(projected(scan(5, one), scan(5.0001, other))) == later
    assert word(projected(scan(5.0001, one), scan(5, other))) == later


def test_the_same_scan_with_its_city_added_later_is_one_scan():
    bare = scan(5, "in_transit.arrived_facility", source="aftership", text="Arrived at facility")
    full = replace(bare, city="LEEDS", country="GB", received_at=DAY + 9 * HOUR)

    for row in (projected(bare, full), projected(full, bare)):
        assert (row.events_count, row.place) == (1, "LEEDS, GB")


def test_a_scan_told_by_two_sources_is_counted_once():
    first = scan(5, "attempt_failed.no_one", source="17track", provider_key="3011", text="No one home")
    second = scan(5.05, "attempt_failed.no_one", source="kuaidi100", text="无人在家", city="Leeds")
    row = projected(first, second)

    assert (row.events_count, row.attempts, row.place) == (1, 1, "Leeds")


def test_two_attempts_told_by_one_source_are_two():
    assert projected(scan(5, "attempt_failed.no_one"), scan(5.05, "attempt_failed.no_one")).attempts == 2


def test_scans_of_two_cities_in_one_minute_stay_two():
    leeds, york = (
        scan(5, "in_transit", city="Leeds", text="Arrived"),
        scan(5, "in_transit", city="York", text="Arrived"),
    )

    assert projected(leeds, york).events_count == 2


def test_a_scan_from_the_far_future_waits_until_it_is_credible():
    scans = [scan(0, "in_transit"), scan(27, "delivered")]
    early, late = project(scans, now=DAY), project(scans, now=DAY + HOUR)

    assert (word(early), early.quarantined, early.events_count) == ("in_transit.moving", 1, 1)
    assert (word(late), late.quarantined, late.events_count) == ("delivered.delivered", 0, 2)


def test_of_a_day_without_hours_the_sources_own_order_counts():
    out = scan(0, "out_for_delivery", time_precision="date", seq=4)
    failed = scan(0, "attempt_failed.no_one", time_precision="date", seq=3)

    assert word(projected(out, failed)) == "out_for_delivery.out"


def test_a_day_without_an_hour_ends_with_it_but_never_in_the_future():
    row = projected(scan(0, "in_transit", time_precision="date"), now=DAY + 50 * HOUR)
    today = projected(scan(0, "in_transit", time_precision="date"), now=DAY + 5 * HOUR)

    assert row.last_scan_at == DAY + 24 * HOUR
    assert today.last_scan_at == DAY + 5 * HOUR


def test_a_day_without_an_hour_is_put_where_the_parcel_can_have_been():
    picked_up = scan(0, "picked_up", time_precision="date")
    delivered = scan(0, "delivered", time_precision="date")

    assert word(projected(picked_up, scan(9, "in_transit"))) == "in_transit.moving"
    assert word(projected(delivered, scan(9, "out_for_delivery"))) == "delivered.delivered"


def test_attempts_are_counted_and_the_status_begins_with_its_first_scan():
    row = projected(
        scan(1, "attempt_failed.no_one"),
        scan(20, "out_for_delivery"),
        scan(25, "attempt_failed.no_one"),
        scan(26, "attempt_failed.no_one"),
    )

    assert (row.attempts, row.status_at, row.flags) == (3, DAY + 25 * HOUR, "E")


def test_a_part_delivery_is_not_the_end():
    row = projected(scan(1, "picked_up"), scan(9, "delivered.partial"))

    assert (word(row), row.flags, row.delivered_at, row.is_terminal) == ("delivered.partial", "E", None, False)


def test_a_second_word_says_more_about_a_delivery():
    row = projected(scan(9, "delivered"), scan(80, "delivered.signed"))

    assert (word(row), row.delivered_at, row.leg) == ("delivered.signed", DAY + 9 * HOUR, "outbound")


def test_a_returned_parcel_stays_returned():
    row = projected(scan(9, "returned"), scan(80, "in_transit"), scan(81, "delivered"))

    assert (word(row), row.returned_at) == ("returned.received", DAY + 9 * HOUR)


def test_a_new_label_revives_a_cancelled_parcel():
    row = projected(scan(1, "info_received"), scan(2, "cancelled"), scan(3, "info_received"))

    assert word(row) == "info_received.label_created"


def test_a_feed_that_no_longer_finds_a_label_does_not_take_it_back():
    assert word(projected(scan(1, "info_received"), scan(9, "not_found"))) == "info_received.label_created"
    assert word(projected(scan(1, "info_received"), scan(9, "not_found.invalid_number"))) == "not_found.invalid_number"


def test_the_pickup_of_a_return_is_not_the_pickup_of_the_parcel():
    assert projected(scan(1, "delivered"), scan(60, "picked_up")).picked_up_at is None


@pytest.mark.parametrize("trouble", ["customs.held", "exception.lost"])
def test_trouble_on_the_way_back_is_shown(trouble):
    row = projected(scan(1, "returning"), scan(60, trouble))

    assert (word(row), row.leg) == (trouble, "return")


def test_a_second_source_does_not_make_one_out_of_two_attempts():
    attempts = [scan(5, "attempt_failed.no_one"), scan(5.05, "attempt_failed.no_one")]

    assert projected(*attempts, scan(1, "picked_up", source="17track")).attempts == 2


def test_the_same_word_from_two_cities_is_two_scans_whoever_tells_it():
    leeds = scan(5, "in_transit", city="Leeds", source="17track")

    assert projected(leeds, scan(5.05, "in_transit", city="York")).events_count == 2
