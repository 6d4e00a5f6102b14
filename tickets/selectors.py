"""Reads for the board and the ticket page; every one starts from what the reader may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Q, QuerySet
from django.db.models.expressions import RawSQL

from orders.finding import find_customers, find_orders
from orders.listing import BadCursor
from orders.presents import Presents
from ticketdesk.accounts.models import User
from tickets import access, lifecycle
from tickets.models import Template, Ticket
from tickets.querysets import TicketQuerySet

Key = tuple[datetime | Decimal | None, int]
"""By what a list is sorted: a time or an amount, then the ticket's number."""
AMOUNT = re.compile(r"\d{1,12}\.\d\d", re.ASCII)
SOON = timedelta(hours=1)
PAGE = 50
# A count that goes on past this tells nobody anything, and costs more than the list itself.
COUNTED = 1000
VIEWS = ("mine", "unassigned", "soon", "late", "waiting", "open", "muted", "solved")
LIVE_VIEWS = VIEWS[:-1]
COLUMNS = {"due": "due_by", "new": "opened_at", "loss": "expected_loss", "solved": "solved_at"}
SORTS = tuple(COLUMNS)
ORDERS = {
    "due": (F("due_by").asc(nulls_last=True), "id"),
    "new": (F("opened_at").desc(), "-id"),
    "loss": (F("expected_loss").desc(), "-id"),
    "solved": (F("solved_at").desc(), "-id"),
    # What rests has no running deadline, and lies at the end of the index.
    "resting": (F("due_by").desc(nulls_first=True), "-id"),
}
# By what a view is counted: the index in whose order its tickets come first.
COUNTED_BY = {"waiting": "resting", "solved": "solved"}


def view(name: str, user: User, presents: Presents) -> TicketQuerySet:
    """The tickets of one standard view that this person may see. Raises KeyError for an unknown view."""
    return _of_view(name, access.visible_to(user), user, presents)


def _of_view(name: str, seen: TicketQuerySet, user: User, presents: Presents) -> TicketQuerySet:
    if name == "mine":
        return seen.live().filter(assignee=user)
    if name == "unassigned":
        return seen.live().filter(assignee=None)
    if name == "soon":
        return seen.due_within(presents, SOON)
    if name == "late":
        return seen.late(presents)
    if name == "waiting":
        return seen.filter(status=Ticket.Status.WAITING, muted=False)
    if name == "muted":
        return seen.muted()
    if name == "open":
        return seen.live()
    if name == "solved":
        return seen.filter(solved_at__isnull=False, status__in=[Ticket.Status.SOLVED, Ticket.Status.CLOSED])
    raise KeyError(name)


def counted(name: str, tickets: TicketQuerySet) -> int:
    """How many of a view's tickets are among `tickets`, counted up to `COUNTED` + 1."""
    return _thousand(name, tickets).count()


def _thousand(name: str, tickets: TicketQuerySet) -> Any:
    # In the order of an index: asked for any thousand, the database walks the table from its oldest, closed tickets on.
    return tickets.order_by(*ORDERS[COUNTED_BY.get(name, "due")]).values("pk")[: COUNTED + 1]


def counts(user: User, presents: Presents) -> dict[str, int]:
    """How many tickets each view of live work holds, counted up to `COUNTED` + 1; one query."""
    parts, parameters = [], []
    seen = access.visible_to(user)
    for name in LIVE_VIEWS:
        sql, args = _thousand(name, _of_view(name, seen, user, presents)).query.sql_with_params()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) x)")
        parameters += args
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return dict(zip(LIVE_VIEWS, cursor.fetchone(), strict=True))


@dataclass(frozen=True, slots=True)
class Filters:
    """What the board is narrowed to; empty means everything."""

    status: str = ""
    grade: int | None = None
    team: int | None = None
    assignee: int | None = None
    channel: str = ""
    anomaly: str = ""
    holder: str = ""
    carrier: str = ""
    shop: int | None = None
    tier: int | None = None
    parent: int | None = None
    text: str = ""

    def narrow(self, tickets: TicketQuerySet) -> TicketQuerySet:
        """The tickets that fit."""
        exact: dict[str, Any] = {
            "status": self.status, "grade": self.grade, "team": self.team, "assignee": self.assignee,
            "channel": self.channel, "anomaly_code": self.anomaly, "holder": self.holder, "shop": self.shop,
            "tier": self.tier, "carrier__code": self.carrier, "parent": self.parent,
        }  # fmt: skip
        tickets = tickets.filter(**{column: value for column, value in exact.items() if value})
        return tickets.filter(_about(self.text)) if self.text.strip() else tickets


def _about(text: str) -> Q:
    condition = Q(order__in=find_orders(text)) | Q(customer__in=find_customers(text))
    number = text.strip().removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= 18:
        condition |= Q(pk=int(number))
    return condition


