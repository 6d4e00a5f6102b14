"""What is wrong with an order, with its evidence, and everything that happened to it since it was found."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.shipment import Shipment
from orders.models.shop import Shop

OVER = ("cleared", "resolved")


class Anomaly(models.Model):
    """One thing found wrong by a detector or told by somebody; open until it clears by itself or is resolved."""

    class State(models.TextChoices):
        SUSPECTED = "suspected"
        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        REOPENED = "reopened"
        CLEARED = "cleared"
        RESOLVED = "resolved"

    class Verdict(models.TextChoices):
        REAL = "real"
        FALSE_ALARM = "false"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="anomalies", db_index=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="anomalies", db_index=False)
    shipment = models.ForeignKey(Shipment, models.CASCADE, null=True, blank=True, related_name="anomalies")
    code = models.SlugField(max_length=40, db_index=False)
    leg = models.CharField(max_length=16, default="outbound")
    grade = models.PositiveSmallIntegerField()
    department = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN, help_text="Suspected: in shadow mode.")
    since = models.DateTimeField(help_text="From this moment on it was true.")
    opened_at = models.DateTimeField(help_text="When it was found, in the shop's present.")
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=40, blank=True)
    # One sentence of why: an English msgid with {named} gaps, and its values; translated for whoever reads it.
    why = models.CharField(max_length=300)
    params = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)
    limits = models.JSONField(null=True, blank=True, help_text="Thresholds used: name to [seconds, setting's id].")
    proof = models.JSONField(null=True, blank=True, help_text="What cleared it: which scan or fact, when, where.")
    suppressed_by = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+", db_index=False,
        help_text="The graver anomaly of the same parcel that took its place.",
    )  # fmt: skip
    reopened = models.PositiveSmallIntegerField(default=0, db_default=0)
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True, default="", db_default="")
    verdict_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    verdict_at = models.DateTimeField(null=True, blank=True)

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
                condition=(Q(state__in=OVER) & Q(closed_at__isnull=False))
                | (~Q(state__in=OVER) & Q(closed_at__isnull=True)),
                name="anomaly_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="anomaly_of_order"),
            models.Index(fields=["-opened_at", "-id"], name="anomaly_newest"),
            models.Index(fields=["code", "-opened_at", "-id"], name="anomaly_newest_of_code"),
            models.Index(fields=["-opened_at", "-id"], name="anomaly_newest_open", condition=Q(closed_at=None)),
        ]
        verbose_name_plural = "anomalies"

    def __str__(self) -> str:
        return f"{self.code} on order {self.order_id}"

    @property
    def is_over(self) -> bool:
        """Cleared by itself or resolved by hand."""
        return self.closed_at is not None


class AnomalyChange(models.Model):
    """An anomaly opened, regraded or cleared, waiting to be taken in by whoever works on it; taken rows are deleted."""

    class Kind(models.TextChoices):
        OPENED = "opened"
        REGRADED = "regraded"
        CLEARED = "cleared"
        REOPENED = "reopened"

    anomaly = models.ForeignKey(Anomaly, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=16, choices=Kind)
    at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True, help_text="Taking it in failed; it rests until then.")

    def __str__(self) -> str:
        return f"anomaly {self.anomaly_id} {self.kind}"


class AnomalyEvent(models.Model):
    """What happened to an anomaly: opened, suspected, regraded, acknowledged, resolved, cleared, reopened, verdict.

    Rows are only ever added; a trigger refuses to change one.
    """

    anomaly = models.ForeignKey(Anomaly, models.CASCADE, related_name="events", db_index=False)
    kind = models.CharField(max_length=16)
    at = models.DateTimeField(help_text="When it happened, in the shop's present.")
    recorded_at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["anomaly", "id"], name="event_of_anomaly")]

    def __str__(self) -> str:
        return f"anomaly {self.anomaly_id} {self.kind}"


class SavedView(models.Model):
    """A list's filters under a name, for one person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    page = models.SlugField(max_length=20, db_index=False, help_text="Which list.")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True, help_text="The filters, as in the page's address.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="saved_view_once")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Walk(models.Model):
    """A walk over a shop's orders in the background, in steps: it goes on where it was when its worker dies."""

    class Kind(models.TextChoices):
        REARM = "rearm"
        CHECK = "check"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="walks", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind)
    detector = models.SlugField(max_length=40, blank=True, db_index=False, help_text="Whose limits changed.")
    until = models.BigIntegerField(help_text="The last order there was when it began.")
    cursor = models.BigIntegerField(default=0, help_text="The last order that was looked at.")
    total = models.PositiveIntegerField(default=0, help_text="Orders to look at, as counted when it began.")
    done = models.PositiveIntegerField(default=0)
    differences = models.PositiveIntegerField(default=0, help_text="Orders that were armed too late, or not at all.")
    longest_s = models.FloatField(default=0, help_text="The longest step: for so long its orders were locked.")
    failed = models.CharField(max_length=200, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="walk_open", condition=Q(ended_at=None)),
            models.Index(fields=["shop", "kind", "-id"], name="walk_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of shop {self.shop_id}: {self.done} of {self.total}"

    @property
    def percent(self) -> int:
        """How far it has come."""
        if self.ended_at is not None:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0
