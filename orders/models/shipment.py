"""Parcels, what is in them, and what happened to them."""

from datetime import UTC

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast, Now, TruncMonth

from orders.models.order import Order, OrderLine
from orders.models.shop import Carrier, Shop

# The first day of the month, in UTC.
THIS_MONTH = Cast(TruncMonth(Now(), tzinfo=UTC), models.DateField())


class Shipment(models.Model):
    """One parcel under one tracking number. All status columns are the projection of its tracking events.

    Carriers recycle numbers: `generation` counts the uses of one number (see TrackingEvent for the facts themselves).
    """

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="shipments")
    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="shipments")
    number = models.CharField(max_length=64)
    number_norm = models.CharField(max_length=64, help_text="Upper case, without spaces and dashes.")
    generation = models.PositiveSmallIntegerField(default=1)
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    orders = models.ManyToManyField(Order, through="ShipmentItem", related_name="shipments")
    leg = models.CharField(max_length=16, default="outbound")
    status = models.CharField(max_length=24, default="not_found")
    sub_status = models.CharField(max_length=32, default="no_info")
    flags = models.CharField(max_length=3, blank=True, help_text="E exception, A act, T terminal")
    status_at = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True, help_text="When we were told that it was shipped.")
    picked_up_at = models.DateTimeField(null=True, blank=True)
    first_scan_at = models.DateTimeField(null=True, blank=True)
    last_scan_at = models.DateTimeField(null=True, blank=True)
    last_physical_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    eta_at = models.DateTimeField(null=True, blank=True)
    eta_day = models.DateField(null=True, blank=True, help_text="Set when only a local date is known; eta_at ends it.")
    heard_at = models.DateTimeField(null=True, blank=True, help_text="When the last scan first reached us.")
    status_heard_at = models.DateTimeField(null=True, blank=True, help_text="When the status first reached us.")
    place_since = models.DateTimeField(null=True, blank=True, help_text="Its first scan at `place`, on this visit.")
    proven = models.JSONField(null=True, blank=True, help_text="Scans that prove an anomaly: [code, at, status, text].")
    attempts = models.PositiveSmallIntegerField(default=0)
    place = models.CharField(max_length=120, blank=True)
    origin_country = models.CharField(max_length=2, blank=True)
    dest_country = models.CharField(max_length=2, blank=True)
    events_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    month = models.DateField(db_default=THIS_MONTH, help_text="Where its scans are stored; never changed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["carrier", "number_norm", "generation"], name="shipment_per_carrier")
        ]
        indexes = [
            models.Index(fields=["number_norm"], name="shipment_number"),
            models.Index(fields=["shop", "-id"], name="shipment_newest_of_shop"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def cross_border(self) -> bool:
        """Whether origin and destination countries are known and differ."""
        return bool(self.origin_country and self.dest_country and self.origin_country != self.dest_country)


class ShipmentItem(models.Model):
    """What of which order lies in a parcel: a parcel can hold several orders, an order can need several parcels."""

    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="items")
    order = models.ForeignKey(Order, models.CASCADE, related_name="shipment_items")
    line = models.ForeignKey(OrderLine, models.CASCADE, null=True, blank=True, related_name="shipment_items")
    qty = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: the whole line or order.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "order", "line"], name="item_of_shipment", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(qty__isnull=True) | Q(qty__gt=0), name="item_qty_positive"),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} in parcel {self.shipment_id}"


class TrackingEvent(models.Model):
    """One scan or message about a parcel. Rows are facts: never changed; withdrawn ones are marked.

    The table is partitioned by its parcel's month, so that the database's key (month, shipment, fingerprint) keeps a
    scan unique however late it is told again. Name the month where it is known: one partition is then looked at.
    """

    month = models.DateField()
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="events", db_index=False)
    fingerprint = models.BinaryField(max_length=16)
    occurred_at = models.DateTimeField()
    time_precision = models.CharField(max_length=8, default="second")
    tz_source = models.CharField(max_length=16, default="explicit")
    recorded_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(db_default=Now())
    source = models.CharField(max_length=32)
    provider_key = models.CharField(max_length=64, blank=True)
    seq = models.PositiveIntegerField(default=0)
    raw_code = models.CharField(max_length=64, blank=True)
    raw_status = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=24)
    sub_status = models.CharField(max_length=32)
    reason_party = models.CharField(max_length=16, blank=True)
    is_physical = models.BooleanField(default=True)
    text = models.CharField(max_length=500, blank=True)
    city = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["month", "shipment", "fingerprint"], name="event_once")]
        indexes = [
            models.Index(fields=["shipment", "occurred_at", "seq"], name="event_of_shipment"),
            models.Index(fields=["source", "raw_code"], condition=Q(status="unknown"), name="event_unread"),
            BrinIndex(fields=["received_at"], name="event_arrival"),
        ]

    def __str__(self) -> str:
        return f"{self.status}.{self.sub_status} at {self.occurred_at:%Y-%m-%d %H:%M}"
