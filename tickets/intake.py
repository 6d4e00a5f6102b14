"""Anomalies become tickets: graded, given to a team and a person, once each; cleared causes are put on record.

Changes of anomalies wait in orders_anomalychange. Taking one and writing what follows from it is one transaction, so a
crash loses nothing; a ticket is unique per order and anomaly while it is open, so nothing is doubled.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from ticketdesk.outbox.errors import Raised
from ticketdesk.outbox.heartbeat import beat
from tickets import batches, care, clearing, grading, incidents, losses, rosters, valuing
from tickets.listening import tell
from tickets.models import Ticket
from tickets.routing import Need, Roster, team_for

BATCH = 1000
TURN_S = 20.0
# "overdue" is the broken promise itself: counting it again would make every late order an emergency.
ABOUT_THE_PROMISE = frozenset({"overdue"})

CLAIM = """
    -- Materialized: a subquery with a limit may be planned to run once per row, and take more than the limit.
    WITH taken AS MATERIALIZED (
        SELECT c.id FROM orders_anomalychange c
        -- One change of an anomaly at a time, oldest first, whoever works on it.
        WHERE NOT EXISTS (SELECT 1 FROM orders_anomalychange p WHERE p.anomaly_id = c.anomaly_id AND p.id < c.id)
          AND (c.not_before IS NULL OR c.not_before <= clock_timestamp())
        ORDER BY c.id LIMIT %s FOR UPDATE SKIP LOCKED)
    DELETE FROM orders_anomalychange d USING taken WHERE d.id = taken.id RETURNING d.id, d.anomaly_id, d.kind, d.at
"""
CASES = f"""
    SELECT a.id, a.shop_id, a.order_id, a.code, a.grade, a.department,
           a.closed_at IS NULL AND a.state <> 'suspected', a.close_reason, a.proof::text,
           (SELECT s.code FROM orders_anomaly s WHERE s.id = a.suppressed_by_id),
           o.customer_id, o.total, (SELECT high_value FROM orders_shop WHERE id = a.shop_id),
           COALESCE(NULLIF(c.language, ''), (SELECT language FROM orders_shop WHERE id = a.shop_id)),
           COALESCE(c.tier = 'vip', false),
           o.promised_delivery_at <= a.opened_at AND o.delivered_at IS NULL, p.carrier_id,
           (SELECT COUNT(*) FROM orders_anomaly x WHERE x.order_id = a.order_id AND x.closed_at IS NULL AND x.id < a.id
            AND x.state <> 'suspected'), o.currency, o.channel, {valuing.FORECAST}, {valuing.REPEAT_VICTIM}
    FROM orders_anomaly a JOIN orders_order o ON o.id = a.order_id
    LEFT JOIN orders_customer c ON c.id = o.customer_id LEFT JOIN orders_shipment p ON p.id = a.shipment_id
    WHERE a.id = ANY(%s)
"""
# A change that cannot be taken in is tried again after this.
PUT_OFF = timedelta(hours=1)

log = structlog.get_logger("tickets.intake")


class Change(NamedTuple):
    """Something that happened to an anomaly, claimed by this transaction."""

    id: int
    anomaly_id: int
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One anomaly with what grading and routing need to know."""

    anomaly_id: int
    shop_id: int
    order_id: int
    code: str
    severity: int
    department: str
    is_open: bool
    close_reason: str
    proof: str | None
    outweighed_by: str | None
    customer_id: int | None
    value: Decimal
    high_value: Decimal
    language: str
    vip: bool
    promise_broken: bool
    carrier_id: int | None
    other_anomalies: int
    currency: str
    channel: str
    forecast: dict[str, Any] | None
    repeat_victim: bool

    def loss(self, *, over: bool = False) -> losses.Loss:
        """What the ticket may cost, and why; much less once its cause is over."""
        broken = bool(self.promise_broken) and self.code not in valuing.ABOUT_THE_PROMISE
        return valuing.expected(
            losses.Circumstances(
                self.code, Ticket.Kind.LOGISTICS, self.value, self.currency, (self.channel,), self.vip,
                self.repeat_victim, broken, over, losses.forecast(self.forecast),
            )
        )  # fmt: skip

    def grade(self) -> grading.Grade:
        """The ticket's grade and its factors."""
        return grading.grade(
            grading.Circumstances(
                severity=self.severity,
                vip=self.vip,
                value=self.value,
                high_value=self.high_value,
                other_anomalies=self.other_anomalies,
                promise_broken=bool(self.promise_broken) and self.code not in ABOUT_THE_PROMISE,
            )
        )


