"""Lines of orders and payments towards them, from rows of an order's file or from files of their own."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from orders.importing.problems import Rejection
from orders.importing.records import line_key
from orders.importing.rows import ReadRow
from orders.services.judging import lock
from orders.services.storing.batch import Stored, Work
from orders.services.storing.people import seller_ids
from orders.services.storing.totals import total_orders
from orders.services.upserting import find, write
from ticketdesk.outbox.bulk import Column

LINE, PAYMENT, ORDER = "orders_orderline", "orders_payment", "orders_order"
COLUMNS = {
    "sku": "text",
    "name": "text",
    "qty": "integer",
    "unit_price": "numeric",
    "freight": "numeric",
    "ship_limit_at": "timestamptz",
}
PAYMENT_COLUMNS = {"method": "text", "amount": "numeric", "installments": "smallint", "paid_at": "timestamptz"}
Line = tuple[int, int, dict[str, Any]]
"""Order id, row, values."""


def store_lines(work: Work, lines: Sequence[Line], stored: Stored) -> dict[tuple[int, str | int], int]:
    """Upsert lines of orders that the caller has locked; their ids by (order id, key)."""
    numbers = _numbers(lines)
    told = [values for _, _, values in lines]
    columns = {
        name: Column(type_, [values.get(name) for values in told])
        for name, type_ in COLUMNS.items()
        if any(name in values for values in told)
    }
    if any(values.get("seller") for values in told):
        sellers = seller_ids(work, [values["seller"] for values in told if values.get("seller")])
        columns["seller_id"] = Column("bigint", [sellers.get(values.get("seller") or "") for values in told])
    keys = {
        "order_id": Column("bigint", [order_id for order_id, _, _ in lines]),
        "line_no": Column("smallint", numbers),
    }
    written = write(
        LINE,
        [row[0] if row else None for row in find(LINE, keys)],
        keys,
        columns,
        defaults={"sku": "", "name": "", "qty": 1, "shipped_qty": 0, "unit_price": 0, "freight": 0},
    )
    stored.count("line", written)
    return {(order_id, line_key(v)): id_ for (order_id, _, v), id_ in zip(lines, written.ids, strict=True)}


def _numbers(lines: Sequence[Line]) -> list[int]:
    """Line numbers: the row's own, else that of the order's line with the same article, else the next free one."""
    if all(values.get("line_no") is not None for _, _, values in lines):
        return [values["line_no"] for _, _, values in lines]
    taken: dict[int, dict[str, int]] = {}
    last: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT order_id, line_no, sku FROM {LINE} WHERE order_id = ANY(%s) ORDER BY order_id, line_no DESC",
            [sorted({order_id for order_id, _, _ in lines})],
        )
        for order_id, number, sku in cursor.fetchall():
            taken.setdefault(order_id, {})[sku] = number  # the lowest number of an article stands
            last[order_id] = max(number, last.get(order_id, 0))
    for order_id, _, values in lines:
        last[order_id] = max(last.get(order_id, 0), values.get("line_no") or 0)
    numbers = []
    for order_id, _, values in lines:
        number = values.get("line_no") or taken.get(order_id, {}).get(values["sku"])
        if number is None:
            number = last[order_id] = last[order_id] + 1
            taken.setdefault(order_id, {})[values["sku"]] = number
        numbers.append(number)
    return numbers


def store_line_rows(work: Work, rows: Sequence[ReadRow]) -> Stored:
    """A file of lines; rows of unknown orders are rejected."""
    stored = Stored()
    known = _with_orders(work, rows, "line", stored)
    if work.dry:
        stored.counted["line read"] += len(known)
        return stored
    lines = [(id_, row.number, {**row.part("line"), "sku": row.value("line.sku") or ""}) for row, id_ in known]
    if lines:
        lock({order_id for order_id, _, _ in lines})
        store_lines(work, lines, stored)
        stored.changed |= total_orders(work, {order_id for order_id, _, _ in lines})
    return stored


def store_payment_rows(work: Work, rows: Sequence[ReadRow]) -> Stored:
    """A file of payments; rows of unknown orders are rejected."""
    stored = Stored()
    known = _with_orders(work, rows, "payment", stored)
    if work.dry or not known:
        stored.counted["payment read"] += len(known)
        return stored
    order_ids = [id_ for _, id_ in known]
    lock(order_ids)
    told = [row.part("payment") for row, _ in known]
    keys = {"order_id": Column("bigint", order_ids), "seq": Column("smallint", [values["seq"] for values in told])}
    columns = {
        name: Column(type_, [values.get(name) for values in told])
        for name, type_ in PAYMENT_COLUMNS.items()
        if any(name in values for values in told)
    }
    written = write(
        PAYMENT,
        [row[0] if row else None for row in find(PAYMENT, keys)],
        keys,
        columns,
        defaults={"method": "", "installments": 1},
    )
    stored.count("payment", written)
    stored.changed |= total_orders(work, order_ids)
    return stored


def _with_orders(work: Work, rows: Sequence[ReadRow], entity: str, stored: Stored) -> list[tuple[ReadRow, int]]:
    """Rows whose order is known, with its id; in a dry run 0 stands for orders that would be there by then."""
    channels = [row.value("order.channel") for row in rows]
    numbers = [row.value(f"{entity}.order") for row in rows]
    wanted = sorted(set(zip([channel or "web" for channel in channels], numbers, strict=True)))
    keys = {
        "channel": Column("text", [channel for channel, _ in wanted]),
        "external_no": Column("text", [number for _, number in wanted]),
    }
    found = find(ORDER, keys, constants={"shop_id": work.shop.pk})
    ids = {key: row[0] for key, row in zip(wanted, found, strict=True) if row is not None}
    known = []
    for row, channel, number in zip(rows, channels, numbers, strict=True):
        id_ = ids.get((channel or "web", number))
        if id_ is None and work.dry and work.seen.knows(("order", channel, number)):
            id_ = 0
        if id_ is None:
            stored.rejected.append(_unknown(work, row, entity, number))
        else:
            known.append((row, id_))
    return known


def _unknown(work: Work, row: ReadRow, entity: str, number: str) -> Rejection:
    return work.reader.reject(row.number, "order_unknown", f"{entity}.order", number)
