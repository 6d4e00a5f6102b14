"""Reads for the board and the ticket page; every one starts from what the reader may see."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Q, QuerySet
from django.db.models.expressions import RawSQL

from orders.finding import find_customers, find_orders
from orders.presents import Presents
from ticketdesk.accounts.models import User
from tickets import access
from tickets.models import Template, Ticket
from tickets.querysets import TicketQuerySet

SOON = timedelta(hours=1)
PAGE = 50
# A count that goes on past this tells nobody anything, and costs more than the list itself.
COUNTED = 1000
VIEWS = ("mine", "unassigned", "soon", "late", "waiting", "open", "solved")


def view(name: str, user: User, presents: Presents) -> TicketQuerySet:
    """The tickets of one standard view that this person may see. Raises KeyError for an unknown view."""
    seen = access.visible_to(user)
    if name == "mine":
        return seen.live().filter(assignee=user)
    if name == "unassigned":
        return seen.live().filter(assignee=None)
    if name == "soon":
        return seen.due_within(presents, SOON)
    if name == "late":
        return seen.late(presents)
    if name == "waiting":
        return seen.filter(status=Ticket.Status.WAITING)
    if name == "open":
        return seen.live()
    if name == "solved":
        return seen.filter(solved_at__isnull=False, status__in=[Ticket.Status.SOLVED, Ticket.Status.CLOSED])
    raise KeyError(name)


def counted(tickets: TicketQuerySet, sort: str = "due") -> int:
    """How many tickets there are, counted up to `COUNTED` + 1; `sort` is the view's own."""
    return _thousand(tickets, sort).count()


def _thousand(tickets: TicketQuerySet, sort: str) -> Any:
    # In the order of an index: asked for any thousand, the database walks the table from its oldest, closed tickets on.
    columns = ("-solved_at", "-id") if sort == "solved" else ("due_by", "id")
    return tickets.order_by(*columns).values("pk")[: COUNTED + 1]


def counts(user: User, presents: Presents) -> dict[str, int]:
    """How many tickets each standard view holds, counted up to `COUNTED` + 1; one query."""
    parts, parameters = [], []
    for name in VIEWS:
        thousand = _thousand(view(name, user, presents), "solved" if name == "solved" else "due")
        sql, args = thousand.query.sql_with_params()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) x)")
        parameters += args
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", parameters)
        return dict(zip(VIEWS, cursor.fetchone(), strict=True))


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
    text: str = ""

    def narrow(self, tickets: TicketQuerySet) -> TicketQuerySet:
        """The tickets that fit."""
        exact: dict[str, Any] = {
            "status": self.status, "grade": self.grade, "team": self.team, "assignee": self.assignee,
            "channel": self.channel, "anomaly_code": self.anomaly, "holder": self.holder, "shop": self.shop,
            "tier": self.tier, "anomaly__shipment__carrier__code": self.carrier,
        }  # fmt: skip
        tickets = tickets.filter(**{column: value for column, value in exact.items() if value})
        return tickets.filter(_about(self.text)) if self.text.strip() else tickets


def _about(text: str) -> Q:
    condition = Q(order__in=find_orders(text)) | Q(customer__in=find_customers(text))
    number = text.strip().removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= 18:
        condition |= Q(pk=int(number))
    return condition


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list: its rows, and the cursor of the next page ("" on the last one)."""

    rows: list[Ticket]
    next: str


def page(tickets: TicketQuerySet, *, sort: str = "due", cursor: str = "", limit: int = PAGE) -> Page:
    """One page: by "due" (next deadline first, tickets without a running clock last), "new" or "solved".

    Keyset: a cursor is the last row's sort key, so a page costs the same however deep it lies. Raises ValueError for
    a cursor or sort that this list never gave out.
    """
    rows = _rows(tickets)
    if sort == "due":
        return _page_by_due(rows, cursor, limit)
    if sort == "new":
        return _page_down(rows, "opened_at", cursor, limit)
    if sort == "solved":
        return _page_down(rows, "solved_at", cursor, limit)
    raise ValueError(f"There is no sort order {sort!r}; choose due, new or solved.")


def _rows(tickets: TicketQuerySet) -> TicketQuerySet:
    return tickets.select_related(
        "shop", "order", "customer", "team", "assignee", "anomaly", "anomaly__shipment", "anomaly__shipment__carrier"
    )


def _page_by_due(rows: TicketQuerySet, cursor: str, limit: int) -> Page:
    due_by, last_id = _read(cursor)
    found: list[Ticket] = []
    if not cursor or due_by is not None:
        running = rows.filter(due_by__isnull=False)
        if due_by is not None:
            # A row comparison is an index condition; the same written with OR would be a filter from the start.
            running = running.filter(_beyond("due_by", ">", due_by, last_id))
        found = list(running.order_by("due_by", "id")[: limit + 1])
    if len(found) <= limit:
        resting = rows.filter(due_by__isnull=True)
        if cursor and due_by is None:
            resting = resting.filter(pk__gt=last_id)
        found += resting.order_by("id")[: limit + 1 - len(found)]
    return _cut(found, "due_by", limit)


def _page_down(rows: TicketQuerySet, column: str, cursor: str, limit: int) -> Page:
    rows = rows.filter(**{f"{column}__isnull": False})
    if cursor:
        rows = rows.filter(_beyond(column, "<", *_read(cursor)))
    return _cut(list(rows.order_by(f"-{column}", "-id")[: limit + 1]), column, limit)


def _beyond(column: str, sign: str, moment: datetime | None, last_id: int) -> Any:
    sql = f"(tickets_ticket.{column}, tickets_ticket.id) {sign} (%s, %s)"
    return RawSQL(sql, [moment, last_id], output_field=BooleanField())


def _cut(found: list[Ticket], column: str, limit: int) -> Page:
    rows = found[:limit]
    if len(found) <= limit:
        return Page(rows, "")
    moment = getattr(rows[-1], column)
    return Page(rows, f"{moment.isoformat() if moment else ''}_{rows[-1].pk}")


def _read(cursor: str) -> tuple[datetime | None, int]:
    if not cursor:
        return None, 0
    moment, _, last_id = cursor.rpartition("_")
    try:
        return datetime.fromisoformat(moment) if moment else None, int(last_id)
    except ValueError:
        raise ValueError("This page's address is damaged. Start again from the first page.") from None


def templates_for(ticket: Ticket, language: str) -> QuerySet[Template]:
    """Reply templates in one language, those about the ticket's anomaly first."""
    about = Q(anomaly_code=ticket.anomaly_code) if ticket.anomaly_code else Q(kind=ticket.kind)
    return Template.objects.filter(about | Q(anomaly_code="", kind=""), language=language).order_by(
        F("anomaly_code").desc(), "position"
    )