def sweep_until_idle(*, batch: int = BATCH, turn_s: float = TURN_S) -> int:
    """Take in every change that waits; returns how many. May run anywhere, any number of times, overlapping."""
    beat("intake")
    taken, size, ends = 0, batch, time.monotonic() + turn_s
    while time.monotonic() < ends:
        changes: list[Change] = []
        try:
            with transaction.atomic():
                changes = _claim(size)
                if not changes:
                    break
                _take(changes)
        except (OperationalError, InterfaceError):
            raise  # the database itself is in trouble, no change is to blame
        except Exception as error:
            if len(changes) > 1:
                size = 1  # one of them spoils it for all: from here on each stands alone
                continue
            _put_off(changes, error)
            size = batch
            continue
        taken += len(changes)
    return taken


@transaction.atomic
def take_in(batch: int = BATCH) -> int:
    """Take in one batch of changes; returns how many were taken. What one of them raises takes all of them back."""
    changes = _claim(batch)
    if changes:
        _take(changes)
    return len(changes)


def _claim(limit: int) -> list[Change]:
    """At most `limit` changes, oldest first, gone from the table when the transaction ends well."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [limit])
        return [Change(*row) for row in cursor.fetchall()]


def _put_off(changes: Sequence[Change], error: Exception) -> None:
    """Let changes rest that could not be taken in; later ones of the same anomalies wait for them."""
    log.error("changes not taken in", **Raised.by(error)._asdict(), anomalies=[change.anomaly_id for change in changes])
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE orders_anomalychange SET not_before = clock_timestamp() + make_interval(secs => %s)
               WHERE id = ANY(%s)""",
            [PUT_OFF.total_seconds(), [change.id for change in changes]],
        )


def _take(changes: Sequence[Change]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CASES, [[change.anomaly_id for change in changes]])
        cases = {row[0]: Case(*row) for row in cursor.fetchall()}
    by_kind: dict[str, list[tuple[Case, datetime]]] = {"opened": [], "reopened": [], "regraded": [], "cleared": []}
    for change in sorted(changes):
        by_kind[change.kind].append((cases[change.anomaly_id], change.at))
    for part in by_kind.values():
        # Two workers with tickets of the same orders write them in the same order, so that they wait in turn.
        part.sort(key=lambda case_at: (case_at[0].order_id, case_at[0].code))
    _raise_tickets([(case, at) for case, at in by_kind["opened"] if case.is_open])
    _take_up_again([(case, at) for case, at in by_kind["reopened"] if case.is_open])
    _regrade_tickets([(case, at) for case, at in by_kind["regraded"] if case.is_open])
    clearing.clear_tickets(by_kind["cleared"], _tickets_of)
    _look_after([*by_kind["opened"], *by_kind["cleared"]])


def _look_after(cases: Sequence[tuple[Case, datetime]]) -> None:
    """A buyer whose order is delayed, or came late, may have had more than his share."""
    care.look_after(
        [
            care.Buyer(case.shop_id, case.customer_id, case.language, at)
            for case, at in cases
            if case.customer_id and case.code in care.DELAYS and (case.is_open or case.close_reason == "delivered")
        ]
    )


def _raise_tickets(cases: Sequence[tuple[Case, datetime]]) -> None:
    if not cases:
        return
    tickets = [_ticket(case, at) for case, at in cases]
    incidents.join(tickets)
    _routed(tickets, [case for case, _ in cases])
    fresh = batches.insert(tickets)
    tell(batches.record(fresh, "opened", [_opening(ticket) for ticket in fresh]))
    repeated = [case_at for case_at, ticket in zip(cases, tickets, strict=True) if ticket.pk is None]
    _join_open_tickets(repeated)


def _ticket(case: Case, at: datetime) -> Ticket:
    grade, loss = case.grade(), case.loss()
    return batches.draft(
        shop_id=case.shop_id, order_id=case.order_id, customer_id=case.customer_id, anomaly_id=case.anomaly_id,
        anomaly_code=case.code, carrier_id=case.carrier_id, kind=Ticket.Kind.LOGISTICS, language=case.language,
        channel=Ticket.Channel.DETECTOR, grade=grade.value, grade_factors=grade.data(), opened_at=at, updated_at=at,
        expected_loss=loss.amount, loss_factors=loss.data(),
    )  # fmt: skip


