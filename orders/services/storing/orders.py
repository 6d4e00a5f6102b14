"""Orders with whatever their rows hold: buyer, lines, parcels."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.importing.problems import Rejection
from orders.importing.records import OrderRecord, line_key
from orders.models import Order
from orders.services.judging import lock
from orders.services.storing.batch import Stored, Work
from orders.services.storing.lines import store_lines
from orders.services.storing.parcels import check_parcels, resolve_carriers, store_parcels
from orders.services.storing.people import TEXTS, customer_number, index_columns, resealed, store_customers
from orders.services.storing.totals import total_orders
from orders.services.upserting import find, write
from ticketdesk.accounts.sealed import seal
from ticketdesk.outbox.bulk import Column

ORDER = "orders_order"
SEALED = ("ship_name", "ship_phone", "ship_address")
# Field of a mapping -> column, PostgreSQL type.
COLUMNS: Mapping[str, tuple[str, str]] = {
    "type": ("order_type", "text"),
    "status_word": ("source_status", "text"),
    "placed_at": ("placed_at", "timestamptz"),
    "paid_at": ("paid_at", "timestamptz"),
    "shipped_at": ("shipped_at", "timestamptz"),
    "delivered_at": ("delivered_at", "timestamptz"),
    "cancelled_at": ("cancelled_at", "timestamptz"),
    "promised_ship_at": ("promised_ship_at", "timestamptz"),
    "promised_delivery_at": ("promised_delivery_at", "timestamptz"),
    "currency": ("currency", "text"),
    "total": ("total", "numeric"),
    "dest_country": ("dest_country", "text"),
    "dest_region": ("dest_region", "text"),
    "dest_city": ("dest_city", "text"),
    "dest_postcode": ("dest_postcode", "text"),
}
DEFAULT_CHANNEL = "web"
# What ends an order goes before what moves it on.
STATUSES = {
    "cancelled_at": Order.Status.CANCELLED,
    "delivered_at": Order.Status.DELIVERED,
    "shipped_at": Order.Status.SHIPPED,
    "paid_at": Order.Status.PAID,
}


def order_keys(channels: Sequence[str | None], numbers: Sequence[str]) -> dict[str, Column]:
    """Key columns of orders; a file without a channel means the shop's own site."""
    return {
        "channel": Column("text", [channel or DEFAULT_CHANNEL for channel in channels]),
        "external_no": Column("text", numbers),
    }


def store_orders(work: Work, records: Sequence[OrderRecord]) -> Stored:
    """Upsert orders with their buyers, lines and parcels. Orders whose parcels cannot be taken are rejected whole."""
    stored = Stored()
    carriers = resolve_carriers(work, records)
    records = _sound(records, check_parcels(work, records, carriers), stored, work)
    # One order may stand in several runs of rows: each order is written once, lines of all its runs.
    heads: dict[tuple[str, str], OrderRecord] = {}
    for record in records:
        heads.setdefault((record.order.get("channel") or "", record.order["number"]), record)
    # Everybody writes orders in the same sequence, so that two imports wait for each other and never lock up.
    ordered = [heads[key] for key in sorted(heads)]
    customers = _customers(work, ordered, stored)
    channels = [record.order.get("channel") for record in ordered]
    keys = order_keys(channels, [record.order["number"] for record in ordered])
    personal = [name for name in SEALED if any(name in record.order for record in ordered)]
    found = find(ORDER, keys, constants={"shop_id": work.shop.pk}, fetch=personal)
    if work.dry:
        stored.count_found("order", found)
        stored.counted["line read"] += sum(len(record.lines) for record in records)
        stored.counted["parcel read"] += sum(len(record.parcels) for record in records)
        return stored
    lock([row[0] for row in found if row is not None])
    before = {name: [row[n] if row else None for row in found] for n, name in enumerate(personal, start=1)}
    written = write(
        ORDER,
        [row[0] if row else None for row in found],
        keys,
        _columns(work, ordered, customers, before) | _first_columns(work, ordered, found),
        constants={"shop_id": work.shop.pk},
        defaults=_defaults(work),
        touch=", version = t.version + 1, updated_at = now()",
    )
    stored.count("order", written)
    stored.changed |= set(written.touched)
    ids = dict(zip([(r.order.get("channel") or "", r.order["number"]) for r in ordered], written.ids, strict=True))
    _store_children(work, records, ids, carriers, stored)
    return stored