def has_live_tickets(shop_id: int) -> bool:
    """Whether somebody has still to work on a ticket of this shop."""
    return Ticket.objects.filter(shop_id=shop_id, status__in=lifecycle.LIVE).exists()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its rows, and the cursor of the next page ("" on the last one)."""

    rows: list[Ticket]
    next: str


def page(tickets: TicketQuerySet, *, sort: str = "due", cursor: str = "", limit: int = PAGE) -> Page:
    """One page: by "due" (next deadline first, tickets without a running clock last), "new", "loss" or "solved".

    Keyset: a cursor is the last row's sort key, so a page costs the same however deep it lies. Raises BadCursor for
    a cursor that this list never gave out, ValueError for such a sort.
    """
    if sort == "due":
        keys = _keys_by_due(tickets, cursor, limit)
    elif sort in SORTS:
        keys = _keys_down(tickets, sort, cursor, limit)
    else:
        raise ValueError(f"There is no sort order {sort!r}; choose {', '.join(SORTS)}.")
    rows = tickets.select_related("order", "customer", "assignee", "carrier")
    found = rows.in_bulk([pk for _, pk in keys[:limit]])
    # A ticket may have left the view since its key was read.
    return Page([found[pk] for _, pk in keys[:limit] if pk in found], _cursor(keys, limit))


def next_for(user: User, presents: Presents, limit: int) -> list[int]:
    """What this person had best work on next: his own and nobody's live tickets that wait for nothing, the dearest
    first, of equally dear ones that which is due first."""
    at_hand = view("open", user, presents).filter(Q(assignee=user) | Q(assignee=None))
    at_hand = at_hand.exclude(status=Ticket.Status.WAITING)
    first = at_hand.order_by(F("expected_loss").desc(), F("due_by").asc(nulls_last=True), "id")
    return list(first.values_list("pk", flat=True)[:limit])


def _keys_by_due(tickets: TicketQuerySet, cursor: str, limit: int) -> list[Key]:
    due_by, last_id = _read(cursor)
    found: list[Key] = []
    if not cursor or due_by is not None:
        running = tickets.filter(due_by__isnull=False)
        if due_by is not None:
            # A row comparison is an index condition; the same written with OR would be a filter from the start.
            running = running.filter(_beyond("due_by", ">", due_by, last_id))
        found = _keys(running, "due", limit)
    if len(found) <= limit:
        resting = tickets.filter(due_by__isnull=True)
        if cursor and due_by is None:
            resting = resting.filter(pk__gt=last_id)
        found += _keys(resting, "due", limit - len(found))
    return found


def _keys_down(tickets: TicketQuerySet, sort: str, cursor: str, limit: int) -> list[Key]:
    column = COLUMNS[sort]
    tickets = tickets.filter(**{f"{column}__isnull": False})
    if cursor:
        tickets = tickets.filter(_beyond(column, "<", *_read(cursor, sort)))
    return _keys(tickets, sort, limit)


def _keys(tickets: TicketQuerySet, sort: str, limit: int) -> list[Key]:
    """The first sort keys and one more: they all lie in an index, so only the rows that are shown are read in full."""
    return list(tickets.order_by(*ORDERS[sort]).values_list(COLUMNS[sort], "pk")[: limit + 1])


def _cursor(keys: Sequence[Key], limit: int) -> str:
    if len(keys) <= limit:
        return ""
    mark, pk = keys[limit - 1]
    return f"{mark.isoformat() if isinstance(mark, datetime) else '' if mark is None else mark}_{pk}"


def _beyond(column: str, sign: str, mark: datetime | Decimal | None, last_id: int) -> Any:
    sql = f"(tickets_ticket.{column}, tickets_ticket.id) {sign} (%s, %s)"
    return RawSQL(sql, [mark, last_id], output_field=BooleanField())


def _read(cursor: str, sort: str = "due") -> Key:
    if not cursor:
        return None, 0
    mark, _, last_id = cursor.rpartition("_")
    try:
        if sort == "loss":
            if not AMOUNT.fullmatch(mark):
                raise ValueError(mark)
            return Decimal(mark), int(last_id)
        return datetime.fromisoformat(mark) if mark else None, int(last_id)
    except ValueError:
        raise BadCursor from None


def templates_for(ticket: Ticket, language: str) -> QuerySet[Template]:
    """Reply templates in one language, those about the ticket's anomaly first."""
    about = Q(anomaly_code=ticket.anomaly_code) if ticket.anomaly_code else Q(kind=ticket.kind)
    return Template.objects.filter(about | Q(anomaly_code="", kind=""), language=language).order_by(
        F("anomaly_code").desc(), "position"
    )
