"""Many orders, one cause: what is counted per segment, and the incidents that come of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from orders.models.anomaly import Anomaly
from orders.models.order import Order
from orders.models.shop import Shop


class Segment(models.TextChoices):
    """By what orders and parcels are counted together, the narrowest first. The open ones among `key` are ids."""

    BATCH = "batch"
    """Parcels that travel in one container, master waybill or pallet; the key is that parcel's id."""
    HUB = "hub"
    CITY = "city"
    SKU = "sku"
    WAREHOUSE = "warehouse"
    LANE = "lane"
    REGION = "region"
    CARRIER = "carrier"
    FEED = "feed"
    """What one source tells; the key is the source's."""
    SHOP = "shop"


class SegmentHour(models.Model):
    """How many anomalies of one code were found in one segment in one hour, of these how many belong to an incident,
    and on how many distinct orders the others are. Hours without any have no row."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    code = models.SlugField(max_length=40, db_index=False)
    kind = models.CharField(max_length=16, choices=Segment)
    key = models.CharField(max_length=200, blank=True)
    hour = models.DateTimeField()
    x = models.PositiveIntegerField()
    held = models.PositiveIntegerField(default=0)
    orders = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "code", "kind", "key", "hour"], name="hour_of_segment"),
        ]
        indexes = [models.Index(fields=["shop", "hour"], name="segment_hour_of_shop")]

    def __str__(self) -> str:
        return f"{self.x} {self.code} in {self.kind} {self.key}"


class Exposure(models.Model):
    """How many orders were under way in a segment when it was last counted; those of few are not kept."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=Segment)
    key = models.CharField(max_length=200, blank=True)
    n = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "kind", "key"], name="exposure_of_segment")]

    def __str__(self) -> str:
        return f"{self.n} in {self.kind} {self.key}"


class SurgeLook(models.Model):
    """Up to where a shop's anomalies were counted and judged. Whoever looks holds this row."""

    shop = models.OneToOneField(Shop, models.CASCADE, primary_key=True, related_name="surge_look")
    watched_since = models.DateTimeField(help_text="The first hour that was counted.")
    seen_at = models.DateTimeField(help_text="The shop's present at the last look.")
    judged_to = models.DateTimeField(help_text="The last whole hour that was judged.")
    exposed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"shop {self.shop_id} until {self.seen_at:%Y-%m-%d %H:%M}"


class Incident(models.Model):
    """One cause behind many anomalies: open, quiet once nothing new comes, closed after three quiet hours."""

    class State(models.TextChoices):
        OPEN = "open"
        QUIET = "quiet"
        CLOSED = "closed"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="incidents", db_index=False)
    kind = models.CharField(max_length=16, choices=Segment)
    key = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=200, blank=True, help_text="The segment's own name, as its rows say it.")
    code = models.SlugField(max_length=40, db_index=False)
    department = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    cause = models.CharField(max_length=16, help_text="spike, shift, batch or silence.")
    evidence = models.JSONField(default=dict, help_text="The numbers that called it.")
    started_at = models.DateTimeField(help_text="What was found from then on belongs to it.")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    close_reason = models.CharField(max_length=24, blank=True)
    # [[ISO hour, found, expected]], oldest first; and the hours since it began: [{hour, x, expected, quiet}].
    series = models.JSONField(default=list)
    windows = models.JSONField(default=list)
    affected = models.PositiveIntegerField(default=0, help_text="Anomalies in it.")
    # What its buyers are told, by language; once it is sent it stays as it was.
    message = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    told_buyers = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "kind", "key", "code"], name="incident_open_once", condition=Q(closed_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="incident_closed_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], name="incident_newest"),
            models.Index(fields=["shop", "id"], name="incident_open_of_shop", condition=Q(closed_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.code} in {self.kind} {self.label or self.key}"

    @property
    def is_open(self) -> bool:
        """Whether what is found in its segment still belongs to it."""
        return self.closed_at is None


class Affected(models.Model):
    """An anomaly that belongs to an incident; it belongs to one only."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="members", db_index=False)
    anomaly = models.OneToOneField(Anomaly, models.CASCADE, related_name="affected")
    order = models.ForeignKey(Order, models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["incident", "id"], name="affected_of_incident")]

    def __str__(self) -> str:
        return f"anomaly {self.anomaly_id} in incident {self.incident_id}"


class IncidentChange(models.Model):
    """An incident opened, grew or closed, waiting to be taken in by whoever works on it; taken rows are deleted."""

    class Kind(models.TextChoices):
        OPENED = "opened"
        GREW = "grew"
        CLOSED = "closed"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"incident {self.incident_id} {self.kind}"
