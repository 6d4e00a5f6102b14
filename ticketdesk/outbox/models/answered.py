"""Answers given to calls that other systems may repeat."""

from django.db import models
from django.db.models.functions import Now


class AnsweredCall(models.Model):
    """The answer to a call that carried an Idempotency-Key, written in the transaction of its effect."""

    principal = models.CharField(max_length=40, help_text="Whose key it is: key:<id> or user:<id>.")
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32, help_text="SHA-256 of method, address and body.")
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["principal", "key"], name="call_answered_once")]
        indexes = [models.Index(fields=["created_at"], name="call_oldest")]

    def __str__(self) -> str:
        return f"{self.key} of {self.principal}"
