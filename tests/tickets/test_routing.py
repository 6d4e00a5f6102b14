"""Who gets a ticket."""

from hypothesis import given
from hypothesis import strategies as st

from tickets.routing import WEIGHT, Desk, Need, Roster, team_for

desks = st.lists(
    st.builds(Desk, user_id=st.integers(1, 9), load=st.integers(0, 30), capacity=st.integers(1, 30)),
    max_size=6,
    unique_by=lambda desk: desk.user_id,
)


@given(desks, st.integers(1, 4))
def test_nobody_beyond_capacity_is_chosen_and_the_choice_adds_to_the_load(members: list[Desk], grade: int) -> None:
    before = {desk.user_id: (desk.load, desk.capacity) for desk in members}
    chosen = Roster(1, members).choose(Need(grade))
    if chosen is None:
        assert all(load >= capacity for load, capacity in before.values())
    else:
        assert before[chosen][0] < before[chosen][1]
        assert next(d for d in members if d.user_id == chosen).load == before[chosen][0] + WEIGHT[grade]


@given(desks)
def test_the_choice_does_not_depend_on_the_order_of_the_roster(members: list[Desk]) -> None:
    mirrored = [Desk(d.user_id, d.load, d.capacity) for d in reversed(members)]
    assert Roster(1, members).choose(Need(3)) == Roster(1, mirrored).choose(Need(3))


def test_the_least_loaded_in_proportion_to_capacity_is_chosen() -> None:
    assert Roster(1, [Desk(1, 5, 10), Desk(2, 6, 20)]).choose(Need(3)) == 2


def test_whoever_speaks_the_language_comes_before_whoever_has_less_to_do() -> None:
    speaker = Desk(2, 9, 10, languages=frozenset({"en"}))
    assert Roster(1, [Desk(1, 0, 10), speaker]).choose(Need(3, language="en")) == 2


def test_work_spreads_evenly_over_equal_desks() -> None:
    roster = Roster(1, [Desk(number, 0, 100) for number in (1, 2, 3)])
    assert sorted(roster.choose(Need(3)) for _ in range(9)) == [1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_a_department_without_a_team_falls_back_to_the_front_line() -> None:
    teams = [(1, "senior"), (2, "front_line"), (3, "warehouse")]
    assert team_for("warehouse", teams) == 3
    assert team_for("customs", teams) == 2
    assert team_for("customs", []) is None
