"""Laws of clocks: pauses move deadlines exactly, and the order in which causes arrive does not matter."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import clockwork
from sla.calendars import ALWAYS, Calendar
from sla.clockwork import STATES, OutOfOrder
from sla.story import BREACH, RETRACT, Entry, announcement, fold, follow

BERLIN = Calendar.from_data(
    {
        "zone": "Europe/Berlin",
        "weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "sat", "sun"), ["01:30-03:30", "22:00-00:30"]),
    }
)
LORD_HOWE = Calendar.from_data(
    {"zone": "Australia/Lord_Howe", "weekly": dict.fromkeys(("mon", "thu", "sun"), ["00:00-24:00"])}
)
CALENDARS = {"always": ALWAYS, "berlin": BERLIN, "lord_howe": LORD_HOWE}
NEAR_CHANGES = [datetime(2025, 3, 29, tzinfo=UTC), datetime(2025, 10, 25, tzinfo=UTC), datetime(2025, 4, 5, tzinfo=UTC)]
SECONDS = st.integers(0, 3 * 86_400)


def moments(count: int) -> st.SearchStrategy[list[datetime]]:
    """So many moments in order, within days of a change of clocks."""
    later = st.lists(SECONDS, min_size=count, max_size=count).map(sorted)
    return st.builds(
        lambda base, all_s: [base + timedelta(seconds=s) for s in all_s], st.sampled_from(NEAR_CHANGES), later
    )


calendars = st.sampled_from(list(CALENDARS.values()))


@settings(max_examples=300, deadline=None)
@given(moments(3), calendars, st.integers(1, 100_000))
def test_a_pause_moves_the_deadline_by_exactly_the_open_time_paused(times, calendar, target_s):
    begun, paused_at, resumed_at = times
    clock = clockwork.start(begun, target_s, calendar)
    if clock.is_late(paused_at):
        return
    resumed = clockwork.resume(clockwork.pause(clock, paused_at, calendar), resumed_at, calendar)
    paused_s = calendar.elapsed(paused_at, resumed_at)
    assert calendar.elapsed(clock.due_at, resumed.due_at) == paused_s
    assert calendar.elapsed(begun, resumed.due_at) == target_s + paused_s


KINDS = {
    "pause": {},
    "resume": {},
    "stop": {"reason": "solved"},
    "cancel": {"reason": "merged"},
    "reopen": {},
    "retarget": {"target_s": 5_000, "calendar": "berlin", "least_s": 900},
    "rebase": {"due_at": "2025-03-31T00:00:00+00:00"},
}


@st.composite
def stories(draw: st.DrawFn) -> list[Entry]:
    times = draw(moments(draw(st.integers(1, 7))))
    first = Entry(
        "start",
        times[0],
        {"target_s": draw(st.integers(1, 100_000)), "calendar": draw(st.sampled_from(list(CALENDARS)))},
    )
    kinds = st.sampled_from(list(KINDS))
    # Causes of one instant keep the order in which they were recorded, so each gets an instant of its own here.
    rest = [Entry(kind, at, KINDS[kind]) for at in dict.fromkeys(times[1:]) if at != times[0] for kind in [draw(kinds)]]
    return [first, *rest]


@settings(max_examples=300, deadline=None)
@given(stories(), st.randoms(use_true_random=False))
def test_a_story_ends_the_same_in_whatever_order_it_arrives(story, random):
    arrived = story[1:]
    random.shuffle(arrived)
    known, told = story[:1], fold(story[:1], CALENDARS.__getitem__)
    for entry in arrived:
        known.append(entry)
        try:
            told = follow(told, entry, CALENDARS.__getitem__)
        except OutOfOrder:
            told = fold(known, CALENDARS.__getitem__)
    assert told == fold(story, CALENDARS.__getitem__)


@settings(max_examples=300, deadline=None)
@given(stories(), SECONDS)
def test_announcing_breaches_on_the_way_does_not_change_how_a_story_ends(story, late_s):
    announced = fold(story[:1], CALENDARS.__getitem__)
    for entry in story[1:]:
        seen = clockwork.judged(announced.state, entry.at + timedelta(seconds=late_s))
        announced = follow(type(announced)(seen, announced.calendar), entry, CALENDARS.__getitem__)
    assert announced == fold(story, CALENDARS.__getitem__)


@settings(max_examples=300, deadline=None)
@given(stories())
def test_the_parts_of_a_clock_never_contradict_each_other(story):
    state = fold(story, CALENDARS.__getitem__).state
    assert state.state in STATES
    assert (state.running_since is not None) == (state.state == "running")
    assert (state.due_at is not None) or state.state != "running"
    assert (state.stopped_at is not None) == (not state.is_open)
    assert state.breached_at in (None, state.due_at)
    assert state.state != "late" or state.breached_at is not None
    assert state.state != "met" or state.breached_at is None
    assert state.consumed_s >= 0
    assert state.limit_s >= 0


def test_a_message_dated_before_its_ticket_counts_from_the_ticket():
    begun = NEAR_CHANGES[0]
    story = [
        Entry("start", begun, {"target_s": 60, "calendar": "always"}),
        Entry("stop", begun - timedelta(days=9), {"reason": "reply"}),
    ]
    assert fold(story, CALENDARS.__getitem__).state.stopped_at == begun


def test_a_story_without_a_start_is_refused():
    for entries in ([], [Entry("pause", NEAR_CHANGES[0])]):
        with pytest.raises(ValueError, match="story"):
            fold(entries, CALENDARS.__getitem__)
    begun = Entry("start", NEAR_CHANGES[0], {"target_s": 60, "calendar": "always"})
    with pytest.raises(ValueError, match="not a cause"):
        fold([begun, Entry("dance", NEAR_CHANGES[0])], CALENDARS.__getitem__)


def test_a_breach_and_its_retraction_are_both_announced():
    running = clockwork.start(NEAR_CHANGES[0], 60, ALWAYS)
    late = clockwork.judged(running, NEAR_CHANGES[0] + timedelta(seconds=61))
    assert announcement(None, running) is None
    assert announcement(running, late) == BREACH
    assert announcement(late, clockwork.stop(late, NEAR_CHANGES[0], ALWAYS, "reply")) == RETRACT
