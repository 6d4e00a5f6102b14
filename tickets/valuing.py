"""What tickets may cost the shop: losses.py with this desk's figures, for tickets as they stand in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from ticketdesk.outbox.heartbeat import beat
from tickets import losses
from tickets.lifecycle import LIVE
from tickets.models import Ticket

BATCH = 1000
# "overdue" is the broken promise itself: its probability knows.
ABOUT_THE_PROMISE = frozenset({"overdue"})
# An anomaly's own forecast: few of them have one, and the others' evidence need not travel.
FORECAST = "CASE WHEN a.code = 'predicted_late' THEN a.params || a.evidence END"
REPEAT_VICTIM = """EXISTS (SELECT 1 FROM tickets_ticket v WHERE v.customer_id = o.customer_id
                           AND v.anomaly_code = 'repeat_victim' AND v.closed_at IS NULL)"""
_FACTS = f"""
    SELECT t.id, t.anomaly_code, t.kind, t.channel, COALESCE(o.total, 0), COALESCE(o.currency, ''),
           COALESCE(o.channel, ''), COALESCE(c.tier = 'vip', false), {REPEAT_VICTIM.replace("o.customer_id", "c.id")},
           COALESCE(o.promised_delivery_at <= COALESCE(s.present_at, %s) AND o.delivered_at IS NULL
                    AND o.cancelled_at IS NULL, false), t.cause_cleared_at IS NOT NULL, {FORECAST}
    FROM tickets_ticket t JOIN orders_shop s ON s.id = t.shop_id LEFT JOIN orders_order o ON o.id = t.order_id
    LEFT JOIN orders_customer c ON c.id = t.customer_id LEFT JOIN orders_anomaly a ON a.id = t.anomaly_id
    WHERE t.id = ANY(%s)
"""
# An incident's ticket stands for those of all its orders.
_CHILDREN = """
    SELECT t.parent_id, SUM(t.expected_loss), COUNT(*) FROM tickets_ticket t
    WHERE t.parent_id = ANY(%s) AND t.muted AND t.status IN %s GROUP BY 1
"""


@cache
def table() -> losses.Table:
    """The desk's figures: those that come with it, and LOSSES_FILE over them. ValueError for a file that is wrong."""
    own = [Path(settings.LOSSES_FILE)] if settings.LOSSES_FILE else []
    return losses.read(losses.DEFAULTS, *own)


def expected(case: losses.Circumstances) -> losses.Loss:
    """The expected loss by this desk's figures."""
    return losses.expected(case, table())


def mark(ticket: Ticket, loss: losses.Loss) -> bool:
    """Put it on the ticket, which is not saved; whether the amount is another one than before."""
    changed = ticket.expected_loss != loss.amount
    ticket.expected_loss, ticket.loss_factors = loss.amount, loss.data()
    return changed


def losses_of(ticket_ids: Sequence[int], now: datetime) -> dict[int, losses.Loss]:
    """What each of these tickets may cost, as its order, buyer and anomaly stand; two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [now, list(ticket_ids)])
        rows = cursor.fetchall()
        cursor.execute(_CHILDREN, [list(ticket_ids), LIVE])
        children = {pk: (total, number) for pk, total, number in cursor.fetchall()}
    found = {}
    for pk, code, kind, channel, value, currency, sold_by, vip, victim, broken, over, facts in rows:
        if pk in children:
            found[pk] = _together(*children[pk])
            continue
        found[pk] = expected(
            losses.Circumstances(
                code, kind, value, currency, (sold_by, channel), vip, victim, broken and code not in ABOUT_THE_PROMISE,
                over, losses.forecast(facts),
            )
        )  # fmt: skip
    return found


def _together(total: Decimal, number: int) -> losses.Loss:
    amount = min(max(total, Decimal("0.01")), Decimal(str(table().cap)))
    return losses.Loss(amount, (losses.Factor("children", float(amount), {"count": number, "base": table().base}),))


@transaction.atomic
def revalue(ticket_ids: Sequence[int], now: datetime) -> int:
    """Value these tickets anew where they stand; returns how many. No event: nobody did anything to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM tickets_ticket WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(ticket_ids)]
        )
    return _write(losses_of(ticket_ids, now))


def write(tickets: Sequence[Ticket]) -> None:
    """Save what `mark` put on these locked tickets, and nothing else of them; one statement."""
    _write_columns(
        [ticket.pk for ticket in tickets],
        [ticket.expected_loss for ticket in tickets],
        [ticket.loss_factors for ticket in tickets],
    )


def _write(found: Mapping[int, losses.Loss]) -> int:
    _write_columns(list(found), [loss.amount for loss in found.values()], [loss.data() for loss in found.values()])
    return len(found)


def _write_columns(ids: list[int], amounts: list[Decimal], factors: list[list[dict[str, object]]]) -> None:
    if not ids:
        return
    source, parameters = bulk.unnest(
        {"id": Column("bigint", ids), "loss": Column("numeric", amounts), "factors": Column("jsonb", factors)}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE tickets_ticket t SET expected_loss = u.loss, loss_factors = u.factors FROM {source}
                WHERE t.id = u.id AND (t.expected_loss, t.loss_factors) IS DISTINCT FROM (u.loss, u.factors)""",
            parameters,
        )


def sweep_until_idle(*, now: datetime | None = None) -> int:
    """Value live tickets that have no value yet, and those of incidents, whose orders change; returns how many."""
    beat("losses")
    now = now or timezone.now()
    valued = 0
    while found := list(Ticket.objects.live().filter(expected_loss=0).values_list("pk", flat=True)[:BATCH]):
        valued += revalue(found, now)
    parents = list(Ticket.objects.live().filter(incident__isnull=False).values_list("pk", flat=True))
    return valued + (revalue(parents, now) if parents else 0)


def revalue_all(*, now: datetime | None = None, batch: int = BATCH) -> int:
    """Value every live ticket anew, after the figures have changed; returns how many."""
    now = now or timezone.now()
    valued = last = 0
    live = Ticket.objects.filter(status__in=LIVE).order_by("pk").values_list("pk", flat=True)
    while found := list(live.filter(pk__gt=last)[:batch]):
        valued, last = valued + revalue(found, now), found[-1]
    return valued
