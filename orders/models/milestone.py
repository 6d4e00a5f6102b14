"""The steps of an order, each planned, promised, forecast and actual."""

from django.db import models

from orders.models.order import Order


class Milestone(models.Model):
    """One step. `planned_at` is the frozen baseline, `promised_at` what the customer was told."""

    class Code(models.TextChoices):
        ORDER_RECEIVED = "order_received"
        PAYMENT_CONFIRMED = "payment_confirmed"
        PACKED = "packed"
        HANDED_OVER = "handed_over"
        DEPARTED = "departed"
        IMPORT_CLEARED = "import_cleared"
        OUT_FOR_DELIVERY = "out_for_delivery"
        DELIVERED = "delivered"

    order = models.ForeignKey(Order, models.CASCADE, related_name="milestones")
    code = models.CharField(max_length=32, choices=Code)
    seq = models.PositiveSmallIntegerField()
    planned_at = models.DateTimeField(null=True, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True)
    forecast_at = models.DateTimeField(null=True, blank=True)
    actual_at = models.DateTimeField(null=True, blank=True)
    owner_department = models.CharField(max_length=16, blank=True)
    evidence = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "code", "seq"], name="milestone_of_order")]
        ordering = ["order_id", "seq"]

    def __str__(self) -> str:
        return f"{self.code} of order {self.order_id}"
