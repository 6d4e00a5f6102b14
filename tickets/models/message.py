"""What was said on a ticket."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from tickets.models.ticket import Ticket


class Message(models.Model):
    """A reply to the customer, a note, or the customer's own words. `key` makes a repeated send one message."""

    class Kind(models.TextChoices):
        REPLY = "reply"
        NOTE = "note"
        CUSTOMER = "customer"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    body = models.TextField()
    language = models.CharField(max_length=16, blank=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    key = models.CharField(max_length=64, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "key"], name="message_once")]
        indexes = [models.Index(fields=["ticket", "id"], name="message_of_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} on #{self.ticket_id}"
