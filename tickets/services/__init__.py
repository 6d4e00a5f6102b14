"""What can be done to a ticket: one function per button; page and API call the same ones.

Each locks the ticket, checks who may and whether the life cycle allows it, changes row and record together, and tells
the listeners, in one transaction. `by` is who presses, `now` the present of the ticket's shop, `version` the one the
caller has seen: a ticket changed since then is refused.
"""

from tickets.services.acting import Refused, Stale
from tickets.services.buttons import (
    accept,
    assign,
    close,
    customer_message,
    note,
    regrade,
    reopen,
    reply,
    resume,
    solve,
    wait,
)
from tickets.services.handing import answer, call_back, hand_over
from tickets.services.opening import NewTicket, open_ticket
from tickets.services.standing import (
    Deadlines,
    Escalation,
    escalate,
    set_deadlines,
    wake_waiting,
)
from tickets.services.together import close_all, reply_to_all, tell_buyers, tick

__all__ = [
    "Deadlines",
    "Escalation",
    "NewTicket",
    "Refused",
    "Stale",
    "accept",
    "answer",
    "assign",
    "call_back",
    "close",
    "close_all",
    "customer_message",
    "escalate",
    "hand_over",
    "note",
    "open_ticket",
    "regrade",
    "reopen",
    "reply",
    "reply_to_all",
    "resume",
    "set_deadlines",
    "solve",
    "tell_buyers",
    "tick",
    "wait",
    "wake_waiting",
]
