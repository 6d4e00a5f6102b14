"""What the pages of incidents show: lists, what is affected, observed against expected, the plan, the children."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from orders import labels
from orders.models import Incident
from orders.services import incidents as of_orders
from orders.wording import title as anomaly_title
from ticketdesk.accounts.models import Role, User
from ticketdesk.api.pagination import after
from tickets import access
from tickets.models import Ticket

PAGE, BARS = 30, 8
KEYSET = ("-opened_at", "-id")

# How many of the incident's orders are in which region, with which carrier, at which hub; and what they are worth.
_AFFECTED = """
    WITH inside AS MATERIALIZED (
        SELECT DISTINCT ON (o.id) o.id, o.dest_region, o.customer_id, o.total, o.currency, c.name AS carrier, p.place,
            p.id AS parcel
        FROM orders_affected m JOIN orders_order o ON o.id = m.order_id
        LEFT JOIN orders_anomaly a ON a.id = m.anomaly_id LEFT JOIN orders_shipment p ON p.id = COALESCE(a.shipment_id,
            (SELECT MIN(i.shipment_id) FROM orders_shipmentitem i WHERE i.order_id = o.id))
        LEFT JOIN orders_carrier c ON c.id = p.carrier_id WHERE m.incident_id = %s ORDER BY o.id)
    SELECT CASE GROUPING(dest_region, carrier, place, currency)
               WHEN 7 THEN 'region' WHEN 11 THEN 'carrier' WHEN 13 THEN 'hub' WHEN 14 THEN 'currency' ELSE 'all' END,
        COALESCE(CASE WHEN GROUPING(dest_region) = 0 THEN dest_region WHEN GROUPING(carrier) = 0 THEN carrier
                      WHEN GROUPING(place) = 0 THEN place ELSE currency END, ''),
        COUNT(*), COUNT(parcel), COUNT(DISTINCT customer_id), SUM(total)
    FROM inside GROUP BY GROUPING SETS ((dest_region), (carrier), (place), (currency), ())
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a bar chart, as the chart tags read it."""

    label: str
    parts: list[tuple[str, float, str]]
    note: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a line chart, as the chart tags read it."""

    name: str
    values: list[float]
    colour: str
    area: bool = False


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom an incident touches."""

    orders: int
    parcels: int
    buyers: int
    worth: list[tuple[str, Decimal]]
    bars: list[tuple[str, list[Bar]]]


@dataclass(frozen=True, slots=True)
class Row:
    """An incident in the list."""

    incident: Incident
    ticket: Ticket | None
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list, newest first, and the cursor of the next one ("" on the last)."""

    rows: list[Row]
    next: str


def visible_to(user: User) -> QuerySet[Incident]:
    """Everybody who sees all orders is to know of every incident; a department's contact of those whose ticket or
    children he sees."""
    if user.role != Role.CONTACT or user.is_superuser:
        return Incident.objects.all()
    tickets = access.visible_to(user)
    mine = tickets.filter(incident__isnull=False).values("incident_id")
    return Incident.objects.filter(Q(pk__in=mine))


def title(incident: Incident) -> str:
    """What and where."""
    where = incident.label or (labels.SEGMENTS["shop"] if incident.kind == "shop" else incident.key)
    return _("{what} · {where}").format(what=anomaly_title(incident.code), where=where)


def page(user: User, *, state: str = "", cursor: str = "", limit: int = PAGE) -> Page:
    """One page of the list; three queries. Raises ValueError for a cursor that was never given out."""
    rows = visible_to(user).select_related("shop").defer("series", "evidence", "message")
    if state in ("open", "closed"):
        rows = rows.filter(closed_at__isnull=state == "open")
    if cursor:
        moment, _sep, pk = cursor.rpartition("_")
        rows = rows.filter(after(KEYSET, [datetime.fromisoformat(moment), int(pk)]))
    found = list(rows.order_by(*KEYSET)[: limit + 1])
    shown = found[:limit]
    tickets = Ticket.objects.filter(incident__in=shown).select_related("team", "assignee")
    of = {ticket.incident_id: ticket for ticket in tickets}
    last = shown[-1] if shown else None
    going_on = f"{last.opened_at.isoformat()}_{last.pk}" if last is not None and len(found) > limit else ""
    return Page([Row(each, of.get(each.pk), title(each)) for each in shown], going_on)


