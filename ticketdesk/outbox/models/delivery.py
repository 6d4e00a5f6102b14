"""A notice to one person over one channel."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Delivery(models.Model):
    """One notice; `dedupe_key` makes it unique, so a repeated cause tells nobody twice.

    In-app notices are delivered by being written. E-mail is sent by the sweep, which takes rows whose `next_try_at`
    has come; NULL means done or given up.
    """

    class Channel(models.TextChoices):
        INAPP = "inapp"
        EMAIL = "email"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        DEAD = "dead"

    dedupe_key = models.CharField(max_length=200, unique=True)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=16, choices=Channel)
    kind = models.CharField(max_length=64)
    # What the recipient reads: an English msgid with {named} gaps, translated for the reader, and its values.
    text = models.CharField(max_length=300)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["next_try_at"], name="delivery_due", condition=models.Q(next_try_at__isnull=False)),
            models.Index(fields=["recipient", "-created_at"], name="delivery_inbox"),
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id} by {self.channel}"
