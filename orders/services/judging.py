"""Judging orders in bulk: load facts, hear the detectors, write what changed, arm the next look.

The caller holds the lock on the orders' due rows (by the sweep's claim or by `lock`), so two judges never meet.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection

from orders import detectors
from orders.detectors.base import Detector, Finding
from orders.judge import Cleared, Judgement, judge
from orders.models import AnomalyChange, DetectorSetting
from orders.selectors import facts_of, open_anomalies_of
from orders.services.noticing import notice_anomalies
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from ticketdesk.outbox.errors import Raised

# An order that a detector cannot bear is looked at again after this, when somebody may have mended the detector.
PUT_OFF = timedelta(hours=1)
# NaN is no JSON to PostgreSQL: refused in Python, it spoils one order instead of the statement.
JSON = json.JSONEncoder(allow_nan=False)

log = structlog.get_logger("orders.judging")


@dataclass(slots=True)
class Judged:
    """How many orders were judged and what came of it; `failed` ones raised an error and were put off."""

    orders: int = 0
    opened: int = 0
    regraded: int = 0
    cleared: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Told:
    """A finding with the parts of it that are written as JSON."""

    finding: Finding
    params: str
    evidence: str


@dataclass(slots=True)
class _Writing:
    """What a batch of judgements writes, gathered as columns."""

    opened: list[tuple[int, _Told, str]] = field(default_factory=list)
    regraded: list[tuple[int, _Told]] = field(default_factory=list)
    cleared: list[tuple[int, str]] = field(default_factory=list)
    armed: list[tuple[int, datetime]] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    failed: dict[Raised, list[int]] = field(default_factory=lambda: defaultdict(list))


def lock(order_ids: Iterable[int]) -> None:
    """Lock the orders' due rows, lowest id first: call it before changing facts of these orders."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM orders_orderdue WHERE order_id = ANY(%s) ORDER BY order_id FOR UPDATE", [sorted(order_ids)]
        )


def bench(shop_id: int) -> list[Detector]:
    """The detectors switched on for a shop, with its newest thresholds; one query."""
    newest = DetectorSetting.objects.filter(shop_id=shop_id).order_by("detector", "-version").distinct("detector")
    settings = {setting.detector: setting for setting in newest}
    return [
        _seated(detector, settings.get(code))
        for code, detector in detectors.catalogue().items()
        if code not in settings or settings[code].enabled
    ]


def _seated(detector: type[Detector], setting: DetectorSetting | None) -> Detector:
    if setting is None:
        return detector()
    try:
        return detector(setting.limits)
    except (TypeError, ValueError) as error:  # such as a limit that an older release knew
        log.error("limits not understood, defaults taken", setting=setting.pk, error=type(error).__name__)
        return detector()


def judge_orders(
    shop_id: int, order_ids: Sequence[int], *, now: datetime, bench_: Sequence[Detector] | None = None
) -> Judged:
    """Judge these orders of one shop at its present `now`; a constant number of statements for any number of orders."""
    hearing = bench(shop_id) if bench_ is None else bench_
    facts = facts_of(order_ids)
    already_open = open_anomalies_of(order_ids)
    writing = _Writing()
    for order in facts:
        known = already_open.get(order.id, {})
        try:
            verdict = judge(order, hearing, {key: grade for key, (_, grade) in known.items()}, now)
            told = {_key(finding): _told(finding) for finding in (*verdict.opened, *verdict.regraded)}
        except Exception as error:  # one order that a detector cannot bear must not stop the others
            writing.failed[Raised.by(error)].append(order.id)
            writing.armed.append((order.id, now + PUT_OFF))
            continue
        legs = {parcel.id: parcel.leg for parcel in order.parcels} if order.parcels else {}
        _gather(writing, order.id, verdict, told, known, legs)
    departments = {detector.code: detector.department for detector in hearing}
    opened = _open(shop_id, writing.opened, departments, now)
    _regrade(writing.regraded, now)
    _clear(writing.cleared, now)
    _arm(shop_id, writing)
    failed = _report(shop_id, writing.failed)
    return Judged(len(facts) - failed, opened, len(writing.regraded), len(writing.cleared), failed)


def put_off(shop_id: int, order_id: int, error: Exception, *, present: datetime) -> None:
    """Let a due order rest for `PUT_OFF`, because writing what was found on it raised `error`."""
    _report(shop_id, {Raised.by(error): [order_id]})
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_orderdue SET due_at = %s WHERE order_id = %s AND due_at <= %s",
            [present + PUT_OFF, order_id, present],
        )


def _report(shop_id: int, failed: Mapping[Raised, Sequence[int]]) -> int:
    """One line per error and place, with a few of the orders; returns how many orders there are in all."""
    for raised, order_ids in failed.items():
        log.error("orders not judged", shop=shop_id, **raised._asdict(), orders=len(order_ids), first=order_ids[:10])
    return sum(len(order_ids) for order_ids in failed.values())


