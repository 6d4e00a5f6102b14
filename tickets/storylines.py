"""What tickets add to the time line of an order."""

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext

from orders.models import Order
from orders.story import Line
from ticketdesk.accounts.models import User
from tickets import access, wording
from tickets.models import Message, Ticket

MOST_TICKETS, MOST_MESSAGES, LONGEST = 50, 200, 180


def lines_of_order(user: User, order: Order) -> list[Line]:
    """The order's tickets that this person may see, and what was said on them; two queries."""
    tickets = list(access.visible_to(user).filter(order=order).select_related("anomaly").order_by("-pk")[:MOST_TICKETS])
    if not tickets:
        return []
    by_id = {ticket.pk: ticket for ticket in tickets}
    messages = Message.objects.filter(ticket__in=by_id).select_related("author").order_by("-pk")[:MOST_MESSAGES]
    return [line for ticket in tickets for line in _ticket(ticket)] + [_message(each, order) for each in messages]


def _ticket(ticket: Ticket) -> list[Line]:
    href, name = reverse("ticket", args=[ticket.pk]), f"#{ticket.pk} {wording.title(ticket)}"
    lines = [Line(ticket.opened_at, "ticket", name, ticket.get_channel_display(), href=href)]
    if ticket.solved_at is not None:
        lines.append(
            Line(ticket.solved_at, "ticket", gettext("Solved: {what}").format(what=name), href=href, tone="good")
        )
    return lines


def _message(message: Message, order: Order) -> Line:
    titles = {
        Message.Kind.CUSTOMER: gettext("The buyer wrote"),
        Message.Kind.REPLY: gettext("We answered the buyer"),
        Message.Kind.NOTE: gettext("Note for colleagues"),
    }
    return Line(
        message.at,
        "message",
        f"{titles[Message.Kind(message.kind)]} · #{message.ticket_id}",
        Truncator(message.body).chars(LONGEST),
        href=reverse("ticket", args=[message.ticket_id]),
        who=str(message.author) if message.author_id else "",
        lang=message.language,
    )
