"""The life of a ticket as one table: which button may be pressed in which status, and where it leads. Pure."""

from collections.abc import Mapping

NEW, ACCEPTED, IN_PROGRESS, WAITING, SOLVED, CLOSED = "new", "accepted", "in_progress", "waiting", "solved", "closed"

LIVE = (NEW, ACCEPTED, IN_PROGRESS, WAITING)
ALL = (*LIVE, SOLVED, CLOSED)

# action -> {status before: status after}. What is not listed is refused.
TRANSITIONS: Mapping[str, Mapping[str, str]] = {
    "accept": {NEW: ACCEPTED},
    "reply": {NEW: IN_PROGRESS, ACCEPTED: IN_PROGRESS, IN_PROGRESS: IN_PROGRESS, WAITING: WAITING, SOLVED: SOLVED},
    "note": {status: status for status in ALL},
    "wait": {NEW: WAITING, ACCEPTED: WAITING, IN_PROGRESS: WAITING, WAITING: WAITING},
    "resume": {WAITING: IN_PROGRESS},
    "assign": {status: status for status in LIVE},
    "regrade": {status: status for status in LIVE},
    "hand_over": {NEW: IN_PROGRESS, ACCEPTED: IN_PROGRESS, IN_PROGRESS: IN_PROGRESS, WAITING: IN_PROGRESS},
    "answer": {status: status for status in (*LIVE, SOLVED)},
    "escalate": {status: status for status in LIVE},
    "solve": {NEW: SOLVED, ACCEPTED: SOLVED, IN_PROGRESS: SOLVED, WAITING: SOLVED},
    "close": dict.fromkeys((*LIVE, SOLVED), CLOSED),
    "call_back": {status: status for status in LIVE},
    "reopen": {SOLVED: IN_PROGRESS, CLOSED: IN_PROGRESS},
    # The customer writes: a ticket that waits for him or was solved comes back to work.
    "customer_message": {
        NEW: NEW,
        ACCEPTED: ACCEPTED,
        IN_PROGRESS: IN_PROGRESS,
        WAITING: IN_PROGRESS,
        SOLVED: IN_PROGRESS,
    },
}


class WrongStatus(ValueError):
    """The action is not possible in this status."""

    def __init__(self, action: str, status: str) -> None:
        possible = ", ".join(TRANSITIONS[action]) if action in TRANSITIONS else "no status"
        super().__init__(f"'{action}' is not possible while the ticket is {status}; it is in: {possible}.")
        self.action = action
        self.status = status


def after(action: str, status: str) -> str:
    """The status that `action` leads to from `status`. Raises WrongStatus when it is not possible there."""
    try:
        return TRANSITIONS[action][status]
    except KeyError:
        raise WrongStatus(action, status) from None


def possible(status: str) -> frozenset[str]:
    """The actions possible in `status`."""
    return frozenset(action for action, moves in TRANSITIONS.items() if status in moves)
