"""Parcels that travel together: one bad word on the container is one on everything in it, without any statistics."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from orders.detectors.base import gettext_noop
from orders.models import Anomaly, AnomalyChange, Incident
from orders.services import incidents
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

CODE = "batch_event"
WHY = gettext_noop("Parcel {number} travels in {parent}, of which {carrier} says: {status}.")
# A container with this many open orders or more is an incident; a box of one order is that order's own affair.
LEAST_ORDERS = 2

# Containers among these parcels that hold others, with the carrier's last word on them.
_PARENTS = """
    SELECT p.id, p.shop_id, p.number, c.name, p.status, p.sub_status, p.flags, COALESCE(p.status_at, %(now)s)
    FROM orders_shipment p JOIN orders_carrier c ON c.id = p.carrier_id
    WHERE p.id = ANY(%(ids)s) AND EXISTS (SELECT 1 FROM orders_shipment k WHERE k.parent_id = p.id)
    ORDER BY p.id
"""
# What lies in a container and is still under way: the orders in its parcels.
_INSIDE = """
    SELECT DISTINCT i.order_id, k.id, k.number, k.leg FROM orders_shipment k
    JOIN orders_shipmentitem i ON i.shipment_id = k.id JOIN orders_order o ON o.id = i.order_id
    WHERE k.parent_id = %s AND k.delivered_at IS NULL AND k.returned_at IS NULL AND o.cancelled_at IS NULL
    ORDER BY i.order_id, k.id
"""


class _Parent(NamedTuple):
    id: int
    shop_id: int
    number: str
    carrier: str
    status: str
    sub_status: str
    flags: str
    since: datetime


def follow_parents(shipment_ids: Collection[int], *, now: datetime) -> None:
    """After these parcels were folded: what happened to a container happens to all in it. One query where none is one.

    Call it in the transaction of the fold.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PARENTS, {"ids": list(shipment_ids), "now": now})
        parents = [_Parent(*row) for row in cursor.fetchall()]
    for parent in parents:
        if "E" in parent.flags or "A" in parent.flags:
            _befall(parent, now)
        else:
            _relieve(parent, now)


def _befall(parent: _Parent, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_INSIDE, [parent.id])
        inside = cursor.fetchall()
    if len({order_id for order_id, *_ in inside}) < LEAST_ORDERS:
        return
    status = f"{parent.status}.{parent.sub_status}"
    evidence = {
        "parent": parent.number,
        "status": status,
        "status_at": parent.since.isoformat(),
        "parcels": len(inside),
    }
    of: dict[str, Any] = {"shop_id": parent.shop_id, "kind": "batch", "key": str(parent.id), "code": CODE}
    made = incidents.open_incident(
        **of, cause="batch", started_at=parent.since, present=now, evidence=evidence, label=parent.number
    )
    incident = made or Incident.objects.get(**of, closed_at=None)
    rows = bulk.insert(
        "orders_anomaly",
        {
            "order_id": Column("bigint", [row[0] for row in inside]),
            "shipment_id": Column("bigint", [row[1] for row in inside]),
            "leg": Column("text", [row[3] for row in inside]),
            "params": Column("jsonb", [_params(parent, row[2], status) for row in inside]),
        },
        constants={
            "shop_id": parent.shop_id, "code": CODE, "state": Anomaly.State.OPEN.value, "grade": 2,
            "department": incidents.department_of(CODE), "since": parent.since, "opened_at": now, "close_reason": "",
            "why": WHY, "evidence": "{}",
        },
        conflict="(order_id, code, shipment_id, leg) WHERE closed_at IS NULL DO NOTHING",
        returning=("id", "order_id"),
    )  # fmt: skip
    if not rows:
        return
    bulk.insert(
        "orders_affected",
        {
            "anomaly_id": Column("bigint", [row[0] for row in rows]),
            "order_id": Column("bigint", [row[1] for row in rows]),
        },
        constants={"incident_id": incident.pk, "at": now},
        conflict="(anomaly_id) DO NOTHING",
        returning=(),
    )
    _tell([row[0] for row in rows], AnomalyChange.Kind.OPENED, now)
    incidents.grew([incident.pk], now)


def _params(parent: _Parent, number: str, status: str) -> dict[str, str]:
    return {"number": number, "parent": parent.number, "carrier": parent.carrier, "status": status}


def _relieve(parent: _Parent, now: datetime) -> None:
    """The container moves again: so does all in it."""
    incident = Incident.objects.select_for_update().filter(
        shop=parent.shop_id, kind="batch", key=str(parent.id), code=CODE, closed_at=None
    ).first()  # fmt: skip
    if incident is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_anomaly a SET state = 'cleared', closed_at = %s, close_reason = 'moved_on'
               FROM orders_affected m WHERE m.incident_id = %s AND m.anomaly_id = a.id AND a.closed_at IS NULL
               RETURNING a.id""",
            [now, incident.pk],
        )
        cleared = [row[0] for row in cursor.fetchall()]
    _tell(cleared, AnomalyChange.Kind.CLEARED, now)
    incident.windows = [{"hour": now.isoformat(), "x": 0, "expected": 0, "quiet": True}]
    incidents.close_incident(incident, present=now, reason="moved_on")
    incident.save(update_fields=["windows"])


def _tell(anomaly_ids: list[int], kind: AnomalyChange.Kind, now: datetime) -> None:
    columns = {"anomaly_id": Column("bigint", anomaly_ids)}
    bulk.insert("orders_anomalychange", columns, constants={"kind": kind.value, "at": now}, returning=())
