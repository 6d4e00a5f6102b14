"""Laws of the judgement, on random orders: they are what lets the sweep look only at orders that are due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from orders.detectors import catalogue
from orders.facts import OrderFacts, Outlook, ParcelFacts, Proven
from orders.judge import Judgement, Key, judge
from orders.statuses import TAXONOMY, Canonical

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DETECTORS = [detector() for detector in catalogue().values()]
# Whole hours make facts and limits fall on the same instant often, which is where mistakes hide. Most facts are old and
# most parcels are still on their way when the order is judged, because that is when time alone changes the verdict.
moments = st.integers(0, 900).map(lambda hours: START + timedelta(hours=hours))
facts_of_old = st.integers(-24, 300).map(lambda hours: START + timedelta(hours=hours))
maybe = st.none() | facts_of_old
seldom = st.sampled_from([True, False, False, False]).flatmap(lambda known: facts_of_old if known else st.none())
TIMED = ["in_transit.moving", "customs.processing", "out_for_delivery.out", "available_for_pickup.ready"]
canonical = st.sampled_from([Canonical.parse(text) for text in TIMED]) | st.sampled_from(sorted(TAXONOMY))
parcels = st.builds(
    lambda canonical, **known: ParcelFacts(status=canonical[0], sub_status=canonical[1], **known),
    canonical=canonical,
    id=st.integers(1, 3),
    number=st.just("RR123456789CN"),
    carrier=st.just("ems"),
    leg=st.sampled_from(["outbound", "outbound", "return"]),
    announced_at=maybe,
    picked_up_at=seldom,
    first_scan_at=maybe,
    last_scan_at=maybe,
    last_physical_at=seldom,
    status_at=maybe,
    delivered_at=seldom,
    returned_at=seldom,
    attempts=st.integers(0, 4),
    eta_at=st.none(),
    cross_border=st.booleans(),
    place=st.just(""),
    heard_at=seldom,
    status_heard_at=seldom,
    place_since=seldom,
    proofs=st.just(())
    | st.builds(
        lambda code, at: (Proven(code, at, "exception.damaged", "told"),),
        st.sampled_from(["circled", "damaged", "delivered_then_exception"]),
        facts_of_old,
    ),
)
UNKNOWN = dict.fromkeys(
    ["announced_at", "picked_up_at", "last_physical_at", "status_at", "delivered_at", "returned_at", "place_since"]
) | {"proofs": ()}
quiet_parcels = st.builds(
    lambda parcel, scan: replace(
        parcel, status="in_transit", sub_status="moving", first_scan_at=scan, last_scan_at=scan, **UNKNOWN
    ),
    parcels,
    facts_of_old,
)
plain_orders = st.builds(
    OrderFacts,
    id=st.just(1),
    number=st.just("A-1001"),
    placed_at=facts_of_old,
    paid_at=maybe,
    shipped_at=maybe,
    delivered_at=seldom,
    cancelled_at=seldom,
    promised_ship_at=maybe,
    promised_delivery_at=maybe,
    value=st.just(Decimal("59.90")),
    currency=st.just("EUR"),
    vip=st.just(False),
    cross_border=st.booleans(),
    risk_at=seldom,
    released_at=seldom,
    lacks=st.sampled_from([(), ("phone",)]),
    parcels=st.lists(parcels | quiet_parcels, max_size=2, unique_by=lambda parcel: parcel.id).map(tuple),
)


def with_outlook(facts: OrderFacts, hours: list[int], muted: bool) -> OrderFacts:
    """An order with a promise, and a lane that speaks of it so many hours before."""
    promise = facts.promised_delivery_at
    if promise is None:
        return facts
    marks = [promise - timedelta(hours=each) for each in sorted(hours, reverse=True)]
    return replace(facts, outlook=Outlook(0.78, 212, "lane", ("", "SP", "BA"), promise, *marks, None, None, muted))


orders = plain_orders | st.builds(
    with_outlook, plain_orders, st.lists(st.integers(0, 150), min_size=3, max_size=3), st.booleans()
)
open_codes = st.dictionaries(
    st.tuples(st.sampled_from(sorted(catalogue())), st.none() | st.integers(1, 3)), st.integers(1, 4), max_size=6
)


@st.composite
def orders_soon_after_something_happened(draw: st.DrawFn) -> tuple[OrderFacts, datetime]:
    """An order and a time at most a week after one of its facts: the time in which most limits run out."""
    facts = draw(orders)
    times = [facts.placed_at, *facts.recorded(), *(moment for parcel in facts.parcels for moment in parcel.recorded())]
    fact = draw(st.sampled_from([moment for moment in times if moment is not None]))
    return facts, fact + timedelta(hours=draw(st.integers(0, 7 * 24)))


def verdict(judgement: Judgement) -> tuple[list[object], ...]:
    """What a judgement decides, without the hours in its sentences, which grow by themselves."""
    opened = [(finding.code, finding.parcel_id, finding.grade, finding.since) for finding in judgement.opened]
    regraded = [(finding.code, finding.parcel_id, finding.grade, finding.since) for finding in judgement.regraded]
    return sorted(opened), sorted(regraded), sorted(judgement.cleared, key=str)


def after(open_now: dict[Key, int], judgement: Judgement) -> dict[Key, int]:
    """The anomalies that are open once the judgement is written down."""
    gone = {(code, parcel_id) for code, parcel_id, *_ in judgement.cleared}
    kept = {key: grade for key, grade in open_now.items() if key not in gone}
    return kept | {(f.code, f.parcel_id): f.grade for f in [*judgement.opened, *judgement.regraded]}


@settings(max_examples=500, deadline=None)
@given(orders_soon_after_something_happened(), open_codes, st.integers(1, 900))
def test_nothing_changes_before_the_next_due_time(order, known, hours):
    facts, now = order
    judgement = judge(facts, DETECTORS, known, now)
    end = judgement.next_due or now + timedelta(days=4000)

    assert end > now
    for later in (min(now + timedelta(hours=hours), end - SECOND), end - SECOND):
        assert verdict(judge(facts, DETECTORS, known, later)) == verdict(judgement)


@given(orders, open_codes, moments)
def test_judging_again_at_once_changes_nothing(facts, known, now):
    judgement = judge(facts, DETECTORS, known, now)
    again = judge(facts, DETECTORS, after(known, judgement), now)

    assert verdict(again) == ([], [], [])
    assert again.next_due == judgement.next_due


@given(orders, moments, moments)
def test_waking_at_each_due_time_finds_what_a_single_look_at_the_end_finds(facts, now, end):
    state: dict[Key, int] = {}
    wake, looks = now, 0
    while wake is not None and wake <= end:
        judgement = judge(facts, DETECTORS, state, wake)
        state, wake, looks = after(state, judgement), judgement.next_due, looks + 1
        assert looks < 100, "the order never comes to rest"
    if now <= end:
        once = judge(facts, DETECTORS, state, end)
        assert verdict(once) == ([], [], [])


@given(orders, open_codes, moments, st.randoms(use_true_random=False))
def test_the_order_of_detectors_and_of_parcels_does_not_matter(facts, known, now, random):
    shuffled, turned = random.sample(DETECTORS, len(DETECTORS)), tuple(reversed(facts.parcels))
    again = judge(replace(facts, parcels=turned), shuffled, known, now)
    judgement = judge(facts, DETECTORS, known, now)

    assert verdict(again) == verdict(judgement)
    assert again.next_due == judgement.next_due


@given(orders, moments, moments)
def test_reducing_facts_twice_is_reducing_them_to_the_earlier_time(facts, one, two):
    early, late = sorted((one, two))

    assert facts.as_of(late).as_of(early) == facts.as_of(early)
    assert facts.as_of(early).as_of(late) == facts.as_of(early)


@given(orders, moments)
def test_reduced_facts_hold_nothing_from_the_future(facts, now):
    known = facts.as_of(now)

    assert known.next_fact_after(now) is None
    assert (known is facts) == (facts.next_fact_after(now) is None)
