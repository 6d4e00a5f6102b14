"""Buyers who are let down again and again: one care ticket for such a buyer, whatever the orders.

Asked when an order of theirs becomes late or delayed, or arrives late; one query per batch of anomalies, through the
index on the buyer's orders.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from orders import surges
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from tickets import batches, grading, rosters
from tickets.listening import tell
from tickets.models import Ticket
from tickets.routing import team_for

CODE = "repeat_victim"
DEPARTMENT = "front_line"
# What keeps a buyer waiting.
DELAYS = ["overdue", "not_shipped", "no_update", "no_first_scan", "stuck_in_transit", "customs_hold", "batch_event",
          "stock_out", "delivery_failed", "lost"]  # fmt: skip
ONCE = "(customer_id) WHERE closed_at IS NULL AND anomaly_code = 'repeat_victim' DO NOTHING"

# Of each buyer: whether each of the last three orders whose promise has come due was late, newest first, and how many
# orders are delayed now. A replayed shop knows only what has happened by its present.
_RECORD = """
    SELECT c.id, ARRAY(SELECT COALESCE(o.delivered_at, 'infinity') > o.promised_delivery_at FROM orders_order o
                       WHERE o.customer_id = c.id AND o.promised_delivery_at <= u.at AND o.cancelled_at IS NULL
                       ORDER BY o.promised_delivery_at DESC, o.id DESC LIMIT 3),
           -- The buyer's orders first, whatever the planner believes of anomalies that came in a burst: OFFSET 0 keeps
           -- it from beginning with all of theirs.
           (SELECT COUNT(*) FROM orders_order o WHERE o.customer_id = c.id AND EXISTS (
                SELECT 1 FROM orders_anomaly a WHERE a.order_id = o.id AND a.closed_at IS NULL
                AND a.state <> 'suspected' AND a.code = ANY(%s) OFFSET 0))
    FROM {source} JOIN orders_customer c ON c.id = u.id
    WHERE NOT EXISTS (SELECT 1 FROM tickets_ticket t WHERE t.customer_id = c.id AND t.anomaly_code = 'repeat_victim'
                      AND (t.closed_at IS NULL OR t.closed_at > u.at - interval '30 days'))
"""


class Buyer(NamedTuple):
    """Somebody whose order was delayed just now."""

    shop_id: int
    customer_id: int
    language: str
    at: datetime


def look_after(buyers: Sequence[Buyer]) -> int:
    """Open a care ticket for each of these buyers who has had more than his share; returns how many."""
    newest = {buyer.customer_id: buyer for buyer in buyers}
    if not newest:
        return 0
    source, parameters = bulk.unnest(
        {"id": Column("bigint", list(newest)), "at": Column("timestamptz", [each.at for each in newest.values()])}
    )
    with connection.cursor() as cursor:
        cursor.execute(_RECORD.format(source=source), [DELAYS, *parameters])
        records = {pk: (surges.late_in_a_row(late), delayed) for pk, late, delayed in cursor.fetchall()}
    victims = [(newest[pk], *record) for pk, record in sorted(records.items()) if surges.is_repeat_victim(*record)]
    return _open(victims, team_for(DEPARTMENT, rosters.teams())) if victims else 0


def _open(victims: Sequence[tuple[Buyer, int, int]], team_id: int | None) -> int:
    tickets = [_ticket(buyer, late, delayed, team_id) for buyer, late, delayed in victims]
    fresh = batches.insert(tickets, conflict=ONCE, key="customer_id")
    data: list[dict[str, Any]] = [{"code": CODE, "grade": ticket.grade, "team": team_id} for ticket in fresh]
    tell(batches.record(fresh, "opened", data))
    return len(fresh)


def _ticket(buyer: Buyer, late: int, delayed: int, team_id: int | None) -> Ticket:
    factors = [
        grading.Factor("severity", 0, {"grade": grading.HIGH}).data(),
        grading.Factor("repeat_victim", 0, {"late": late, "delayed": delayed}).data(),
    ]
    return batches.draft(
        shop_id=buyer.shop_id, customer_id=buyer.customer_id, anomaly_code=CODE, kind=Ticket.Kind.COMPLAINT,
        language=buyer.language, channel=Ticket.Channel.DETECTOR, grade=grading.HIGH, grade_factors=factors,
        team_id=team_id, holder=DEPARTMENT, opened_at=buyer.at, updated_at=buyer.at,
    )  # fmt: skip
