"""Laws of the projection: it is a function of the set of scans, however and how often they arrive."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from orders.projection import project
from orders.statuses import TAXONOMY
from orders.timeline import FUTURE, Scan, fingerprint, timeline

START = datetime(2026, 3, 5, tzinfo=UTC)
NOW = START + timedelta(days=8)
# Few distinct times, places and words, so that ties, echoes and repetitions are common.
moments = st.integers(0, 240).map(lambda steps: START + timedelta(minutes=30) * steps) | st.integers(0, 500).map(
    lambda seconds: START + timedelta(seconds=seconds)
)
scans = st.builds(
    lambda canonical, raw, **known: Scan(
        status=canonical[0], sub_status=canonical[1], raw_status=".".join(canonical) if raw else "", **known
    ),
    raw=st.booleans(),
    canonical=st.sampled_from(sorted(TAXONOMY)),
    occurred_at=moments,
    time_precision=st.sampled_from(["second", "minute", "date"]),
    received_at=st.none() | moments,
    source=st.sampled_from(["aftership", "kuaidi100"]),
    raw_code=st.sampled_from(["", "X1"]),
    is_physical=st.booleans(),
    text=st.sampled_from(["", "Arrived", "ARRIVED ", "已到达"]),
    city=st.sampled_from(["", "Leeds", "York"]),
    seq=st.integers(0, 3),
)
several = st.lists(scans, max_size=12)


@given(several, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(told, random):
    shuffled = random.sample(told, len(told))

    assert project(shuffled, now=NOW) == project(told, now=NOW)
    assert timeline(shuffled, now=NOW) == timeline(told, now=NOW)


@given(several, several)
def test_repetition_does_not_matter(told, again):
    repeated = [*told, *(scan for scan in again if scan in told), *told]

    assert project(repeated, now=NOW) == project(told, now=NOW)


@given(several)
def test_the_timeline_holds_each_scan_once_and_nothing_else(told):
    shown = timeline(told, now=NOW)

    assert len(shown) <= len({fingerprint(scan) for scan in told})
    assert {scan.canonical for scan in shown} <= {scan.canonical for scan in told}
    assert {scan.canonical for scan in shown} >= {scan.canonical for scan in told if scan.raw_status}


@given(several, scans)
def test_a_scan_of_the_far_future_is_only_counted(told, scan):
    future = Scan(NOW + FUTURE + timedelta(seconds=1), scan.status, scan.sub_status, "aftership")
    row = project(told, now=NOW)

    assert project([*told, future], now=NOW) == type(row)(**{**_columns(row), "quarantined": 1})


@given(several, moments)
def test_an_unread_remark_never_changes_the_status_of_a_known_parcel(told, at):
    remark = Scan(at, "unknown", "unmapped_code", "newfeed", raw_code="Z9", is_physical=False)
    row = project([*told, remark], now=NOW)
    before = project(told, now=NOW)

    assert (row.status, row.last_scan_at, row.attempts) == (
        before.status if told else "unknown",
        before.last_scan_at,
        before.attempts,
    )


@given(several)
def test_times_agree_with_each_other_and_with_the_status(told):
    row = project(told, now=NOW)

    assert (row.first_scan_at is None) == (row.last_physical_at is None)
    assert row.first_scan_at is None or row.first_scan_at <= row.last_physical_at
    assert (row.status == "returned") == (row.returned_at is not None)
    assert row.delivered_at is None or row.status == "delivered" or row.leg == "return"
    assert row.leg == "outbound" or row.status in {"returning", "returned", "exception", "customs", "cancelled"}


@given(scans)
def test_what_we_make_of_a_scan_does_not_change_its_name(scan):
    read_differently = Scan(
        scan.occurred_at,
        "unknown",
        "unmapped_code",
        scan.source,
        received_at=NOW,
        raw_code=scan.raw_code,
        raw_status=scan.raw_status,
        text=f"  {scan.text.upper()} ",
        city=scan.city,
        seq=scan.seq + 1,
    )

    assert fingerprint(read_differently) == fingerprint(scan)
    assert len(fingerprint(scan)) == 16


@given(scans)
def test_another_time_source_or_code_is_another_scan(scan):
    others = [
        Scan(scan.occurred_at + timedelta(seconds=1), scan.status, scan.sub_status, scan.source),
        Scan(scan.occurred_at, scan.status, scan.sub_status, "other"),
        Scan(scan.occurred_at, scan.status, scan.sub_status, scan.source, raw_code="Q7"),
        Scan(scan.occurred_at, scan.status, scan.sub_status, scan.source, provider_key="3011"),
        Scan(scan.occurred_at, scan.status, scan.sub_status, scan.source, text="Departed"),
    ]

    assert len({fingerprint(other) for other in [*others, scan]}) == 6


def _columns(row: object) -> dict[str, object]:
    return {name: getattr(row, name) for name in type(row).__dataclass_fields__}