def _store_children(
    work: Work,
    records: Sequence[OrderRecord],
    ids: Mapping[tuple[str, str], int],
    carriers: dict[str, int],
    stored: Stored,
) -> None:
    order_ids = [ids[record.order.get("channel") or "", record.order["number"]] for record in records]
    lines = [(id_, *line) for record, id_ in zip(records, order_ids, strict=True) for line in record.lines]
    line_ids = store_lines(work, lines, stored) if lines else {}
    priced = any("unit_price" in values for _, _, values in lines)
    if priced and not any("total" in record.order for record in records):
        stored.changed |= total_orders(work, {order_id for order_id, _, _ in lines})
    if any(record.parcels for record in records):
        parcels = store_parcels(work, records, order_ids, carriers, line_ids)
        stored.counted.update(parcels.counted)
        stored.changed |= parcels.changed


def _sound(
    records: Sequence[OrderRecord], problems: Sequence[Rejection], stored: Stored, work: Work
) -> list[OrderRecord]:
    """The records without a problem; the rows of the others are rejected with the row that has it."""
    wrong = {problem.row for problem in problems}
    stored.rejected.extend(problems)
    sound = []
    for record in records:
        rows = {record.row, *(row for row, _ in record.lines), *(row for row, _, _ in record.parcels)}
        if rows.isdisjoint(wrong):
            sound.append(record)
            continue
        first = min(rows & wrong)
        stored.rejected.extend(work.reader.reject(row, "other_row", row=first) for row in sorted(rows - wrong))
    return sound


def _customers(work: Work, records: Sequence[OrderRecord], stored: Stored) -> list[int | None]:
    """Buyer ids in the order of the records. An alias brings the buyer's place along, for the order's destination."""
    told: dict[str, dict[str, Any]] = {}
    rows: dict[str, int] = {}
    numbers: list[str] = []
    for record in records:
        number = customer_number(record.customer, work.shop.country)
        if alias := record.order.get("customer_alias"):
            meant = work.seen.meaning(alias)
            number = meant["number"] if meant else ""
            for name in TEXTS:
                record.order[f"dest_{name}"] = record.order.get(f"dest_{name}") or (meant[name] if meant else None)
        numbers.append(number)
        if number:
            told.setdefault(number, record.customer)
            rows.setdefault(number, record.row)
    people, ids = store_customers(work, told, rows)
    stored.counted.update(people.counted)
    return [ids.get(number) for number in numbers]


def _columns(
    work: Work,
    records: Sequence[OrderRecord],
    customers: Sequence[int | None],
    before: Mapping[str, Sequence[bytes | None]],
) -> dict[str, Column]:
    told = [record.order for record in records]
    columns = {
        column: Column(type_, [each.get(name) for each in told])
        for name, (column, type_) in COLUMNS.items()
        if any(name in each for each in told)
    }
    for name, seals in before.items():
        columns[name] = Column("bytea", resealed(ORDER, name, [each.get(name) for each in told], seals))
    countries = [each.get("dest_country") or work.shop.country for each in told]
    columns |= index_columns(told, countries, {"name": "ship_name", "phone": "ship_phone"})
    if any(customer is not None for customer in customers):
        columns["customer_id"] = Column("bigint", customers)
    if "dest_country" in columns:
        abroad = [each.get("dest_country") and each["dest_country"] != work.shop.country for each in told]
        columns["cross_border"] = Column("boolean", [None if known is None else bool(known) for known in abroad])
    return columns


def _first_columns(
    work: Work, records: Sequence[OrderRecord], found: Sequence[tuple[Any, ...] | None]
) -> dict[str, Column]:
    """Status and total of new orders, right from the start; those of known orders follow from what is stored."""
    fresh = [row is None for row in found]
    statuses = [_status(each.order, work.present) if new else None for each, new in zip(records, fresh, strict=True)]
    columns = {"status": Column("text", statuses)}
    if "lines" in work.mapping.total_from and not any("total" in record.order for record in records):
        totals = [_lines_total(each) if new else None for each, new in zip(records, fresh, strict=True)]
        columns["total"] = Column("numeric", totals)
    return columns


def _status(told: Mapping[str, Any], present: datetime) -> str:
    for name, status in STATUSES.items():
        if told.get(name) is not None and told[name] <= present:
            return str(status)
    return str(Order.Status.PLACED)


def _lines_total(record: OrderRecord) -> Decimal | None:
    parts = [
        (line.get("unit_price") or 0) * (line.get("qty") or 1) + (line.get("freight") or 0) for _, line in record.lines
    ]
    return Decimal(sum(parts)) if parts else None


def _defaults(work: Work) -> dict[str, Any]:
    return {
        "order_type": "stock",
        "source_status": "",
        "currency": work.shop.currency,
        "total": 0,
        "cross_border": False,
        **dict.fromkeys(("dest_country", "dest_region", "dest_city", "dest_postcode"), ""),
        **{name: seal("", ORDER, name) for name in SEALED},
        "version": 1,
    }


__all__ = ["line_key", "order_keys", "store_orders"]
