"""A fortnight played through: parcels' stories are told, the sweeps run when something is due, people do their work.

Nothing is written here but through services, each given the moment at which it happens.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from orders.models import Order, Shipment, Shop
from orders.projection import Scan
from orders.services import sweep as judging
from orders.services.tracking import record_many
from sla import services as clocks
from sla.models import Clock, Metric
from ticketdesk.demo.desk import Desk, Thread
from ticketdesk.demo.hands import Hands
from ticketdesk.demo.letters import Post
from ticketdesk.demo.moments import hours, minutes
from ticketdesk.demo.orders import scans
from ticketdesk.demo.plan import HISTORY, ParcelPlan, told_at_once
from ticketdesk.demo.roster import Roster
from ticketdesk.outbox.models import Delivery
from tickets import intake, services
from tickets.models import Ticket, TicketEvent
from tickets.services import NewTicket

LATELY = hours(30)
LOOKS_EVERY, LOOKS_LATELY = minutes(30), minutes(6)
"""How long after something is due it is looked at, so that what is due together is taken together."""
ASKS_EVERY, ASKS_LATELY = hours(3), minutes(12)
"""How often carriers are asked for news."""
Told = dict[int, dict[int, list[Scan]]]
"""Scans by shop and parcel."""
UNREAD = hours(8)
"""Older notices have been read."""
# Rows of the past are passed over by the bound: in one long transaction their old versions stay in the indexes.
NEXT = """
    SELECT (SELECT MIN(due_at) FROM orders_orderdue WHERE shop_id = ANY(%(shops)s) AND due_at > %(bound)s),
           (SELECT MIN(call_back_at) FROM tickets_ticket WHERE shop_id = ANY(%(shops)s) AND call_back_at > %(bound)s),
           (SELECT MIN(next_fire_at) FROM sla_clock WHERE shop_id = ANY(%(shops)s) AND next_fire_at > %(bound)s)
