"""Reads over many orders at once."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from orders.comparing import mismatches_of
from orders.detectors.duplicate_payment import WITHIN
from orders.facts import MilestoneFacts, OrderFacts, Paid, ParcelFacts, Proven, Twin
from orders.waiting import shortages_of

# A sealed value is as long as its text and 30 bytes and the key's name more (see ticketdesk.accounts.sealed).
_ORDERS = """
SELECT o.id, o.external_no, o.placed_at, o.paid_at, o.shipped_at, o.delivered_at, o.cancelled_at,
       o.promised_ship_at, o.promised_delivery_at, o.total, o.currency, COALESCE(c.tier = 'vip', false), o.cross_border,
       (SELECT string_agg(p.amount || ' ' || COALESCE(EXTRACT(EPOCH FROM p.paid_at - o.paid_at), 0), ';' ORDER BY p.seq)
        FROM orders_payment p WHERE p.order_id = o.id AND o.paid_at IS NOT NULL),
       '=' || t.external_no, o.paid_at - t.paid_at, o.risk_at, o.risk_reason, o.released_at,
       CASE WHEN s.keeps_buyer_data AND o.shipped_at IS NULL THEN concat_ws(' ',
           CASE WHEN o.name_key IS NULL THEN 'name' END, CASE WHEN o.phone_key IS NULL THEN 'phone' END,
           CASE WHEN octet_length(o.ship_address) <= 30 + get_byte(o.ship_address, 1) THEN 'address' END) END
FROM orders_order o JOIN orders_shop s ON s.id = o.shop_id LEFT JOIN orders_customer c ON c.id = o.customer_id
LEFT JOIN LATERAL (
    SELECT x.external_no, x.paid_at FROM orders_order x
    WHERE x.customer_id = o.customer_id AND x.paid_at BETWEEN o.paid_at - %(within)s AND o.paid_at
      AND x.total = o.total AND x.shop_id = o.shop_id AND o.total > 0 AND x.cancelled_at IS NULL
      AND (x.paid_at, x.id) < (o.paid_at, o.id)
    ORDER BY x.paid_at DESC, x.id DESC LIMIT 1) t ON true
WHERE o.id = ANY(%(ids)s)
"""


def facts_of(order_ids: Sequence[int]) -> list[OrderFacts]:
    """The facts of these orders, in no particular order; five queries."""
    parcels, milestones = _parcels_of(order_ids), _open_milestones_of(order_ids)
    mismatches, shortages = mismatches_of(order_ids), shortages_of(order_ids)
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"ids": list(order_ids), "within": WITHIN}
        cursor.execute(_ORDERS, given)
        rows: list[Any] = cursor.fetchall()
    return [
        OrderFacts(  # type: ignore[misc]  # thirteen of them, which a slice does not say
            *row[:13],
            parcels=parcels.get(row[0], ()),
            milestones=milestones.get(row[0], ()),
            mismatches=mismatches.get(row[0], ()),
            shortage=shortages.get(row[0]),
            payments=_payments(row[13], row[3]),
            twin=None if row[14] is None else Twin(row[14][1:], row[3] - row[15]),
            risk_at=row[16],
            risk_reason=row[17],
            released_at=row[18],
            lacks=tuple(row[19].split()) if row[19] else (),
        )
        for row in rows
    ]


def _payments(told: str | None, paid_at: datetime | None) -> tuple[Paid, ...]:
    """Payments from "amount seconds;…"; one without a time of its own was made when the order was paid."""
    if told is None or paid_at is None:
        return ()
    rows = [each.split(" ") for each in told.split(";")]
    return tuple(Paid(Decimal(amount), paid_at + timedelta(seconds=float(after))) for amount, after in rows)


def _open_milestones_of(order_ids: Sequence[int]) -> dict[int, tuple[MilestoneFacts, ...]]:
    """Steps that somebody waits for; the partial index milestone_open holds none of goods from stock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT m.order_id, m.code, COALESCE(m.promised_at, m.planned_at), m.owner_department
               FROM orders_milestone m
               WHERE m.order_id = ANY(%s) AND m.actual_at IS NULL AND m.amount IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM orders_milestone d
                                 WHERE d.order_id = m.order_id AND d.seq > m.seq AND d.actual_at IS NOT NULL)
               ORDER BY m.order_id, m.seq""",
            [list(order_ids)],
        )
        rows = cursor.fetchall()
    found: dict[int, list[MilestoneFacts]] = defaultdict(list)
    for order_id, *milestone in rows:
        found[order_id].append(MilestoneFacts(*milestone))
    return {order_id: tuple(steps) for order_id, steps in found.items()}


def _parcels_of(order_ids: Sequence[int]) -> dict[int, tuple[ParcelFacts, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT i.order_id, s.id, s.number, c.name, s.status, s.sub_status, s.leg, s.announced_at,
                      s.picked_up_at, s.first_scan_at, s.last_scan_at, s.last_physical_at, s.status_at, s.delivered_at,
                      s.returned_at, s.attempts, s.eta_at,
                      s.origin_country <> '' AND s.dest_country <> '' AND s.origin_country <> s.dest_country, s.place,
                      s.heard_at, s.status_heard_at, s.place_since, s.proven::text, s.carrier_id,
                      CASE WHEN s.origin_country <> '' AND s.dest_country <> ''
                           THEN s.origin_country || '-' || s.dest_country ELSE '' END
               FROM orders_shipmentitem i JOIN orders_shipment s ON s.id = i.shipment_id
               JOIN orders_carrier c ON c.id = s.carrier_id
               WHERE i.order_id = ANY(%s) ORDER BY i.order_id, s.id""",
            [list(order_ids)],
        )
        rows = cursor.fetchall()
    found: dict[int, list[ParcelFacts]] = defaultdict(list)
    for order_id, *parcel in rows:
        parcel[-3] = _proofs(parcel[-3])
        found[order_id].append(ParcelFacts(*parcel))
    return {order_id: tuple(parcels) for order_id, parcels in found.items()}


def _proofs(told: str | None) -> tuple[Proven, ...]:
    if told is None:
        return ()
    return tuple(Proven(code, datetime.fromisoformat(at), status, text) for code, at, status, text in json.loads(told))


class Known(NamedTuple):
    """An anomaly on record that a judgement must know of."""

    id: int
    grade: int
    state: str
    leg: str
    closed_at: datetime | None
    scanned_at: str | None
    """The last scan that was known when it was found, as its evidence says it."""


def anomalies_of(
    order_ids: Sequence[int], closed_since: datetime
) -> dict[int, dict[tuple[str, int | None], list[Known]]]:
    """Per order and (code, parcel id) the open anomalies, those resolved by hand, and those closed since then; the open
    one first, then the newest. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT order_id, code, shipment_id, id, grade, state, leg, closed_at, evidence ->> 'last_scan_at'
               FROM orders_anomaly WHERE order_id = ANY(%s)
                 AND (closed_at IS NULL OR state = 'resolved' OR closed_at > %s)
               ORDER BY closed_at DESC NULLS FIRST, id DESC""",
            [list(order_ids), closed_since],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    found: dict[int, dict[tuple[str, int | None], list[Known]]] = defaultdict(lambda: defaultdict(list))
    for order_id, code, shipment_id, *known in rows:
        found[order_id][code, shipment_id].append(Known(*known))
    return found
