"""A notice to one reader over one channel."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Delivery(models.Model):
    """One notice; `dedupe_key` makes it unique, so a repeated cause tells nobody twice.

    In-app notices are delivered by being written. All others are sent by the sweep, which takes rows whose
    `next_try_at` has come; NULL means done, given up, or waiting to go out with another one.

    `audience` says who reads it. A "user" is the recipient, who finds text and path in the row. For any other audience
    the row holds no address and no words: settings.OUTBOX_COMPOSERS names the function that finds both when it is sent.
    """

    class Channel(models.TextChoices):
        INAPP = "inapp"
        EMAIL = "email"
        WEBHOOK = "webhook"

    class State(models.TextChoices):
        WAITING = "waiting"
        COLLECTED = "collected"  # goes out with the next digest
        SENT = "sent"
        SKIPPED = "skipped"
        DEAD = "dead"

    dedupe_key = models.CharField(max_length=200, unique=True)
    audience = models.CharField(max_length=16, default="user", db_default="user")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="deliveries"
    )
    about_id = models.BigIntegerField(null=True, blank=True, help_text="What it is about, known to the composer.")
    channel = models.CharField(max_length=16, choices=Channel)
    kind = models.CharField(max_length=64)
    # What the recipient reads: an English msgid with {named} gaps, translated for the reader, and its values.
    text = models.CharField(max_length=300, blank=True)
    params = models.JSONField(default=dict)
    path = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, help_text="Why it failed, was put off or was not sent.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audience="user", recipient__isnull=False)
                | (~Q(audience="user") & Q(recipient__isnull=True, about_id__isnull=False)),
                name="delivery_has_a_reader",
            )
        ]
        indexes = [
            models.Index(fields=["next_try_at"], name="delivery_due", condition=Q(next_try_at__isnull=False)),
            models.Index(fields=["recipient", "-created_at"], name="delivery_inbox"),
            models.Index(fields=["audience", "about_id"], name="delivery_about", condition=Q(about_id__isnull=False)),
            models.Index(fields=["audience", "-id"], name="delivery_newest", condition=Q(about_id__isnull=False)),
            models.Index(
                fields=["audience", "state", "-id"], name="delivery_by_state", condition=Q(about_id__isnull=False)
            ),
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id or self.audience} by {self.channel}"