"""
SWEPT = hours(3)
"""What was due so long ago has been taken for certain."""
# In the order of the columns of NEXT.
SWEEPS: dict[str, Callable[..., object]] = {
    "orders": judging.sweep_until_idle, "call-backs": services.wake_waiting, "clocks": clocks.sweep,
}  # fmt: skip


class History:
    """Plays a plan up to its present."""

    def __init__(self, now: datetime, shops: Iterable[Shop], roster: Roster, seed: int) -> None:
        self.now, self.roster = now, roster
        self.shops = [shop.pk for shop in shops]
        self.events: list[tuple[datetime, int, Callable[[datetime], object]]] = []
        self.numbers = count()
        self.desk = Desk(Hands(roster), seed, now, self._call)
        self.order_of = {order.external_no: order for order in self._orders()}
        self.played: set[int] = set()
        self.last_event = _last_id(TicketEvent)
        self.last_notice = _last_id(Delivery)
        self.noticed_at: datetime | None = None
        self.swept_at = now - 3 * HISTORY

    def _orders(self) -> QuerySet[Order]:
        return Order.objects.filter(shop__in=self.shops).select_related("shop", "customer")

    def tell(self, parcels: Sequence[ParcelPlan], shipments: Sequence[Shipment]) -> None:
        """Have the parcels' stories told: at once where nothing is worth watching, else each chapter at its end."""
        at_once: Told = defaultdict(lambda: defaultdict(list))
        by_turn: dict[datetime, Told] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
        for parcel, shipment in zip(parcels, shipments, strict=True):
            for chapter in parcel.chapters:
                told = at_once if told_at_once(parcel) else by_turn[self._asked_at(chapter[-1][0], shipment.shop_id)]
                told[shipment.shop_id][shipment.pk] += scans(chapter)
        for shop_id, stories in at_once.items():
            record_many(shop_id=shop_id, told=stories, now=self.now)
        for at, told in by_turn.items():
            self._at(at, partial(self._told, told))

    def expect(self, letters: Iterable[Post]) -> None:
        """Have these letters and calls come in."""
        for letter in letters:
            self._at(letter.at, partial(self._comes, letter))

    def happen(self, at: datetime, do: Callable[[datetime], object]) -> None:
        """Have something else happen through a service; what it finds wrong becomes tickets."""

        def happens(now: datetime) -> None:
            do(now)
            self._take_in(now)

        self._at(at, happens)

    def play(self) -> None:
        """Let everything happen, in order, until the present. RuntimeError when a sweep leaves its work undone."""
        due, looked_at, stuck = self._due(), self.now - 2 * HISTORY, 0
        while True:
            event_at = self.events[0][0] if self.events else self.now
            lag = LOOKS_EVERY if self.now - event_at > LATELY else LOOKS_LATELY
            if event_at - looked_at > lag:
                due, looked_at = self._due(), event_at
            earliest = min(due.values(), default=None)
            if earliest is not None and earliest <= event_at:
                at = max(earliest, min(earliest + lag, event_at))
                self._sweep(at, due)
                due = self._due()
                stuck = stuck + 1 if min(due.values(), default=None) == earliest else 0
                if stuck > 3:
                    raise RuntimeError(f"what was due at {earliest} is due again and again")
            elif self.events:
                at, _, happen = heapq.heappop(self.events)
                happen(at)
            else:
                break
            self._date_notices(at)
        self._take_in(self.now)
        self._date_notices(self.now, last=True)

    # -- what happens ------------------------------------------------------------------------------------------------

    def _at(self, at: datetime, happen: Callable[[datetime], object]) -> None:
        if at <= self.now:
            heapq.heappush(self.events, (at.replace(microsecond=0), next(self.numbers), happen))

    def _call(self, at: datetime, thread: Thread) -> None:
        self._at(at, partial(self.desk.go_on, thread, thread.turn))

    def _asked_at(self, at: datetime, shop_id: int) -> datetime:
        """When the carriers of a shop are next asked after `at`: every few hours, lately every few minutes."""
        every = ASKS_EVERY if self.now - at > LATELY else ASKS_LATELY
        begin = self.now - HISTORY * 3 + minutes(37 * shop_id % 60)
        return min(begin + -((begin - at) // every) * every, self.now)

    def _told(self, told: Told, now: datetime) -> None:
        for shop_id, stories in told.items():
            record_many(shop_id=shop_id, told=stories, now=now)
        self._take_in(now)

    def _comes(self, post: Post, now: datetime) -> None:
        order, letter = self.order_of[post.order.number], post.letter
        phoned = letter.channel == Ticket.Channel.PHONE
        agent = self.roster.on_the_phone(order.shop.language, now) if phoned else None
        new = NewTicket(
            shop=order.shop, kind=letter.kind, channel=letter.channel, subject=letter.subject, body=letter.body,
            order=order, customer=order.customer, grade=post.grade,
        )  # fmt: skip
        ticket = services.open_ticket(new=new, by=agent, now=now)
        if post.steps is not None:
            self.played.add(ticket.pk)
            self.desk.play(ticket, post.steps)
        self._hear(now)

    def _due(self) -> dict[str, datetime]:
        with connection.cursor() as cursor:
            cursor.execute(NEXT, {"bound": self.swept_at - SWEPT, "shops": self.shops})
            return {name: at for name, at in zip(SWEEPS, cursor.fetchone(), strict=True) if at is not None}

    def _sweep(self, at: datetime, due: dict[str, datetime]) -> None:
        self.swept_at = at
        for name, sweep in SWEEPS.items():
            if name in due and due[name] <= at:
                sweep(now=at)
                if name == "orders":
                    self._take_in(at)
                elif name == "call-backs":
                    self._hear(at)

    def _take_in(self, at: datetime) -> None:
        """Anomalies become tickets."""
        intake.take_in()
        self._hear(at)

    def _hear(self, at: datetime) -> None:
        fresh = TicketEvent.objects.filter(pk__gt=self.last_event, ticket__shop__in=self.shops).order_by("pk")
        news: list[Any] = list(fresh.values_list("pk", "kind", "ticket_id", "actor"))
        if not news:
            return
        self.last_event = news[-1][0]
        self._meet([ticket_id for _, kind, ticket_id, _ in news if kind == "opened"])
        for _, kind, ticket_id, actor in news:
            if actor is None and kind != "escalate":  # a tier is nothing that the desk goes by
                self.desk.forget(ticket_id)
            if kind == "cause_cleared":
                self.desk.cause_cleared(ticket_id, at)
            elif kind == "anomaly_again":
                self.desk.found_again(ticket_id, at)

    def _meet(self, ticket_ids: Sequence[int]) -> None:
        if not ticket_ids:
            return
        clocks_of = Clock.objects.filter(ticket__in=ticket_ids, metric=Metric.FIRST_RESPONSE)
        targets = dict(clocks_of.values_list("ticket_id", "target_s"))
        for ticket in Ticket.objects.filter(pk__in=ticket_ids).select_related("shop", "order").order_by("pk"):
            if ticket.pk not in self.played:
                self.desk.meet(ticket, targets.get(ticket.pk, 0))

    def _date_notices(self, at: datetime, *, last: bool = False) -> None:
        """Notices are written with the clock's time; here they are given that of their cause, a few hours at a time."""
        self.noticed_at = self.noticed_at or at
        if not last and at - self.noticed_at < hours(4):
            return
        fresh = Delivery.objects.filter(pk__gt=self.last_notice)
        # Nobody gets mail about the past.
        fresh.filter(channel=Delivery.Channel.EMAIL).delete()
        seen = None if self.now - at < UNREAD else at
        fresh.update(created_at=at, read_at=seen)
        self.last_notice, self.noticed_at = _last_id(Delivery), at


def _last_id(model: type[TicketEvent] | type[Delivery]) -> int:
    return model._default_manager.order_by("-id").values_list("id", flat=True).first() or 0
