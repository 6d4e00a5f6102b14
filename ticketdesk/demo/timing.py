"""When the demo's people act: mostly in time, some late, as on any desk. Pure but for the ticket's own deadlines."""

from datetime import datetime, timedelta
from random import Random

from ticketdesk.demo.moments import hours, minutes
from tickets.models import Ticket

LATE = 0.07
"""So many tickets are answered late and left lying; of the latest ones, `BUSY` times as many."""
BUSY = 3


def first_answer(opened_at: datetime, due_at: datetime, target_s: int, late: bool, rng: Random) -> datetime:
    """When the customer first hears of us. The target's open time ends at `due_at`, so counting back stays in it."""
    if late:
        return due_at + minutes(rng.uniform(4, 90))
    at = due_at - rng.uniform(0.12, 0.85) * minutes(target_s / 60)
    return max(at, opened_at + min(minutes(1.5), (due_at - opened_at) / 2))


def next_at(do: str, ticket: Ticket, now: datetime, late: bool, rng: Random) -> datetime:
    """When the step after the one done `now` is taken."""
    at = now + _pause(do, rng)
    if do == "reply" and ticket.due_by is not None and ticket.due_by > now and ticket.responded_at is not None:
        at = now + min(minutes(rng.uniform(4, 45)), rng.uniform(0.1, 0.7) * (ticket.due_by - now))
    if do in {"solve", "decide", "settle", "wait"} and not late and ticket.resolve_by is not None:
        at = min(at, ticket.resolve_by - minutes(rng.uniform(6, 25)))
    return max(at, now + minutes(rng.uniform(0.5, 2)))


def _pause(do: str, rng: Random) -> timedelta:
    if do == "customer":
        return hours(rng.uniform(0.5, 6))
    if do == "close":
        return hours(rng.uniform(9, 40))
    if do == "reopen":
        return hours(rng.uniform(4, 26))
    if do == "decide":
        return hours(rng.uniform(0.8, 5))
    return minutes(rng.uniform(3, 30))
