"""Orders that follow a plan: it is laid once, backwards from the promise; what happened and is forecast follows.

A constant number of statements for any number of orders. The baseline and the lengths of the steps stay as they were
laid, whatever plan is published later; only the first promise of an order that had none lays it anew.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from orders.scheduling import TELLING, Course, Workdays, forecast, lay, reached, reached_by_all
from orders.services.templates import newest_templates, template_for
from orders.steps import STOCK
from orders.workdays import workdays_of
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

# What the order's own row tells, and what it promises.
FACTS = {
    "order_received": "placed_at",
    "payment_confirmed": "paid_at",
    "handed_over": "shipped_at",
    "delivered": "delivered_at",
}
PROMISES = {"handed_over": "promised_ship_at", "delivered": "promised_delivery_at"}
_WRITTEN = {
    "order_id": "bigint", "code": "text", "seq": "smallint", "planned_at": "timestamptz",
    "promised_at": "timestamptz", "forecast_at": "timestamptz", "actual_at": "timestamptz",
    "owner_department": "text", "amount": "smallint", "unit": "text", "slack": "smallint", "template_id": "bigint",
}  # fmt: skip
_UPSERT = """(order_id, code, seq) DO UPDATE SET ({names}) = ({news})
    WHERE ROW({olds}) IS DISTINCT FROM ROW({news})"""


class _Row(NamedTuple):
    """An order's own row."""

    id: int
    shop_id: int
    order_type: str
    placed_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None
    promised_ship_at: datetime | None
    promised_delivery_at: datetime | None


class _Stored(NamedTuple):
    """A milestone as it is stored; the fields are columns."""

    code: str
    seq: int
    planned_at: datetime | None
    promised_at: datetime | None
    actual_at: datetime | None
    done_by_id: int | None
    owner_department: str
    amount: int | None
    unit: str | None
    slack: int | None
    template_id: int | None


@dataclass(slots=True)
class _Parcels:
    """What an order's parcels say: the steps that all have reached, and when the last one is expected."""

    reached: list[Mapping[str, datetime]] = field(default_factory=list)
    eta_at: datetime | None = None


def follow_plans(order_ids: Sequence[int]) -> tuple[int, list[int]]:
    """Bring the steps of these orders in line with their plans and with what happened.

    Returns how many rows were written, and the orders that belong to the statement for goods from stock after all:
    those that it has laid before somebody edited the plan for stock.
    """
    names = ", ".join(_Row._fields)
    rows = [_Row(*row) for row in _query(f"SELECT {names} FROM orders_order WHERE id = ANY(%s)", order_ids)]
    stored: dict[int, list[_Stored]] = defaultdict(list)
    columns = ", ".join(_Stored._fields)
    for order_id, *milestone in _query(
        f"SELECT order_id, {columns} FROM orders_milestone WHERE order_id = ANY(%s) ORDER BY seq", order_ids
    ):
        stored[order_id].append(_Stored(*milestone))
    shops = sorted({row.shop_id for row in rows})
    templates, calendars, parcels = newest_templates(shops), workdays_of(shops), _parcels_of(order_ids)
    written: list[tuple[Any, ...]] = []
    plain = []
    for row in rows:
        known = stored[row.id]
        if not _is_laid(known) and known and template_for(templates, row.shop_id, row.order_type).order_type == STOCK:
            plain.append(row.id)
            continue
        laid = _laid(row, known, templates, calendars[row.shop_id])
        written += _followed(row, laid, parcels.get(row.id, _Parcels()), calendars[row.shop_id])
    return _write(written), plain


def _query(statement: str, order_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(order_ids)])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _is_laid(known: Sequence[_Stored]) -> bool:
    return any(step.amount is not None for step in known)


