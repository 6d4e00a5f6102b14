"""Plans are laid backwards, forecasts walk forwards, on a calendar that closes at night and at weekends."""

from datetime import timedelta
from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from orders.scheduling import Course, earlier, forecast, later, lay, passed_over, reached, reached_by_all
from orders.steps import READY, STEPS, Step, Unit
from sla.calendars import ALWAYS, Calendar
from sla.planning import Planner
from tests.clock import NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OFFICE = Planner(
    Calendar.from_data(
        {"zone": "Asia/Shanghai", "weekly": dict.fromkeys(["mon", "tue", "wed", "thu", "fri"], ["09:00-18:00"])}
    )
)
ROUND_THE_CLOCK = Planner(ALWAYS)
moments = st.integers(0, 60 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
units = st.sampled_from(Unit)


@st.composite
def plans(draw: st.DrawFn, unit: st.SearchStrategy = units) -> list[Step]:
    codes = draw(st.lists(st.sampled_from(list(STEPS)[1:-2]), unique=True, max_size=9))
    wanted = {"order_received", "delivered", *codes}
    return [
        Step(code, "logistics", draw(st.integers(0, 12)), draw(unit), draw(st.integers(0, 4)))
        for code in STEPS
        if code in wanted
    ]


def course(steps: list[Step], planned: dict, **actual) -> list[Course]:
    return [
        Course(step.code, step.amount, step.unit, planned[step.code], actual_at=actual.get(step.code)) for step in steps
    ]


@given(plans(), moments)
def test_a_plan_ends_with_the_promise_never_goes_back_and_begins_with_the_order(steps, promise):
    ends = lay(steps, OFFICE, placed_at=NOW, deliver_by=promise)
    assert list(ends) == [step.code for step in steps]
    assert ends["order_received"] == NOW
    assert ends["delivered"] == max(promise, NOW)
    assert all(before <= after for before, after in pairwise(ends.values()))


@given(plans(), moments)
def test_a_step_has_its_length_and_the_slack_before_it_to_itself(steps, promise):
    ends = lay(steps, OFFICE, placed_at=NOW, deliver_by=promise)
    for before, step in pairwise(steps):
        if ends[before.code] > NOW and before.code != "order_received":
            begins = later(ends[before.code], before.slack, before.unit, OFFICE)
            assert later(begins, step.amount, step.unit, OFFICE) <= ends[step.code]


@given(plans(), moments)
def test_an_order_that_keeps_its_plan_is_forecast_as_planned(steps, promise):
    planned = lay(steps, OFFICE, placed_at=NOW, deliver_by=promise + 90 * DAY)
    done = {step.code: planned[step.code] for step in steps[: len(steps) // 2]}
    assert forecast(course(steps, planned, **done), OFFICE, placed_at=NOW) == planned


@given(plans(st.just(Unit.HOURS)), st.integers(0, 200), st.data())
def test_a_slip_moves_the_next_step_by_what_its_slack_does_not_take(steps, slip, data):
    planned = lay(steps, ROUND_THE_CLOCK, placed_at=NOW)
    at = data.draw(st.integers(0, len(steps) - 2))
    done = {step.code: planned[step.code] for step in steps[:at]}
    done[steps[at].code] = planned[steps[at].code] + slip * HOUR
    expected = forecast(course(steps, planned, **done), ROUND_THE_CLOCK, placed_at=NOW)
    for before, step in pairwise(steps[at:]):
        slip = max(0, slip - before.slack)
        assert expected[step.code] - planned[step.code] == slip * HOUR


@given(plans(), moments, st.integers(0, 400), st.integers(0, 400))
def test_a_greater_slip_never_makes_anything_earlier(steps, promise, less, more):
    planned = lay(steps, OFFICE, placed_at=NOW, deliver_by=promise)
    less, more = sorted((less, more))
    first = steps[1].code
    ends = [forecast(course(steps, planned, **{first: NOW + n * HOUR}), OFFICE, placed_at=NOW) for n in (less, more)]
    assert all(ends[0][code] <= ends[1][code] for code in ends[0])


def test_an_infeasible_promise_is_forecast_late_from_the_start():
    steps = READY["made_to_order"]
    promise = NOW + 5 * DAY
    planned = lay(steps, OFFICE, placed_at=NOW, deliver_by=promise)
    needed = [step for step in steps if step.needed]
    assert planned["materials_ready"] == NOW
    assert forecast(course(needed, planned), OFFICE, placed_at=NOW)["delivered"] > promise + 20 * DAY


def test_without_a_promise_the_plan_walks_forwards_from_the_order():
    ends = lay(READY["foreign_trade"], OFFICE, placed_at=NOW)
    assert ends["payment_confirmed"] == later(NOW, 3, Unit.BUSINESS_DAYS, OFFICE)
    assert ends["closed"] > ends["delivered"] > NOW + 30 * DAY


def test_an_agreed_hand_over_holds_even_when_the_plan_would_allow_a_later_one():
    ends = lay(READY["made_to_order"], OFFICE, placed_at=NOW, ship_by=NOW + 30 * DAY, deliver_by=NOW + 60 * DAY)
    assert (ends["handed_over"], ends["delivered"]) == (NOW + 30 * DAY, NOW + 60 * DAY)
    assert lay(READY["made_to_order"], OFFICE, placed_at=NOW, ship_by=NOW + 30 * DAY)["handed_over"] == NOW + 30 * DAY


def test_an_open_step_is_never_expected_in_the_past_and_a_carrier_knows_best():
    steps = [Course("order_received", 0, "hours", NOW, actual_at=NOW), Course("packed", 1, "hours", NOW + HOUR)]
    assert forecast(steps, OFFICE, placed_at=NOW, now=NOW + 9 * HOUR)["packed"] == NOW + 9 * HOUR
    told = [steps[0], Course("delivered", 90, "hours", NOW + 90 * HOUR, told_at=NOW + 40 * HOUR)]
    assert forecast(told, OFFICE, placed_at=NOW)["delivered"] == NOW + 40 * HOUR


def test_a_step_that_later_ones_have_passed_is_nobodys_business_any_more():
    steps = [
        Course("order_received", 0, "hours", NOW, actual_at=NOW), Course("qc_passed", 1, "hours", NOW),
        Course("handed_over", 1, "hours", NOW, actual_at=NOW + DAY), Course("delivered", 5, "hours", NOW + HOUR),
    ]  # fmt: skip
    assert passed_over(steps) == {"qc_passed"}
    assert forecast(steps, OFFICE, placed_at=NOW)["delivered"] == NOW + DAY + 5 * HOUR


SCANS = [
    (NOW, "customs", "released"), (NOW + DAY, "in_transit", "departed_country"), (NOW + 3 * DAY, "customs", "released"),
    (NOW + 4 * DAY, "out_for_delivery", "out"), (NOW + 4 * DAY + HOUR, "delivered", "signed"),
]  # fmt: skip


def test_scans_tell_the_steps_whatever_their_order():
    for told in permutations(SCANS):
        assert reached(told) == {
            "export_cleared": NOW, "departed": NOW + DAY, "arrived": NOW + 3 * DAY, "import_cleared": NOW + 3 * DAY,
            "out_for_delivery": NOW + 4 * DAY,
        }  # fmt: skip


def test_all_parcels_must_have_reached_a_step_and_the_last_one_counts():
    first, second = reached(SCANS), reached(SCANS[:2])
    assert reached_by_all([first, second]) == {"export_cleared": NOW, "departed": NOW + DAY}
    assert reached_by_all([]) == reached_by_all([first, {}]) == {}


@given(moments, st.integers(0, 40), units)
def test_back_and_forth_comes_home_no_later(at, amount, unit):
    assert later(earlier(at, amount, unit, OFFICE), amount, unit, OFFICE) <= at
