"""What a batch of judgements writes of anomalies: opened, reopened, regraded, cleared. A constant number of statements.

`present` is the shop's; every row changed goes on record with what happened to it (orders.services.chronicle).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from orders.detectors.base import Finding
from orders.models import AnomalyChange
from orders.services.chronicle import chronicle
from orders.services.noticing import notice_anomalies
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

# NaN is no JSON to PostgreSQL: refused in Python, it spoils one order instead of the statement.
JSON = json.JSONEncoder(allow_nan=False)
Subject = tuple[int, str, int | None]
"""Order, code and parcel: what an anomaly is about."""


class Told(NamedTuple):
    """A finding with the parts of it that are written as JSON, who owns it, and whether nobody is told."""

    finding: Finding
    params: str
    evidence: str
    limits: str
    department: str
    shadow: bool


class Opening(NamedTuple):
    """A new anomaly of an order; `leg` is its parcel's."""

    order_id: int
    told: Told
    leg: str


class Change(NamedTuple):
    """New words for an open anomaly, or for one that comes back."""

    id: int
    told: Told
    grade_before: int


class Ending(NamedTuple):
    """An anomaly that is over; `by` is the subject of the graver one that took its place."""

    id: int
    reason: str
    proof: Mapping[str, Any] | None
    by: Subject | None
    quiet: bool


def told(finding: Finding, *, limits: str, department: str, shadow: bool) -> Told:
    """The finding as it is written. ValueError or TypeError when it holds what JSON cannot."""
    params, evidence = JSON.encode(dict(finding.params)), JSON.encode(dict(finding.evidence))
    return Told(finding, params, evidence, limits, finding.department or department, shadow)


def _columns(rows: Sequence[Told]) -> dict[str, Column]:
    return {
        "grade": Column("smallint", [each.finding.grade for each in rows]),
        "why": Column("text", [each.finding.why for each in rows]),
        "params": Column("jsonb", [each.params for each in rows]),
        "evidence": Column("jsonb", [each.evidence for each in rows]),
        "limits": Column("jsonb", [each.limits for each in rows]),
    }


def open_new(shop_id: int, rows: Sequence[Opening], present: datetime) -> dict[Subject, int]:
    """Insert anomalies; {subject: id} of those that were not open already."""
    if not rows:
        return {}
    findings = [row.told.finding for row in rows]
    inserted = bulk.insert(
        "orders_anomaly",
        {
            "order_id": Column("bigint", [row.order_id for row in rows]),
            "shipment_id": Column("bigint", [finding.parcel_id for finding in findings]),
            "code": Column("text", [finding.code for finding in findings]),
            "leg": Column("text", [row.leg for row in rows]),
            "department": Column("text", [row.told.department for row in rows]),
            "state": Column("text", ["suspected" if row.told.shadow else "open" for row in rows]),
            "since": Column("timestamptz", [finding.since for finding in findings]),
            **_columns([row.told for row in rows]),
        },
        constants={"shop_id": shop_id, "opened_at": present, "close_reason": ""},
        conflict="(order_id, code, shipment_id, leg) WHERE closed_at IS NULL DO NOTHING",
        returning=("id", "order_id", "code", "shipment_id", "state"),
    )
    quiet = {row[0] for row in inserted if row[4] == "suspected"}
    ids = [row[0] for row in inserted]
    chronicle(ids, "opened", now=present, change=AnomalyChange.Kind.OPENED, quiet=quiet)
    notice_anomalies(shop_id, [pk for pk in ids if pk not in quiet], now=present)
    return {(order_id, code, shipment_id): pk for pk, order_id, code, shipment_id, _ in inserted}


def reopen(rows: Sequence[Change], present: datetime) -> None:
    """The same trouble again within two days: the same anomaly is open once more."""
    if not rows:
        return
    changed = _update(
        """state = u.state, closed_at = NULL, close_reason = '', proof = NULL, suppressed_by_id = NULL,
           reopened = a.reopened + 1, since = u.since""",
        {
            "state": Column("text", ["suspected" if row.told.shadow else "reopened" for row in rows]),
            "since": Column("timestamptz", [row.told.finding.since for row in rows]),
        },
        rows,
        closed=True,
    )
    quiet = {row.id for row in rows if row.told.shadow}
    chronicle(changed, "reopened", now=present, change=AnomalyChange.Kind.REOPENED, quiet=quiet)


def regrade(rows: Sequence[Change], present: datetime, suspected: frozenset[int]) -> None:
    """An open anomaly became graver or less grave."""
    if not rows:
        return
    changed = set(_update("", {}, rows, closed=False))
    kept = [row for row in rows if row.id in changed]
    data = [{"grade_from": row.grade_before, "grade": row.told.finding.grade} for row in kept]
    kind = AnomalyChange.Kind.REGRADED
    chronicle([row.id for row in kept], "regraded", now=present, change=kind, quiet=suspected, data=data)


def _update(more: str, columns: Mapping[str, Column], rows: Sequence[Change], *, closed: bool) -> list[int]:
    written = {"id": Column("bigint", [row.id for row in rows]), **columns, **_columns([row.told for row in rows])}
    source, parameters = bulk.unnest(written)
    changes = "grade = u.grade, why = u.why, params = u.params, evidence = u.evidence, limits = u.limits"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_anomaly a SET {changes}{"," if more else ""} {more} FROM {source}
                WHERE a.id = u.id AND a.closed_at IS {"NOT" if closed else ""} NULL RETURNING a.id""",
            parameters,
        )
        return [row[0] for row in cursor.fetchall()]


def clear(rows: Sequence[Ending], stronger: Mapping[Subject, int], present: datetime) -> None:
    """These are over; of one that gave way, the graver one is kept."""
    if not rows:
        return
    by = {row.id: stronger.get(row.by) if row.by else None for row in rows}
    source, parameters = bulk.unnest(
        {
            "id": Column("bigint", [row.id for row in rows]),
            "reason": Column("text", [row.reason for row in rows]),
            "proof": Column("jsonb", [JSON.encode(row.proof) if row.proof else None for row in rows]),
            "stronger": Column("bigint", [by[row.id] for row in rows]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_anomaly a SET state = 'cleared', closed_at = %s, close_reason = u.reason, proof = u.proof,
                    suppressed_by_id = u.stronger
                FROM {source} WHERE a.id = u.id AND a.closed_at IS NULL RETURNING a.id""",
            [present, *parameters],
        )
        changed = {row[0] for row in cursor.fetchall()}
    kept = [row for row in rows if row.id in changed]
    data = [
        {"reason": row.reason}
        | ({"proof": row.proof} if row.proof else {})
        | ({"by": by[row.id]} if by[row.id] else {})
        for row in kept
    ]
    quiet = {row.id for row in kept if row.quiet}
    kind = AnomalyChange.Kind.CLEARED
    chronicle([row.id for row in kept], "cleared", now=present, change=kind, quiet=quiet, data=data)
