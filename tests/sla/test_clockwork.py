"""One clock: the worked cases of the SLA design."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sla import clockwork
from sla.calendars import ALWAYS, Calendar
from sla.clockwork import CANCELLED, LATE, MET, PAUSED, RUNNING, OutOfOrder

H = 3600
OFFICE = Calendar.from_data(
    {"zone": "UTC", "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ["09:00-17:00"])}
)
MONDAY = datetime(2025, 11, 3, 9, tzinfo=UTC)


def at(hours: float) -> datetime:
    """So many hours after Monday 09:00."""
    return MONDAY + timedelta(hours=hours)


def test_a_pause_inside_open_hours_moves_the_deadline_by_its_length():
    clock = clockwork.start(at(0), 6 * H, OFFICE)
    paused = clockwork.pause(clock, at(1), OFFICE)
    assert (paused.state, paused.due_at, paused.consumed_s) == (PAUSED, None, H)
    assert clockwork.resume(paused, at(5), OFFICE).due_at == at(24 + 2)  # four hours later: Tuesday 11:00


def test_a_pause_overnight_moves_nothing():
    clock = clockwork.start(at(0), 10 * H, OFFICE)
    resumed = clockwork.resume(clockwork.pause(clock, at(8), OFFICE), at(24), OFFICE)
    assert resumed.due_at == clock.due_at == at(26)


def test_a_clock_paused_before_its_deadline_is_not_late_when_the_old_deadline_passes():
    paused = clockwork.pause(clockwork.start(at(0), 2 * H, ALWAYS), at(1), ALWAYS)
    assert not paused.is_late(at(100))
    assert clockwork.judged(paused, at(100)) == paused


def test_late_is_from_the_due_second_on():
    clock = clockwork.start(at(0), H, ALWAYS)
    assert not clock.is_late(at(1) - timedelta(seconds=1))
    assert clock.is_late(at(1))
    assert clockwork.stop(clock, at(1), ALWAYS, "reply").state == LATE


def test_an_answer_two_seconds_early_that_is_recorded_after_the_breach_takes_the_breach_back():
    announced = clockwork.judged(clockwork.start(at(0), H, ALWAYS), at(1) + timedelta(seconds=1))
    assert announced.breached_at == at(1)
    stopped = clockwork.stop(announced, at(1) - timedelta(seconds=2), ALWAYS, "reply")
    assert (stopped.state, stopped.breached_at, stopped.first_verdict) == (MET, None, MET)


def test_a_pause_that_began_before_the_announced_breach_takes_it_back_too():
    announced = clockwork.judged(clockwork.start(at(0), H, ALWAYS), at(2))
    paused = clockwork.pause(announced, at(0.5), ALWAYS)
    assert (paused.breached_at, paused.due_at) == (None, None)


def test_a_pause_after_the_deadline_leaves_the_breach_on_record():
    clock = clockwork.start(at(0), H, ALWAYS)
    resumed = clockwork.resume(clockwork.pause(clock, at(2), ALWAYS), at(9), ALWAYS)
    assert (resumed.breached_at, resumed.due_at) == (at(1), at(1))
    assert clockwork.stop(resumed, at(10), ALWAYS, "solved").state == LATE


def test_a_cancelled_clock_is_neither_met_nor_late():
    cancelled = clockwork.cancel(clockwork.start(at(0), H, ALWAYS), at(0.5), ALWAYS, "closed")
    assert (cancelled.state, cancelled.breached_at, cancelled.first_verdict) == (CANCELLED, None, "")
    assert not cancelled.is_late(at(100))


def test_a_ticket_reopened_after_a_day_goes_on_where_it_stopped_and_keeps_its_first_verdict():
    stopped = clockwork.stop(clockwork.start(at(0), 4 * H, ALWAYS), at(3), ALWAYS, "solved")
    again = clockwork.reopen(stopped, at(27), ALWAYS)
    assert (again.state, again.due_at) == (RUNNING, at(28))
    second = clockwork.stop(again, at(40), ALWAYS, "solved")
    assert (second.state, second.first_verdict, second.first_due_at) == (LATE, MET, at(4))


def test_a_ticket_reopened_after_ten_days_leaves_its_old_clock_alone():
    stopped = clockwork.stop(clockwork.start(at(0), 4 * H, ALWAYS), at(3), ALWAYS, "solved")
    assert not clockwork.may_reopen(stopped, at(3 + 240))
    assert clockwork.reopen(stopped, at(3 + 240), ALWAYS) == replace(stopped, changed_at=at(3 + 240))
    assert clockwork.may_reopen(stopped, at(3 + 72))


def test_a_grade_raised_past_its_new_target_leaves_a_quarter_of_an_hour():
    clock = clockwork.start(at(0), 8 * H, ALWAYS)
    raised = clockwork.retarget(clock, at(3), ALWAYS, target_s=2 * H, least_s=clockwork.RAISE_GRACE_S)
    assert (raised.consumed_s, raised.due_at) == (3 * H, at(3.25))
    assert clock.due_at == at(8)  # the preview is the same function: nothing was changed by looking


def test_grace_survives_a_pause():
    raised = clockwork.retarget(clockwork.start(at(0), 8 * H, ALWAYS), at(3), ALWAYS, target_s=2 * H, least_s=900)
    resumed = clockwork.resume(clockwork.pause(raised, at(3.125), ALWAYS), at(10), ALWAYS)
    assert resumed.due_at == at(10.125)


def test_a_raised_grade_with_time_left_keeps_what_is_consumed():
    raised = clockwork.retarget(clockwork.start(at(0), 8 * H, ALWAYS), at(1), ALWAYS, target_s=4 * H, least_s=900)
    assert (raised.due_at, raised.grace_s) == (at(4), 0)


def test_a_flag_that_is_taken_away_never_lengthens_what_was_promised():
    vip = clockwork.start(at(0), 4 * H, ALWAYS)
    ordinary = clockwork.retarget(vip, at(1), ALWAYS, target_s=24 * H, lengthen=False)
    assert (ordinary.due_at, ordinary.target_s) == (at(4), 24 * H)


def test_another_calendar_counts_from_the_change_on():
    clock = clockwork.start(at(7), 4 * H, OFFICE)
    moved = clockwork.retarget(clock, at(8), OFFICE, target_s=4 * H, new_calendar=ALWAYS)
    assert (moved.consumed_s, moved.due_at) == (H, at(11))


def test_a_late_clock_is_not_saved_by_a_longer_target():
    late = clockwork.retarget(clockwork.start(at(0), H, ALWAYS), at(2), ALWAYS, target_s=24 * H)
    assert (late.breached_at, late.due_at, late.target_s) == (at(1), at(1), H)


def test_a_target_swapped_during_a_pause_counts_when_it_ends():
    paused = clockwork.pause(clockwork.start(at(0), 8 * H, ALWAYS), at(1), ALWAYS)
    swapped = clockwork.retarget(paused, at(2), ALWAYS, target_s=2 * H)
    assert swapped.due_at is None
    assert clockwork.resume(swapped, at(5), ALWAYS).due_at == at(6)


def test_a_promise_that_moved_is_judged_by_its_new_date_while_it_was_still_unbroken():
    promise = clockwork.start(at(0), 48 * H, ALWAYS)
    moved = clockwork.rebase(promise, at(10), ALWAYS, due_at=at(72))
    assert (moved.due_at, moved.limit_s) == (at(72), 72 * H)
    assert clockwork.rebase(promise, at(50), ALWAYS, due_at=at(72)).breached_at == at(48)


def test_a_promise_moved_into_the_past_is_late_at_once():
    moved = clockwork.rebase(clockwork.start(at(0), 48 * H, ALWAYS), at(10), ALWAYS, due_at=at(5))
    assert moved.is_late(at(10))
    assert not moved.is_late(at(9))


def test_a_holiday_inside_a_pause_counts_once():
    closed = Calendar.from_data(
        {**OFFICE.to_data(), "exceptions": [{"date": "2025-11-05", "name": "Fair", "hours": []}]}
    )
    clock = clockwork.start(at(0), 10 * H, closed)  # due Tuesday 11:00
    resumed = clockwork.resume(
        clockwork.pause(clock, at(24), closed), at(72), closed
    )  # Tuesday 09:00 to Thursday 09:00
    assert resumed.due_at == at(74)


def test_a_clock_that_stops_out_of_a_pause_is_counted_by_the_due_time_it_would_have_had():
    paused = clockwork.pause(clockwork.start(at(0), 4 * H, ALWAYS), at(1), ALWAYS)
    stopped = clockwork.stop(paused, at(10), ALWAYS, "solved")
    assert (stopped.state, stopped.due_at) == (MET, at(13))


def test_what_does_not_apply_changes_nothing_but_the_time_up_to_which_the_clock_is_told():
    running = clockwork.start(at(0), H, ALWAYS)
    met = clockwork.stop(running, at(0.5), ALWAYS, "reply")
    assert clockwork.resume(running, at(0.1), ALWAYS) == replace(running, changed_at=at(0.1))
    told = replace(met, changed_at=at(1))
    for change in (clockwork.pause, clockwork.resume):
        assert change(met, at(1), ALWAYS) == told
    assert clockwork.stop(met, at(1), ALWAYS, "again") == told
    assert clockwork.retarget(met, at(1), ALWAYS, target_s=5) == told


def test_a_cause_from_before_the_last_one_is_refused():
    paused = clockwork.pause(clockwork.start(at(0), 4 * H, ALWAYS), at(2), ALWAYS)
    with pytest.raises(OutOfOrder):
        clockwork.resume(paused, at(1), ALWAYS)


def test_a_target_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one second"):
        clockwork.start(at(0), 0, ALWAYS)


def test_what_remains_goes_below_zero_when_it_is_over():
    clock = clockwork.start(at(0), H, ALWAYS)
    assert clockwork.remaining_s(clock, at(0.5), ALWAYS) == H // 2
    assert clockwork.remaining_s(clock, at(3), ALWAYS) == -2 * H
