"""Reads over many orders at once."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection

from orders.comparing import mismatches_of
from orders.facts import MilestoneFacts, OrderFacts, ParcelFacts
from orders.waiting import shortages_of


def facts_of(order_ids: Sequence[int]) -> list[OrderFacts]:
    """The facts of these orders, in no particular order; five queries."""
    parcels, milestones = _parcels_of(order_ids), _open_milestones_of(order_ids)
    mismatches, shortages = mismatches_of(order_ids), shortages_of(order_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT o.id, o.external_no, o.placed_at, o.paid_at, o.shipped_at, o.delivered_at, o.cancelled_at,
                      o.promised_ship_at, o.promised_delivery_at, o.total, o.currency,
                      COALESCE(c.tier = 'vip', false), o.cross_border
               FROM orders_order o LEFT JOIN orders_customer c ON c.id = o.customer_id WHERE o.id = ANY(%s)""",
            [list(order_ids)],
        )
        rows: list[Any] = cursor.fetchall()
    return [
        OrderFacts(
            *row,
            parcels.get(row[0], ()),
            milestones.get(row[0], ()),
            mismatches.get(row[0], ()),
            shortages.get(row[0]),
        )
        for row in rows
    ]


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
                      s.origin_country <> '' AND s.dest_country <> '' AND s.origin_country <> s.dest_country, s.place
               FROM orders_shipmentitem i JOIN orders_shipment s ON s.id = i.shipment_id
               JOIN orders_carrier c ON c.id = s.carrier_id
               WHERE i.order_id = ANY(%s) ORDER BY i.order_id, s.id""",
            [list(order_ids)],
        )
        rows = cursor.fetchall()
    found: dict[int, list[ParcelFacts]] = defaultdict(list)
    for order_id, *parcel in rows:
        found[order_id].append(ParcelFacts(*parcel))
    return {order_id: tuple(parcels) for order_id, parcels in found.items()}


def open_anomalies_of(order_ids: Sequence[int]) -> dict[int, dict[tuple[str, int | None], tuple[int, int]]]:
    """Open anomalies per order: {order id: {(code, parcel id): (anomaly id, grade)}}; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT order_id, code, shipment_id, id, grade FROM orders_anomaly
               WHERE order_id = ANY(%s) AND closed_at IS NULL""",
            [list(order_ids)],
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    found: dict[int, dict[tuple[str, int | None], tuple[int, int]]] = defaultdict(dict)
    for order_id, code, shipment_id, anomaly_id, grade in rows:
        found[order_id][code, shipment_id] = (anomaly_id, grade)
    return found