def _told(finding: Finding) -> _Told:
    return _Told(finding, JSON.encode(dict(finding.params)), JSON.encode(dict(finding.evidence)))


def _gather(
    writing: _Writing,
    order_id: int,
    verdict: Judgement,
    told: Mapping[tuple[str, int | None], _Told],
    known: Mapping[tuple[str, int | None], tuple[int, int]],
    legs: Mapping[int, str],
) -> None:
    for finding in verdict.opened:
        leg = legs.get(finding.parcel_id, "outbound") if finding.parcel_id is not None else "outbound"
        writing.opened.append((order_id, told[_key(finding)], leg))
    for finding in verdict.regraded:
        writing.regraded.append((known[_key(finding)][0], told[_key(finding)]))
    for cleared in verdict.cleared:
        writing.cleared.append((known[_key(cleared)][0], cleared.reason))
    if verdict.next_due is None:
        writing.finished.append(order_id)
    else:
        writing.armed.append((order_id, verdict.next_due))


def _key(subject: Finding | Cleared) -> tuple[str, int | None]:
    return subject.code, subject.parcel_id


def _finding_columns(told: Sequence[_Told]) -> dict[str, Column]:
    return {
        "grade": Column("smallint", [each.finding.grade for each in told]),
        "why": Column("text", [each.finding.why for each in told]),
        "params": Column("jsonb", [each.params for each in told]),
        "evidence": Column("jsonb", [each.evidence for each in told]),
    }


def _open(shop_id: int, rows: Sequence[tuple[int, _Told, str]], departments: Mapping[str, str], now: datetime) -> int:
    findings = [told.finding for _, told, _ in rows]
    inserted = bulk.insert(
        "orders_anomaly",
        {
            "order_id": Column("bigint", [order_id for order_id, _, _ in rows]),
            "shipment_id": Column("bigint", [finding.parcel_id for finding in findings]),
            "code": Column("text", [finding.code for finding in findings]),
            "leg": Column("text", [leg for _, _, leg in rows]),
            "department": Column("text", [finding.department or departments[finding.code] for finding in findings]),
            "since": Column("timestamptz", [finding.since for finding in findings]),
            **_finding_columns([told for _, told, _ in rows]),
        },
        constants={"shop_id": shop_id, "state": "open", "opened_at": now, "close_reason": ""},
        conflict="(order_id, code, shipment_id, leg) WHERE closed_at IS NULL DO NOTHING",
    )
    opened = [row[0] for row in inserted]
    _tell(opened, AnomalyChange.Kind.OPENED, now)
    notice_anomalies(shop_id, opened, now=now)
    return len(inserted)


def _regrade(rows: Sequence[tuple[int, _Told]], now: datetime) -> None:
    if not rows:
        return
    source, parameters = bulk.unnest(
        {"id": Column("bigint", [key for key, _ in rows]), **_finding_columns([told for _, told in rows])}
    )
    changed = _update(
        f"""UPDATE orders_anomaly a SET grade = u.grade, why = u.why, params = u.params, evidence = u.evidence
            FROM {source} WHERE a.id = u.id AND a.closed_at IS NULL RETURNING a.id""",
        parameters,
    )
    _tell(changed, AnomalyChange.Kind.REGRADED, now)


def _clear(rows: Sequence[tuple[int, str]], now: datetime) -> None:
    if not rows:
        return
    source, parameters = bulk.unnest(
        {"id": Column("bigint", [key for key, _ in rows]), "reason": Column("text", [reason for _, reason in rows])}
    )
    changed = _update(
        f"""UPDATE orders_anomaly a SET state = 'cleared', closed_at = %s, close_reason = u.reason
            FROM {source} WHERE a.id = u.id AND a.closed_at IS NULL RETURNING a.id""",
        [now, *parameters],
    )
    _tell(changed, AnomalyChange.Kind.CLEARED, now)


def _update(statement: str, parameters: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]


def _tell(anomaly_ids: Sequence[int], kind: AnomalyChange.Kind, now: datetime) -> None:
    bulk.insert(
        "orders_anomalychange",
        {"anomaly_id": Column("bigint", anomaly_ids)},
        constants={"kind": kind.value, "at": now},
        returning=(),
    )


def _arm(shop_id: int, writing: _Writing) -> None:
    bulk.insert(
        "orders_orderdue",
        {
            "order_id": Column("bigint", [order_id for order_id, _ in writing.armed]),
            "due_at": Column("timestamptz", [due_at for _, due_at in writing.armed]),
        },
        constants={"shop_id": shop_id},
        conflict="(order_id) DO UPDATE SET due_at = EXCLUDED.due_at",
        returning=(),
    )
    if writing.finished:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM orders_orderdue WHERE order_id = ANY(%s)", [writing.finished])
