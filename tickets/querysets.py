"""Questions about tickets, as adjectives."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models

from orders.presents import Presents
from tickets.lifecycle import LIVE

if TYPE_CHECKING:
    from tickets.models import Ticket  # noqa: F401


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets that are live, late, due soon."""

    def live(self) -> Self:
        """Somebody still has to work on them, each by itself."""
        return self.filter(status__in=LIVE, muted=False)

    def muted(self) -> Self:
        """Live, and looked after by the ticket of an incident."""
        return self.filter(status__in=LIVE, muted=True)

    def late(self, presents: Presents) -> Self:
        """Live, and the next deadline has passed: late is now >= due."""
        return self.live().filter(presents.at_or_before("due_by"))

    def due_within(self, presents: Presents, ahead: timedelta) -> Self:
        """Live, not late yet, and late within `ahead`."""
        return self.live().filter(presents.after("due_by"), presents.at_or_before("due_by", ahead))
