"""Rows that leave the house."""

from ticketdesk.outbox.models.answered import AnsweredCall
from ticketdesk.outbox.models.delivery import Delivery
from ticketdesk.outbox.models.heartbeat import Heartbeat

__all__ = ["AnsweredCall", "Delivery", "Heartbeat"]
