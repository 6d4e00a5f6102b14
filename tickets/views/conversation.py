"""What was said and done on a ticket, as one story; and the templates for what to say next."""

from dataclasses import dataclass
from datetime import datetime

from ticketdesk.accounts.models import User
from tickets import phrases, selectors, wording
from tickets.models import Message, Ticket

# These are told by the message itself.
SAID = frozenset({"reply", "note", "customer_message"})


@dataclass(frozen=True, slots=True)
class Line:
    """A message, or one thing that happened."""

    at: datetime
    order: int
    message: Message | None = None
    who: str = ""
    text: str = ""
    kind: str = ""

    @property
    def icon(self) -> str:
        """The icon of what happened."""
        return ICONS.get(self.kind, "zap")


ICONS = {
    "opened": "flag",
    "accept": "user-check",
    "assign": "user-plus",
    "wait": "hourglass",
    "resume": "history",
    "regrade": "arrow-up-down",
    "hand_over": "arrow-left-right",
    "answer": "corner-down-left",
    "call_back": "undo-2",
    "escalate": "shield-alert",
    "solve": "check",
    "close": "lock",
    "reopen": "rotate-ccw",
    "cause_cleared": "circle-check",
    "anomaly_again": "triangle-alert",
    "join_incident": "layers",
    "leave_incident": "undo-2",
    "plan_step": "check",
    "buyers_told": "send-horizontal",
}


def story(ticket: Ticket) -> list[Line]:
    """Messages and events, oldest first; at most four queries."""
    messages = ticket.messages.select_related("author").order_by("id")
    events = list(ticket.events.exclude(kind__in=SAID).select_related("actor").order_by("id"))
    names = wording.Names.of(events)
    lines = [Line(message.at, message.pk, message=message) for message in messages]
    lines += [
        Line(event.at, event.pk, who=str(event.actor or ""), text=wording.event_sentence(event, names), kind=event.kind)
        for event in events
    ]
    # What happened in the same second is told before what was said: a ticket is opened, then spoken about.
    return sorted(lines, key=lambda line: (line.at, line.message is not None, line.order))


def filled_templates(ticket: Ticket, agent: User, present: datetime) -> list[dict[str, str]]:
    """The reply templates in the customer's language, filled; two queries, three when that language has none."""
    found = list(selectors.templates_for(ticket, ticket.language)) or list(selectors.templates_for(ticket, "en"))
    texts = phrases.fill_all(found, ticket, agent, present)
    return [{"name": row.name, "text": text} for row, text in zip(found, texts, strict=True)]
