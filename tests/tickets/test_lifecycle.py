"""Which button leads where."""

import pytest

from tickets import lifecycle


def test_every_action_leads_from_and_to_known_statuses() -> None:
    for action, moves in lifecycle.TRANSITIONS.items():
        assert set(moves) | set(moves.values()) <= set(lifecycle.ALL), action


@pytest.mark.parametrize("status", lifecycle.LIVE)
def test_every_live_status_can_be_solved_and_solved_can_be_reopened(status: str) -> None:
    assert lifecycle.after("solve", status) == lifecycle.SOLVED
    assert lifecycle.after("reopen", lifecycle.SOLVED) == lifecycle.IN_PROGRESS


def test_nothing_but_notes_and_reopening_is_possible_on_a_closed_ticket() -> None:
    assert lifecycle.possible(lifecycle.CLOSED) == {"note", "reopen"}


def test_a_refused_action_names_the_statuses_in_which_it_is_possible() -> None:
    with pytest.raises(
        lifecycle.WrongStatus, match="'reopen' is not possible while the ticket is new; it is in: solved, closed"
    ):
        lifecycle.after("reopen", lifecycle.NEW)


def test_a_customers_message_brings_a_solved_ticket_back_to_work() -> None:
    assert lifecycle.after("customer_message", lifecycle.SOLVED) == lifecycle.IN_PROGRESS
