"""Opening a ticket that a person or a gateway reports."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from orders.models import Customer, Order, Shop
from ticketdesk.accounts.models import Team, User
from tickets import grading, valuing
from tickets.listening import tell
from tickets.models import Message, Ticket, TicketEvent

SEVERITY_OF_KIND = {
    Ticket.Kind.COMPLAINT: grading.HIGH,
    Ticket.Kind.INTERNAL: grading.WATCH,
}


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What a person or a gateway tells us when opening a ticket."""

    shop: Shop
    kind: str
    channel: str
    subject: str
    body: str = ""
    order: Order | None = None
    customer: Customer | None = None
    language: str = ""
    external_id: str | None = None
    grade: int | None = None
    team: Team | None = None


@transaction.atomic
def open_ticket(*, new: NewTicket, by: User | None, now: datetime) -> Ticket:
    """Open a ticket that somebody reports. A gateway's `external_id` seen before returns the ticket opened then."""
    if new.external_id and (known := _of_gateway(new)):
        return known
    customer = new.customer or (new.order.customer if new.order else None)
    grade = grading.grade(_circumstances(new, customer, now))
    value = new.grade or grade.value
    ticket = Ticket(
        shop=new.shop, order=new.order, customer=customer, kind=new.kind, channel=new.channel, subject=new.subject,
        language=new.language or (customer.language if customer else "") or new.shop.language,
        external_id=new.external_id, grade=value, grade_factors=grade.data(), team=new.team or _front_line(),
        opened_at=now, updated_at=now,
    )  # fmt: skip
    if by is not None and by.acting_key is None and new.team is None and by.role == "agent":
        ticket.assignee = by
    try:
        with transaction.atomic():
            ticket.save(force_insert=True)
    except IntegrityError:
        if new.external_id and (known := _of_gateway(new)):
            return known
        raise
    valuing.mark(ticket, valuing.losses_of([ticket.pk], now)[ticket.pk])
    valuing.write([ticket])
    opened = TicketEvent.objects.create(
        ticket=ticket, kind="opened", actor=by, at=now, data={"channel": new.channel, "grade": value}
    )
    if new.body:
        by_customer = new.channel not in (Ticket.Channel.INTERNAL, Ticket.Channel.PHONE)
        Message.objects.create(
            ticket=ticket, kind=Message.Kind.CUSTOMER if by_customer else Message.Kind.NOTE,
            author=None if by_customer else by, body=new.body, at=now,
        )  # fmt: skip
    tell([(ticket, [opened])])
    return ticket


def _of_gateway(new: NewTicket) -> Ticket | None:
    return Ticket.objects.filter(shop=new.shop, channel=new.channel, external_id=new.external_id).first()


def _circumstances(new: NewTicket, customer: Customer | None, now: datetime) -> grading.Circumstances:
    promise = new.order.promised_delivery_at if new.order and not new.order.is_over else None
    return grading.Circumstances(
        severity=SEVERITY_OF_KIND.get(Ticket.Kind(new.kind), grading.NORMAL),
        vip=bool(customer and customer.is_vip),
        value=new.order.total if new.order else Decimal(0),
        high_value=new.shop.high_value,
        promise_broken=promise is not None and promise <= now,
        kind=new.kind,
        channel=new.channel,
    )


def _front_line() -> Team | None:
    return Team.objects.filter(department="front_line").order_by("id").first()
