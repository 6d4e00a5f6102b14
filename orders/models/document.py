"""Trade documents of an order: what an invoice, a packing list or a bill of lading says, and the file it came in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from orders.models.order import Order


class Document(models.Model):
    """One version of one document. Only the newest version of a number is current; nothing is ever edited."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="documents", db_index=False)
    kind = models.CharField(max_length=32, help_text="A code of orders/papers.toml.")
    number = models.CharField(max_length=64, help_text="The document's own number.")
    version = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    is_partial = models.BooleanField(default=False, help_text="More of this kind follow, so nothing is missing yet.")
    currency = models.CharField(max_length=3, blank=True)
    # [[sku, name, quantity, amount or null as text, kilograms or null as text], ...]; empty when only totals are known.
    lines = models.JSONField(default=list)
    total_qty = models.PositiveIntegerField(null=True, blank=True)
    total_amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    weight_kg = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    file_key = models.CharField(max_length=80, blank=True, help_text="Random; the file's place in the media folder.")
    file_name = models.CharField(max_length=120, blank=True)
    file_type = models.CharField(max_length=16, blank=True)
    file_size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(help_text="In the shop's present.")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "number", "version"], name="document_version"),
            models.UniqueConstraint(
                fields=["order", "kind", "number"], name="document_current_once", condition=Q(is_current=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} v{self.version}"


class AcceptedDifference(models.Model):
    """Somebody has looked at how the documents of a kind differ from the order, and takes it as it is."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="accepted_differences", db_index=False)
    kind = models.CharField(max_length=32)
    digest = models.CharField(max_length=64, help_text="Of exactly these differences; others are a new anomaly.")
    reason = models.CharField(max_length=300)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "kind", "digest"], name="difference_accepted_once")]

    def __str__(self) -> str:
        return f"{self.kind} of order {self.order_id}: {self.reason}"