def _routed(tickets: list[Ticket], cases: Iterable[Case]) -> list[Ticket]:
    """Give each ticket its team and the least loaded member on shift; gravest tickets choose first."""
    teams = rosters.teams()
    departments = dict(teams)
    for ticket, case in zip(tickets, cases, strict=True):
        ticket.team_id = team_for(case.department, teams)
        ticket.holder = departments.get(ticket.team_id, "front_line") if ticket.team_id else "front_line"
    at_work: dict[datetime, dict[int, Roster]] = {}
    wanted = sorted({ticket.team_id for ticket in tickets if ticket.team_id})
    for ticket in sorted(tickets, key=lambda ticket: ticket.grade):
        if ticket.muted:
            continue
        if ticket.opened_at not in at_work:
            at_work[ticket.opened_at] = rosters.rosters(wanted, now=ticket.opened_at)
        if ticket.team_id:
            roster = at_work[ticket.opened_at][ticket.team_id]
            ticket.assignee_id = roster.choose(Need(ticket.grade, ticket.language, ticket.anomaly_code))
    return tickets


def _opening(ticket: Ticket) -> dict[str, Any]:
    return {
        "anomaly": ticket.anomaly_id,
        "code": ticket.anomaly_code,
        "grade": ticket.grade,
        "team": ticket.team_id,
        "assignee": ticket.assignee_id,
    }


def _join_open_tickets(cases: Sequence[tuple[Case, datetime]]) -> None:
    """The same trouble on another parcel, or again: it joins the order's open ticket, which comes back to work."""
    changed = []
    for ticket, case, at in _tickets_of(cases):
        if ticket.status == Ticket.Status.SOLVED:
            ticket.status, ticket.solved_at = Ticket.Status.IN_PROGRESS, None
            ticket.reopened += 1
        ticket.cause_cleared_at = None
        ticket.updated_at = at
        valuing.mark(ticket, case.loss())
        changed.append((ticket, {"anomaly": case.anomaly_id, "code": case.code}))
    tell(batches.update([ticket for ticket, _ in changed], "anomaly_again", [data for _, data in changed]))


def _take_up_again(cases: Sequence[tuple[Case, datetime]]) -> None:
    """The same trouble within two days: its ticket is taken up again, closed or not; a lost one is raised anew."""
    if not cases:
        return
    _join_open_tickets(cases)
    still_open = {(ticket.order_id, ticket.anomaly_code) for ticket, _, _ in _tickets_of(cases)}
    resting = [(case, at) for case, at in cases if (case.order_id, case.code) not in still_open]
    again = clearing.reopen_closed({case.anomaly_id: at for case, at in resting})
    reopened = {(ticket.order_id, ticket.anomaly_code) for ticket in again}
    _raise_tickets([(case, at) for case, at in resting if (case.order_id, case.code) not in reopened])


def _regrade_tickets(cases: Sequence[tuple[Case, datetime]]) -> None:
    """A graver anomaly makes a graver ticket; a grade set higher by hand stays."""
    changed, dearer = [], []
    for ticket, case, at in _tickets_of(cases):
        grade, revalued = case.grade(), valuing.mark(ticket, case.loss())
        if grade.value < ticket.grade and ticket.is_live:
            data = {"grade_from": ticket.grade, "grade": grade.value, "why": "anomaly"}
            ticket.grade, ticket.grade_factors, ticket.updated_at = grade.value, grade.data(), at
            changed.append((ticket, data))
        elif revalued:
            dearer.append(ticket)
    valuing.write(dearer)
    tell(batches.update([ticket for ticket, _ in changed], "regrade", [data for _, data in changed]))


def _tickets_of(cases: Sequence[tuple[Case, datetime]]) -> list[tuple[Ticket, Case, datetime]]:
    """The open tickets about these anomalies, locked, each once with the newest case about it; two queries."""
    if not cases:
        return []
    source, parameters = bulk.unnest(
        {
            "order_id": Column("bigint", [case.order_id for case, _ in cases]),
            "code": Column("text", [case.code for case, _ in cases]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT t.id FROM tickets_ticket t JOIN {source} ON t.order_id = u.order_id AND t.anomaly_code = u.code
                WHERE t.closed_at IS NULL ORDER BY t.id FOR UPDATE OF t""",
            parameters,
        )
        ids = [row[0] for row in cursor.fetchall()]
    about: dict[tuple[int | None, str], tuple[Case, datetime]] = {
        (case.order_id, case.code): (case, at) for case, at in cases
    }
    return [
        (ticket, *about[ticket.order_id, ticket.anomaly_code])
        for ticket in Ticket.objects.filter(pk__in=ids).order_by("pk")
    ]