def reach(incident: Incident) -> Reach:
    """Whom it touches, and where; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_AFFECTED, [incident.pk])
        rows = cursor.fetchall()
    total = next((row for row in rows if row[0] == "all"), None)
    orders, parcels, buyers = (total[2], total[3], total[4]) if total else (0, 0, 0)
    worth = [(name, value) for kind, name, *_rest, value in rows if kind == "currency" and value]
    bars = [(label, _bars(rows, kind, orders)) for kind, label in (
        ("region", _("By region")), ("carrier", _("By carrier")), ("hub", _("By place")))]  # fmt: skip
    return Reach(orders, parcels, buyers, sorted(worth), [(label, lines) for label, lines in bars if lines])


def _bars(rows: Sequence[tuple[Any, ...]], kind: str, orders: int) -> list[Bar]:
    found = sorted((-row[2], row[1]) for row in rows if row[0] == kind and row[1])
    return [
        Bar(name, [(_("Orders"), -less, "c-breach")], f"{-less} · {round(-100 * less / max(orders, 1))} %")
        for less, name in found[:BARS]
    ]


def chart(incident: Incident) -> tuple[list[str], list[Series], list[tuple[str, int, float]]]:
    """Labels and lines of what was found against what was to be expected, and the same as a table."""
    rows = [(datetime.fromisoformat(hour), x, mean) for hour, x, mean in incident.series]
    names = [timezone.localtime(hour).strftime("%m-%d %H:00") for hour, _x, _mean in rows]
    found = Series(_("Found"), [x for _hour, x, _mean in rows], "c-breach", area=True)
    usual = Series(_("Expected"), [mean for _hour, _x, mean in rows], "c-info")
    table = [(name, x, mean) for name, (_hour, x, mean) in zip(names, rows, strict=True)]
    return [name[6:] for name in names], [found, usual] if rows else [], table


def why(incident: Incident) -> str:
    """In one sentence why it was called, with the numbers."""
    given = incident.evidence
    what, where = anomaly_title(incident.code), incident.label
    if incident.cause == "silence":
        return _("{where} has sent nothing since {time}; it is never silent for so long.").format(
            where=where, time=_time(given.get("silent_since"))
        )
    if incident.cause == "batch":
        return _("{where} carries {n} orders that are under way; its carrier says: {status}.").format(
            where=where, n=incident.affected, status=labels.status_label(*str(given.get("status", ".")).split(".", 1))
        )
    sentence = _(
        "“{what}” {x} times on {orders} orders within the hour from {time}, where {expected} are usual; chance alone "
        "does that once in {once} hours."
    )
    if incident.cause == "shift":
        sentence = _(
            "“{what}” {x} times on {orders} orders in the hour from {time}, where {expected} are usual, and too many "
            "for hours: {drift} standard deviations, the limit is 5."
        )
    tail = float(given.get("tail") or 0)
    return sentence.format(
        what=what, x=given.get("x"), orders=given.get("orders"), expected=given.get("expected"),
        time=_time(given.get("hour")), drift=given.get("drift"),
        once=f"{min(1 / tail, 1e9):,.0f}" if tail > 0 else "1,000,000,000",
    )  # fmt: skip


def proof(incident: Incident) -> str:
    """Why it was closed, or how many quiet hours it still takes."""
    if incident.closed_at is None:
        left = of_orders.windows_left(incident)
        return _("It closes by itself after {n} more quiet hours.").format(n=left)
    reasons = {
        "quiet": _("Three quiet hours: {hours}."),
        "talks_again": _("News come in again."),
        "moved_on": _("It moves again."),
        "by_hand": _("Ended by a person."),
    }
    hours = ", ".join(f"{_time(row['hour'])} {row['x']}/{row['expected']}" for row in incident.windows[-3:])
    return reasons.get(incident.close_reason, incident.close_reason).format(hours=hours)


def _time(text: str | None) -> str:
    return timezone.localtime(datetime.fromisoformat(text)).strftime("%m-%d %H:%M") if text else "–"