def _laid(row: _Row, known: Sequence[_Stored], templates: Mapping[Any, Any], calendar: Workdays) -> list[_Stored]:
    """The steps as they were laid, or laid now: by the newest plan, keeping what people have said."""
    before = {step.code: step for step in known}
    if _is_laid(known):
        delivered = before.get("delivered")
        first_promise = row.promised_delivery_at and delivered is not None and delivered.promised_at is None
        if not first_promise or row.delivered_at is not None:
            return list(known)
    template = template_for(templates, row.shop_id, row.order_type)
    planned = lay(
        template.steps, calendar, placed_at=row.placed_at, ship_by=row.promised_ship_at,
        deliver_by=row.promised_delivery_at,
    )  # fmt: skip
    return [
        _Stored(
            step.code, step.seq, planned[step.code], kept.promised_at if kept else None,
            kept.actual_at if kept else None, kept.done_by_id if kept else None, step.department,
            step.amount, str(step.unit), step.slack, template.id,
        )
        for step in template.steps
        if step.needed
        for kept in [before.get(step.code)]
    ]  # fmt: skip


def _followed(row: _Row, laid: Sequence[_Stored], parcels: _Parcels, calendar: Workdays) -> list[tuple[Any, ...]]:
    """Rows to write: promises and facts as they are, the forecast as it follows from them."""
    on_the_way = reached_by_all(parcels.reached)
    steps, course = [], []
    for step in laid:
        if step.code in FACTS:
            actual_at = getattr(row, FACTS[step.code])
        elif step.done_by_id is not None:
            actual_at = step.actual_at
        else:
            actual_at = on_the_way.get(step.code)
        promised_at = getattr(row, PROMISES[step.code]) if step.code in PROMISES else step.promised_at
        told_at = parcels.eta_at if step.code == "delivered" else None
        steps.append(step._replace(actual_at=actual_at, promised_at=promised_at))
        course.append(
            Course(step.code, step.amount or 0, step.unit or "", step.planned_at, promised_at, actual_at, told_at)
        )
    expected = forecast(course, calendar, placed_at=row.placed_at)
    return [
        (
            row.id, step.code, step.seq, step.planned_at, step.promised_at, expected.get(step.code), step.actual_at,
            step.owner_department, step.amount, step.unit, step.slack, step.template_id,
        )
        for step in steps
    ]  # fmt: skip


def _parcels_of(order_ids: Sequence[int]) -> dict[int, _Parcels]:
    """What the parcels of these orders say, voided ones apart; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.order_id, p.id, p.eta_at, e.occurred_at, e.status, e.sub_status
               FROM (SELECT DISTINCT i.order_id, s.id, s.month,
                                     CASE WHEN s.delivered_at IS NULL THEN s.eta_at END AS eta_at
                     FROM orders_shipmentitem i JOIN orders_shipment s ON s.id = i.shipment_id
                     WHERE i.order_id = ANY(%s) AND s.status <> 'cancelled') p
               LEFT JOIN orders_trackingevent e
                   ON e.month = p.month AND e.shipment_id = p.id AND e.withdrawn_at IS NULL AND e.status = ANY(%s)
               ORDER BY p.order_id, p.id""",
            [list(order_ids), sorted(TELLING)],
        )
        rows = cursor.fetchall()
    scans: dict[int, dict[int, list[tuple[datetime, str, str]]]] = defaultdict(lambda: defaultdict(list))
    found: dict[int, _Parcels] = defaultdict(_Parcels)
    for order_id, parcel_id, eta_at, at, status, sub_status in rows:
        told = scans[order_id][parcel_id]
        if at is not None:
            told.append((at, status, sub_status))
        if eta_at is not None:
            found[order_id].eta_at = max(eta_at, found[order_id].eta_at or eta_at)
    for order_id, parcels in scans.items():
        found[order_id].reached = [reached(told) for told in parcels.values()]
    return found


def _write(rows: Sequence[tuple[Any, ...]]) -> int:
    columns = {name: Column(type_, [row[n] for row in rows]) for n, (name, type_) in enumerate(_WRITTEN.items())}
    names = [name for name in _WRITTEN if name not in ("order_id", "code", "seq")]
    conflict = _UPSERT.format(
        names=", ".join(names),
        news=", ".join(f"EXCLUDED.{name}" for name in names),
        olds=", ".join(f"orders_milestone.{name}" for name in names),
    )
    return len(bulk.insert("orders_milestone", columns, constants={"evidence": ""}, conflict=conflict))
