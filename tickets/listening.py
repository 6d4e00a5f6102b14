"""The single place where a ticket tells downstream what happened to it."""

from collections.abc import Callable, Sequence
from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from tickets.models import Ticket, TicketEvent

Pair = tuple[Ticket, Sequence[TicketEvent]]
Listener = Callable[[Sequence[Pair]], None]


@cache
def _listeners() -> tuple[Listener, ...]:
    return tuple(import_string(name) for name in settings.TICKET_LISTENERS)


def tell(pairs: Sequence[Pair]) -> None:
    """Call every listener with (ticket, its new events), inside the transaction that wrote them."""
    if pairs:
        for listener in _listeners():
            listener(pairs)
