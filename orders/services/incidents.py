"""Incidents: opened for a segment and a code, joined by whatever is found there, closed when it is quiet again."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from orders import detectors, surges
from orders.models import Affected, Carrier, Incident, IncidentChange, Order, Warehouse
from orders.services.segments import SEGMENTED, UNCOUNTED
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

NAMED: dict[str, type[Carrier] | type[Warehouse]] = {"carrier": Carrier, "warehouse": Warehouse}
# Who heads what no detector of its own finds.
DEPARTMENTS = {"feed_silent": "technical", "batch_event": "logistics"}

# What was found in the segments of open incidents since these began, and belongs to none yet; to the older one of two.
_JOIN = """
    INSERT INTO orders_affected (incident_id, anomaly_id, order_id, at)
    SELECT DISTINCT ON (g.id) i.id, g.id, g.order_id, g.opened_at FROM ({found}) g
    JOIN orders_incident i ON i.shop_id = g.shop_id AND i.code = g.code AND i.kind = g.kind AND i.key = left(g.key, 200)
        AND i.closed_at IS NULL AND g.opened_at >= i.started_at
    ORDER BY g.id, i.id
    ON CONFLICT (anomaly_id) DO NOTHING RETURNING anomaly_id, incident_id
"""
_OF_SHOP = SEGMENTED.format(
    which="""a.shop_id = %(shop)s AND a.closed_at IS NULL AND a.opened_at >= %(since)s
        AND NOT EXISTS (SELECT 1 FROM orders_affected m WHERE m.anomaly_id = a.id)"""
)
_OF_IDS = SEGMENTED.format(which="a.id = ANY(%(ids)s)")


def open_incident(
    *, shop_id: int, kind: str, key: str, code: str, cause: str, started_at: datetime, present: datetime,
    evidence: dict[str, Any], label: str = "",
) -> Incident | None:  # fmt: skip
    """Open it; None when the segment has one of that code already."""
    rows = bulk.insert(
        "orders_incident",
        {"key": Column("text", [key[:200]])},
        constants={
            "shop_id": shop_id, "kind": kind, "code": code, "cause": cause, "state": "open", "opened_at": present,
            "started_at": started_at, "department": department_of(code), "evidence": json.dumps(evidence),
            "label": (label or label_of(kind, key))[:200], "close_reason": "", "series": "[]", "windows": "[]",
            "affected": 0, "message": "{}", "told_buyers": 0,
        },
        conflict="(shop_id, kind, key, code) WHERE closed_at IS NULL DO NOTHING",
    )  # fmt: skip
    if not rows:
        return None
    tell([rows[0][0]], IncidentChange.Kind.OPENED, present)
    return Incident.objects.get(pk=rows[0][0])


def department_of(code: str) -> str:
    """Who is called when many have it."""
    detector = detectors.catalogue().get(code)
    return detector.department if detector else DEPARTMENTS.get(code, "logistics")


def label_of(kind: str, key: str) -> str:
    """A segment's own name: that of the carrier or warehouse, the last part of a place."""
    if kind in NAMED and key.isdigit():
        row = NAMED[kind].objects.filter(pk=int(key)).first()
        return str(row) if row else key
    if kind in ("city", "region"):
        return " · ".join(dict.fromkeys(part for part in reversed(key.split("/")) if part))
    return key.replace(">", " → ")


def take_new(shop_id: int, *, present: datetime) -> int:
    """Let what was found in the segments of the shop's open incidents join them; how many did. Two statements."""
    began = Incident.objects.filter(shop=shop_id, closed_at=None).order_by("started_at").values_list("started_at")
    first = began.first()
    if first is None:
        return 0
    return len(_joined(_OF_SHOP, {"shop": shop_id, "since": first[0]}, present))


def join(anomaly_ids: Sequence[int], *, shops: Sequence[int], at: datetime) -> dict[int, int]:
    """The incidents that these anomalies belong to: {anomaly: incident}. One query where none is open."""
    if not Incident.objects.filter(shop__in=list(shops), closed_at=None).exists():
        return {}
    _joined(_OF_IDS, {"ids": list(anomaly_ids)}, at)
    of = Affected.objects.filter(anomaly__in=list(anomaly_ids), incident__closed_at=None)
    return dict(of.values_list("anomaly_id", "incident_id"))


def _joined(found: str, given: dict[str, Any], at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_JOIN.format(found=found), {**given, "uncounted": UNCOUNTED})
        rows = cursor.fetchall()
    grew(sorted({incident for _, incident in rows}), at)
    return [anomaly for anomaly, _ in rows]


def grew(incident_ids: Sequence[int], at: datetime) -> None:
    """Count the members of these incidents anew, and tell that they grew."""
    if not incident_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_incident i SET affected =
                   (SELECT COUNT(*) FROM orders_affected m WHERE m.incident_id = i.id) WHERE i.id = ANY(%s)""",
            [list(incident_ids)],
        )
    tell(incident_ids, IncidentChange.Kind.GREW, at)


def state_of(quiet: Sequence[bool]) -> str:
    """Open while it goes on, quiet from the first quiet hour on."""
    return Incident.State.QUIET if quiet and quiet[-1] else Incident.State.OPEN


def close_incident(incident: Incident, *, present: datetime, reason: str) -> None:
    """Close a locked incident; what is found in its segment from now on stands alone again."""
    if incident.closed_at is not None:
        return
    incident.state, incident.closed_at, incident.close_reason = Incident.State.CLOSED, present, reason
    incident.save(update_fields=["state", "closed_at", "close_reason"])
    tell([incident.pk], IncidentChange.Kind.CLOSED, present)


def tell(incident_ids: Sequence[int], kind: IncidentChange.Kind, at: datetime) -> None:
    """Leave word for whoever works on incidents."""
    columns = {"incident_id": Column("bigint", list(incident_ids))}
    bulk.insert("orders_incidentchange", columns, constants={"kind": kind.value, "at": at}, returning=())


def mute(order: Order, kind: str, now: datetime) -> str:
    """Why a buyer is not told singly of what concerns everybody (settings.NOTICE_MUTES): "incident", or ""."""
    if kind not in ("anomaly", "delayed"):
        return ""
    inside = Affected.objects.filter(order=order, incident__closed_at=None)
    return "incident" if inside.exists() else ""


def windows_left(incident: Incident) -> int:
    """How many more quiet hours close it."""
    quiet = surges.late_in_a_row(window["quiet"] for window in reversed(incident.windows))
    return max(0, 3 - quiet)
