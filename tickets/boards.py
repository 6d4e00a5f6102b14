"""How the standard views of the board are shown; what is in them is for selectors.view to say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.db.models import F, Max, Q
from django.utils.translation import gettext_lazy as _

from orders.models import Incident
from orders.presents import Presents
from ticketdesk.accounts.models import User
from ticketdesk.briefly import briefly
from tickets import selectors
from tickets.models import Ticket, TicketEvent
from tickets.querysets import TicketQuerySet
from tickets.selectors import COUNTED

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Lazy


@dataclass(frozen=True, slots=True)
class Board:
    """One view: its name in selectors, words, icon, how loud its count is, the key after G.

    `short` is its word in the tabs of a phone; without one it has no place there.
    """

    code: str
    label: "Lazy"
    icon: str
    short: "Lazy | str" = ""
    tone: str = ""
    key: str = ""
    sort: str = "due"
    counted: bool = True
    by_loss: bool = True
    count: str = ""

    def with_count(self, number: int) -> "Board":
        """The same with its number; what goes past the limit is shown as such."""
        return replace(self, count=shown(number)) if self.counted else self


def shown(number: int) -> str:
    """A count as the rail shows it: nothing for none, 1000+ past the limit."""
    return f"{COUNTED}+" if number > COUNTED else str(number or "")


BOARDS = (
    Board("mine", _("My open"), "user-round", _("Mine"), key="m"),
    Board("unassigned", _("Unassigned"), "inbox", key="u"),
    Board("soon", _("Due within 1 hour"), "timer", tone="warm", key="s"),
    Board("late", _("SLA breached"), "flame", _("Breached"), tone="hot", key="b"),
    Board("waiting", _("Waiting"), "hourglass"),
    Board("open", _("All open"), "layers", _("All"), key="a"),
    Board("muted", _("In incidents"), "circle-pause"),
    Board("solved", _("Solved"), "circle-check", sort="solved", counted=False, by_loss=False),
)
BY_CODE = {board.code: board for board in BOARDS}
DEFAULT = BY_CODE["open"]
SORTS = (("due", _("By deadline")), ("loss", _("By expected loss")), ("new", _("Newest")))
COUNTS_KEPT_S = 5
# Among so many the next one is looked for; it is kept for whoever was given it so long.
AT_HAND, KEPT_FOR_S = 50, 300


def counts(user: User, presents: Presents, newest: int | None = None) -> Mapping[str, int]:
    """How many tickets each view of live work holds, at most five seconds ago and never before the newest event."""
    newest = newest_event() if newest is None else newest
    return briefly(COUNTS_KEPT_S, ("counts", user.pk, newest), lambda: selectors.counts(user, presents))


def next_for(user: User, presents: Presents, but: str = "") -> int | None:
    """The ticket this person had best work on next, other than number `but`; None when there is none.

    Of two people who ask at once each is given another one: it is kept for whoever was given it for a while.
    """
    found = [pk for pk in selectors.next_for(user, presents, AT_HAND + 1) if str(pk) != but]
    given = cache.get_many([f"given/{pk}" for pk in found])
    for pk in found:
        holder = given.get(f"given/{pk}")
        if holder == user.pk or (holder is None and cache.add(f"given/{pk}", user.pk, KEPT_FOR_S)):
            return pk
    return None


def open_incidents() -> int:
    """How many incidents are open, at most five seconds ago."""
    count = briefly(COUNTS_KEPT_S, ("incidents",), lambda: Incident.objects.filter(closed_at=None).count())
    return int(count)


def newest_event() -> int:
    """The number of what happened last to any ticket; 0 before anything has."""
    return TicketEvent.objects.aggregate(last=Max("pk"))["last"] or 0


def with_counts(numbers: Mapping[str, int]) -> list[Board]:
    """All views with their numbers."""
    return [board.with_count(numbers.get(board.code, 0)) for board in BOARDS]


def neighbours(rows: TicketQuerySet, ticket: Ticket) -> dict[str, int | None]:
    """The tickets before and after this one in a view that is sorted by deadline; two queries."""
    running, resting = Q(due_by__isnull=False), Q(due_by__isnull=True)
    if ticket.due_by is None:
        before = running | resting & Q(pk__lt=ticket.pk)
        after = resting & Q(pk__gt=ticket.pk)
    else:
        same = Q(due_by=ticket.due_by)
        before = Q(due_by__lt=ticket.due_by) | same & Q(pk__lt=ticket.pk)
        after = Q(due_by__gt=ticket.due_by) | same & Q(pk__gt=ticket.pk) | resting
    down, up = (F("due_by").desc(nulls_first=True), "-pk"), (F("due_by").asc(nulls_last=True), "pk")
    return {
        "previous": rows.filter(before).order_by(*down).values_list("pk", flat=True).first(),
        "next": rows.filter(after).order_by(*up).values_list("pk", flat=True).first(),
    }
