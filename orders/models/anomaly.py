"""What is wrong with an order, with its evidence."""

from django.db import models
from django.db.models import Q

from orders.models.order import Order
from orders.models.shipment import Shipment
from orders.models.shop import Shop


class Anomaly(models.Model):
    """One thing found wrong by a detector; open until it clears by itself or somebody resolves it."""

    class State(models.TextChoices):
        OPEN = "open"
        CLEARED = "cleared"
        RESOLVED = "resolved"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="anomalies", db_index=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="anomalies", db_index=False)
    shipment = models.ForeignKey(Shipment, models.CASCADE, null=True, blank=True, related_name="anomalies")
    code = models.SlugField(max_length=40, db_index=False)
    leg = models.CharField(max_length=16, default="outbound")
    grade = models.PositiveSmallIntegerField()
    department = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    since = models.DateTimeField(help_text="From this moment on it was true.")
    opened_at = models.DateTimeField(help_text="When it was found, in the shop's present.")
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=40, blank=True)
    # One sentence of why: an English msgid with {named} gaps, and its values; translated for whoever reads it.
    why = models.CharField(max_length=300)
    params = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "code", "shipment", "leg"],
                name="anomaly_open_once",
                condition=Q(closed_at__isnull=True),
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(grade__range=(1, 4)), name="anomaly_grade"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="anomaly_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="anomaly_of_order"),
            models.Index(fields=["-opened_at", "-id"], name="anomaly_newest"),
            models.Index(fields=["code", "-opened_at", "-id"], name="anomaly_newest_of_code"),
        ]
        verbose_name_plural = "anomalies"

    def __str__(self) -> str:
        return f"{self.code} on order {self.order_id}"


class AnomalyChange(models.Model):
    """An anomaly opened, regraded or cleared, waiting to be taken in by whoever works on it; taken rows are deleted."""

    class Kind(models.TextChoices):
        OPENED = "opened"
        REGRADED = "regraded"
        CLEARED = "cleared"

    anomaly = models.ForeignKey(Anomaly, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=16, choices=Kind)
    at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True, help_text="Taking it in failed; it rests until then.")

    def __str__(self) -> str:
        return f"anomaly {self.anomaly_id} {self.kind}"
