"""Ways to look at clocks."""

from sla.models import Clock
from tickets.models import Ticket


def clock_of(ticket: Ticket, metric: str) -> Clock:
    """The latest clock of a metric."""
    return Clock.objects.filter(ticket=ticket, metric=metric).latest("cycle")
