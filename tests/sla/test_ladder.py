"""Escalation ladders: which step acts when, once."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import clockwork
from sla.calendars import ALWAYS, Calendar
from sla.ladder import LadderInvalid, Step, first_fire, ladder_from_data, plan

H = 3600
OFFICE = Calendar.from_data(
    {"zone": "UTC", "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ["09:00-17:00"])}
)
MONDAY = datetime(2025, 11, 3, 9, tzinfo=UTC)
WARN = Step("warn", percent=75, tier=1)
BREACH = Step("breach", percent=100, tier=2)
HEAD = Step("head", offset_s=4 * H, tier=3)
LADDER = (WARN, BREACH, HEAD)


def at(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


def keys(owed) -> list[str]:
    return [each.step.key for each in owed]


def test_nothing_is_owed_before_the_first_step_and_the_plan_says_when_it_comes():
    told = plan(clockwork.start(at(0), 4 * H, ALWAYS), LADDER, (), ALWAYS, at(2.9))
    assert told == ((), (), at(3))


def test_a_step_that_fired_is_not_owed_again():
    told = plan(clockwork.start(at(0), 4 * H, ALWAYS), LADDER, {("warn", 0)}, ALWAYS, at(3))
    assert told == ((), (), at(4))


def test_after_an_outage_only_the_highest_tier_acts_and_the_rest_is_skipped():
    told = plan(clockwork.start(at(0), 4 * H, ALWAYS), LADDER, (), ALWAYS, at(100))
    assert (keys(told.acting), keys(told.skipped), told.next_fire_at) == (["head"], ["warn", "breach"], None)


def test_offsets_in_open_time_wait_for_the_office_and_elapsed_ones_do_not():
    nights = Step("nights", offset_s=4 * H, elapsed=True)
    clock = clockwork.start(at(0), 6 * H, OFFICE)  # due 15:00; two open hours are left that day
    assert plan(clock, [HEAD], (), OFFICE, at(6)).next_fire_at == at(24 + 2)
    assert plan(clock, [nights], (), OFFICE, at(6)).next_fire_at == at(10)


def test_a_step_before_the_deadline_stands_at_its_offset():
    early = Step("early", offset_s=-H)
    assert plan(clockwork.start(at(0), 4 * H, ALWAYS), [early], (), ALWAYS, at(0)).next_fire_at == at(3)


def test_a_paused_or_finished_clock_owes_nothing():
    clock = clockwork.start(at(0), H, ALWAYS)
    for state in (clockwork.pause(clock, at(0.5), ALWAYS), clockwork.stop(clock, at(5), ALWAYS, "solved")):
        assert plan(state, LADDER, (), ALWAYS, at(99)) == ((), (), None)


def test_a_pause_puts_off_the_steps_by_its_length():
    clock = clockwork.start(at(0), 4 * H, ALWAYS)
    resumed = clockwork.resume(clockwork.pause(clock, at(1), ALWAYS), at(11), ALWAYS)
    assert plan(resumed, LADDER, (), ALWAYS, at(11)).next_fire_at == at(13)


def test_steps_after_a_breach_go_on_counting_after_a_pause():
    late = clockwork.pause(clockwork.start(at(0), 4 * H, ALWAYS), at(6), ALWAYS)
    resumed = clockwork.resume(late, at(20), ALWAYS)
    assert plan(resumed, [HEAD], (), ALWAYS, at(20)).next_fire_at == at(22)


def test_repetitions_come_one_by_one_and_end():
    nag = Step("nag", percent=100, repeat_every_s=H, repeat_max=2)
    clock = clockwork.start(at(0), H, ALWAYS)
    fired: set[tuple[str, int]] = set()
    for hour in (1, 2, 3):
        told = plan(clock, [nag], fired, ALWAYS, at(hour))
        assert [(each.repeat_no, each.moment) for each in told.acting] == [(hour - 1, at(hour))]
        fired.add(("nag", hour - 1))
    assert plan(clock, [nag], fired, ALWAYS, at(99)) == ((), (), None)


def test_of_missed_repetitions_only_the_last_acts():
    nag = Step("nag", percent=100, repeat_every_s=H, repeat_max=5)
    told = plan(clockwork.start(at(0), H, ALWAYS), [nag], (), ALWAYS, at(3.5))
    assert [each.repeat_no for each in told.acting] == [2]
    assert [each.repeat_no for each in told.skipped] == [0, 1]
    assert told.next_fire_at == at(4)


def test_an_emergency_call_neither_is_silenced_nor_silences():
    call = Step("emergency", percent=0, tier=3, alone=True)
    told = plan(clockwork.start(at(0), 4 * H, ALWAYS), [call, WARN, BREACH], (), ALWAYS, at(5))
    assert (keys(told.acting), keys(told.skipped)) == (["emergency", "breach"], ["warn"])


def test_a_step_at_zero_percent_is_owed_at_once():
    call = Step("emergency", percent=0)
    by_night = clockwork.start(at(-5), 4 * H, OFFICE)
    assert keys(plan(by_night, [call], (), OFFICE, at(-5)).acting) == ["emergency"]


def test_a_percentage_that_falls_between_two_seconds_is_the_later_one():
    told = plan(clockwork.start(at(0), 61, ALWAYS), [WARN], (), ALWAYS, at(0))
    assert told.next_fire_at == at(0) + timedelta(seconds=46)


def test_a_raised_grade_owes_the_warning_that_its_shorter_target_has_passed():
    raised = clockwork.retarget(clockwork.start(at(0), 8 * H, ALWAYS), at(3), ALWAYS, target_s=2 * H, least_s=900)
    told = plan(raised, LADDER, (), ALWAYS, at(3))
    assert (keys(told.acting), told.next_fire_at) == (["warn"], at(3.25))


def test_steps_may_be_meant_for_some_metrics_and_grades():
    call = Step("emergency", percent=0, metrics=("solution",), grades=(1,))
    assert call.concerns("solution", 1)
    assert not call.concerns("solution", 2)
    assert not call.concerns("first_response", 1)
    assert WARN.concerns("handover", 4)


steps = st.builds(
    Step,
    key=st.uuids().map(str),
    percent=st.none(),
    offset_s=st.integers(-20_000, 40_000),
    elapsed=st.booleans(),
    tier=st.integers(0, 3),
    alone=st.booleans(),
    repeat_every_s=st.integers(60, 9_000),
    repeat_max=st.integers(0, 3),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(steps, max_size=5), st.integers(1, 40_000), st.lists(st.integers(0, 200_000), max_size=6))
def test_each_repetition_is_told_exactly_once_however_often_one_looks(ladder, target_s, looks):
    clock, fired = clockwork.start(at(1), target_s, OFFICE), []
    for look in [*sorted(looks), 10_000_000]:
        told = plan(clock, ladder, set(fired), OFFICE, at(1) + timedelta(seconds=look))
        assert not told.acting or {each.step.tier for each in told.skipped} <= set(range(4))
        assert all(each.moment <= at(1) + timedelta(seconds=look) for each in (*told.acting, *told.skipped))
        fired += [(each.step.key, each.repeat_no) for each in (*told.acting, *told.skipped)]
    assert sorted(fired) == sorted((step.key, n) for step in ladder for n in range(step.repeat_max + 1))


@settings(max_examples=120, deadline=None)
@given(st.lists(steps, max_size=5), st.integers(1, 40_000))
def test_the_first_fire_of_a_new_clock_is_the_first_moment_of_its_plan(ladder, target_s):
    clock = clockwork.start(at(1), target_s, OFFICE)
    told = plan(clock, ladder, (), OFFICE, at(100_000))
    earliest = min((each.moment for each in (*told.acting, *told.skipped)), default=None)
    assert first_fire(clock, ladder, OFFICE) == earliest


def test_a_ladder_is_read_from_data():
    data = [
        {
            "key": "warn",
            "percent": 75,
            "grades": [1, 2],
            "actions": [{"do": "notify", "to": "assignee", "kind": "late"}],
        }
    ]
    assert ladder_from_data(data) == (
        Step("warn", percent=75, grades=(1, 2), actions=({"do": "notify", "to": "assignee", "kind": "late"},)),
    )


@pytest.mark.parametrize(
    "step",
    [
        {"key": "neither"},
        {"key": "both", "percent": 5, "offset_s": 5},
        {"key": "percent", "percent": -1},
        {"key": "far", "offset_s": 10**9},
        {"key": "tier", "percent": 5, "tier": 4},
        {"key": "often", "percent": 5, "repeat_max": 3, "repeat_every_s": 1},
        {"key": "forever", "percent": 5, "repeat_max": 10**6, "repeat_every_s": 60},
        {"key": "unknown", "percent": 5, "colour": "red"},
        {"percent": 5},
        {"key": "dance", "percent": 5, "actions": [{"do": "dance"}]},
        {"key": "tier", "percent": 5, "actions": [{"do": "escalate", "tier": 4}]},
        {"key": "whom", "percent": 5, "actions": [{"do": "notify", "to": "everybody", "kind": "late"}]},
    ],
)
def test_a_step_that_makes_no_sense_is_refused(step):
    with pytest.raises(LadderInvalid):
        ladder_from_data([step])


def test_two_steps_with_one_key_are_refused():
    with pytest.raises(LadderInvalid):
        ladder_from_data([{"key": "a", "percent": 5}, {"key": "a", "percent": 6}])
