"""One import of files, with its progress and its result."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from orders.models.shop import Shop


class ImportRun(models.Model):
    """Files being read into a shop. `position` is the last row that is safely stored, so a killed run goes on there."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="imports")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    mapping = models.SlugField()
    files = models.JSONField(default=list, help_text="Stored path, original name, size and SHA-256 of each file.")
    dry_run = models.BooleanField(default=False)
    present_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    position = models.JSONField(default=dict, help_text="File number and row that is safely stored.")
    rows_total = models.PositiveIntegerField(null=True)
    rows_read = models.PositiveIntegerField(default=0)
    rows_rejected = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    rejected_path = models.CharField(max_length=300, blank=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="import_waiting", condition=models.Q(state__in=["waiting", "running"]))
        ]

    def __str__(self) -> str:
        return f"import {self.pk} ({self.mapping})"
