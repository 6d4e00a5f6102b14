"""What ticket events do to clocks, in the transaction that wrote them: see sla.cases for what each of them does."""

import logging
from collections.abc import Callable, Sequence
from functools import cache

from django.db import connection

from sla import ledger, notices
from sla.cases import Case
from sla.versions import Current, NotSetUp, current
from tickets.listening import Pair
from tickets.services import set_deadlines

log = logging.getLogger(__name__)


def on_ticket_events(pairs: Sequence[Pair]) -> None:
    """Start, pause, resume, retarget, stop and cancel clocks, and write the tickets' deadlines.

    A constant number of statements however many pairs there are. The caller holds the tickets' locks.
    """
    try:
        versions = current({ticket.shop_id for ticket, _ in pairs})
    except NotSetUp:
        # A ticket without clocks can be worked on; a ticket that could not be opened would be lost.
        log.error("Tickets go without clocks: no SLA policy is set up. Run: manage.py setup_defaults")
        return
    cases = _cases(pairs, versions)
    for ticket, events in pairs:
        for event in events:
            cases[ticket.pk].take(event)
    _write([case for case in cases.values() if case.touched])


def _cases(pairs: Sequence[Pair], versions: Current) -> dict[int, Case]:
    tickets = {ticket.pk: ticket for ticket, _ in pairs}
    known = ledger.load(tickets)
    is_vip = _vips([ticket.customer_id for ticket in tickets.values() if ticket.customer_id])
    return {pk: Case(ticket, known.get(pk, []), versions, is_vip) for pk, ticket in tickets.items()}


def _vips(customer_ids: Sequence[int]) -> Callable[[int | None], bool]:
    """Whether a customer is a VIP; asked of the database at most once, for all customers together."""

    @cache
    def vips() -> frozenset[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM orders_customer WHERE id = ANY(%s) AND tier = 'vip'", [list(customer_ids)])
            return frozenset(row[0] for row in cursor.fetchall())

    return lambda customer_id: customer_id is not None and customer_id in vips()


def _write(cases: Sequence[Case]) -> None:
    for case in cases:
        case.plan()
    touched = [row for case in cases for row in case.touched.values()]
    fresh, known = [row for row in touched if row.id is None], [row for row in touched if row.id is not None]
    ledger.insert(fresh)
    ledger.update(known)
    ledger.note([note for case in cases for note in case.notes])
    deadlines = [case.deadlines() for case in cases]
    set_deadlines(deadlines)
    for case, each in zip(cases, deadlines, strict=True):
        # The row in the caller's hands says what the table says.
        ticket = case.ticket
        ticket.respond_by, ticket.resolve_by = each.respond_by, each.resolve_by
        ticket.due_by, ticket.paused = each.due_by, each.paused
    notices.no_open_time({calendar_id for case in cases for calendar_id in case.shut})
