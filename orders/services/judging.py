"""Judging orders in bulk: load facts, hear the detectors, write what changed, arm the next look.

The caller holds the lock on the orders' due rows (by the sweep's claim or by `lock`), so two judges never meet.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import connection

from orders.detectors.base import Detector, Finding
from orders.facts import OrderFacts, ParcelFacts
from orders.judge import Judgement, Key, Past, judge
from orders.proving import proof_of
from orders.selectors import Known, anomalies_of, facts_of
from orders.services import feed_incidents, foreseeing, recording
from orders.services.recording import Change, Ending, Opening, Subject, Told
from orders.services.seating import bench
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from ticketdesk.outbox.errors import Raised

__all__ = ["PUT_OFF", "REOPENS_WITHIN", "Judged", "bench", "judge_orders", "lock", "put_off"]

# An order that a detector cannot bear is looked at again after this, when somebody may have mended the detector.
PUT_OFF = timedelta(hours=1)
# The same trouble within this time is the same anomaly, not a new one.
REOPENS_WITHIN = timedelta(hours=48)

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
class _Writing:
    """What a batch of judgements writes, gathered as rows."""

    opened: list[Opening] = field(default_factory=list)
    reopened: list[Change] = field(default_factory=list)
    regraded: list[Change] = field(default_factory=list)
    cleared: list[Ending] = field(default_factory=list)
    open_now: dict[Subject, int] = field(default_factory=dict)
    suspected: set[int] = field(default_factory=set)
    armed: list[tuple[int, datetime]] = field(default_factory=list)
    finished: list[int] = field(default_factory=list)
    failed: dict[Raised, list[int]] = field(default_factory=lambda: defaultdict(list))


def lock(order_ids: Iterable[int]) -> None:
    """Lock the orders' due rows, lowest id first: call it before changing facts of these orders."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM orders_orderdue WHERE order_id = ANY(%s) ORDER BY order_id FOR UPDATE", [sorted(order_ids)]
        )


def judge_orders(
    shop_id: int, order_ids: Sequence[int], *, now: datetime, bench_: Sequence[Detector] | None = None
) -> Judged:
    """Judge these orders of one shop at its present `now`; a constant number of statements for any number of orders."""
    hearing = bench(shop_id) if bench_ is None else bench_
    seats = {detector.code: detector for detector in hearing}
    facts = foreseeing.foreseen(shop_id, facts_of(order_ids), now=now)
    hushed = feed_incidents.hushed(shop_id, facts)
    on_record = anomalies_of(order_ids, now - REOPENS_WITHIN)
    writing = _Writing()
    for order in facts:
        record = on_record.get(order.id, {})
        try:
            verdict = judged(order, hearing, record, now)
            verdict = feed_incidents.hush(verdict, hushed, now) if hushed else verdict
            told = {_key(each): _told(each, order, seats) for each in (*verdict.opened, *verdict.regraded)}
        except Exception as error:  # one order that a detector cannot bear must not stop the others
            writing.failed[Raised.by(error)].append(order.id)
            writing.armed.append((order.id, now + PUT_OFF))
            continue
        _gather(writing, order, verdict, told, record, now - REOPENS_WITHIN)
    new = recording.open_new(shop_id, writing.opened, now)
    recording.reopen(writing.reopened, now)
    recording.regrade(writing.regraded, now, frozenset(writing.suspected))
    recording.clear(writing.cleared, writing.open_now | new, now)
    _arm(shop_id, writing)
    foreseeing.record(shop_id, facts, now=now)
    failed = _report(shop_id, writing.failed)
    opened = len(new) + len(writing.reopened)
    return Judged(len(facts) - failed, opened, len(writing.regraded), len(writing.cleared), failed)


def judged(
    order: OrderFacts, hearing: Sequence[Detector], record: Mapping[Key, Sequence[Known]], now: datetime
) -> Judgement:
    """The judgement of one order, given its anomalies on record; writes nothing."""
    if not record:
        return judge(order, hearing, {}, now)
    open_codes = {key: known[0].grade for key, known in record.items() if known[0].closed_at is None}
    settled = {
        key: known[0].closed_at
        for key, known in record.items()
        if known[0].closed_at is not None and known[0].state == "resolved"
    }
    scanned = {key: _moment(record[key][0].scanned_at) for key in open_codes}
    return judge(order, hearing, open_codes, now, Past(settled, scanned))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


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


def _told(finding: Finding, order: OrderFacts, seats: Mapping[str, Detector]) -> Told:
    detector, parcel = seats[finding.code], _parcel(order, finding.parcel_id)
    if parcel is not None:
        detector = detector.at(parcel)
    limits = json.dumps(detector.told_limits())
    return recording.told(finding, limits=limits, department=detector.department, shadow=detector.shadow)


def _parcel(order: OrderFacts, parcel_id: int | None) -> ParcelFacts | None:
    return next((parcel for parcel in order.parcels if parcel.id == parcel_id), None)


def _gather(
    writing: _Writing,
    order: OrderFacts,
    verdict: Judgement,
    told: Mapping[Key, Told],
    record: Mapping[Key, Sequence[Known]],
    reopens_since: datetime,
) -> None:
    for finding in verdict.opened:
        key, parcel = _key(finding), _parcel(order, finding.parcel_id)
        leg = parcel.leg if parcel is not None else "outbound"
        before = next((known for known in record.get(key, ()) if known.leg == leg), None)
        if before is None or before.closed_at is None or before.closed_at < reopens_since:
            writing.opened.append(Opening(order.id, told[key], leg))
        else:
            writing.reopened.append(Change(before.id, told[key], before.grade))
            writing.open_now[order.id, *key] = before.id
    for key, known in record.items():
        if known[0].closed_at is None:
            writing.open_now[order.id, *key] = known[0].id
            if known[0].state == "suspected":
                writing.suspected.add(known[0].id)
    for finding in verdict.regraded:
        known_before = record[_key(finding)][0]
        writing.regraded.append(Change(known_before.id, told[_key(finding)], known_before.grade))
    for cleared in verdict.cleared:
        key = (cleared.code, cleared.parcel_id)
        by = verdict.outweighed_by.get(key)
        proof = proof_of(cleared.reason, order, _parcel(order, cleared.parcel_id))
        stronger = (order.id, by, cleared.parcel_id) if by else None
        known_now = record[key][0]
        quiet = known_now.state == "suspected"
        writing.cleared.append(Ending(known_now.id, cleared.reason, proof, stronger, quiet))
    if verdict.next_due is None:
        writing.finished.append(order.id)
    else:
        writing.armed.append((order.id, verdict.next_due))


def _key(subject: Finding) -> Key:
    return subject.code, subject.parcel_id


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
