"""People's work: tickets, what was said and done on them, hand-overs, templates."""

from tickets.models.handover import Handover
from tickets.models.message import Message
from tickets.models.template import Template
from tickets.models.ticket import Ticket, TicketEvent

__all__ = ["Handover", "Message", "Template", "Ticket", "TicketEvent"]
