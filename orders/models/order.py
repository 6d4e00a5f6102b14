"""Orders, their lines and payments, and the narrow table of what is due on them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from orders.models.customer import Customer, Seller
from orders.models.shop import Shop
from ticketdesk.accounts.sealed import SealedTextField


class Order(models.Model):
    """One order. The times on this row are what happened (`_at`) and what was promised; NULL means not yet."""

    class Status(models.TextChoices):
        PLACED = "placed"
        PAID = "paid"
        SHIPPED = "shipped"
        PARTLY_DELIVERED = "partly_delivered"
        DELIVERED = "delivered"
        CANCELLED = "cancelled"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="orders")
    channel = models.CharField(max_length=32, default="web")
    external_no = models.CharField(max_length=64)
    order_type = models.CharField(max_length=32, default="stock")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="orders")
    status = models.CharField(max_length=24, choices=Status, default=Status.PLACED)
    source_status = models.CharField(max_length=64, blank=True, help_text="The source's own word for the status.")
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    promised_ship_at = models.DateTimeField(null=True, blank=True)
    promised_delivery_at = models.DateTimeField(
        null=True, blank=True, help_text="The end of the promised local day when only a date was promised."
    )
    currency = models.CharField(max_length=3, default="CNY")
    total = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    cross_border = models.BooleanField(default=False)
    dest_country = models.CharField(max_length=2, blank=True)
    dest_region = models.CharField(max_length=64, blank=True)
    dest_city = models.CharField(max_length=80, blank=True)
    dest_postcode = models.CharField(max_length=16, blank=True)
    ship_name = SealedTextField(blank=True)
    ship_phone = SealedTextField(blank=True)
    ship_address = SealedTextField(blank=True)
    name_key = models.BinaryField(max_length=16, null=True)
    phone_key = models.BinaryField(max_length=16, null=True)
    phone_last4_key = models.BinaryField(max_length=16, null=True)
    risk_at = models.DateTimeField(null=True, blank=True, help_text="Flagged then; frozen until risk lets it go.")
    risk_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    released_at = models.DateTimeField(null=True, blank=True, help_text="When risk let it go.")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shop", "channel", "external_no"], name="order_per_source"),
            models.CheckConstraint(condition=Q(total__gte=0), name="order_total_not_negative"),
        ]
        indexes = [
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["shop", "-placed_at", "-id"], name="order_newest_of_shop"),
            models.Index(
                fields=["-placed_at", "-id"],
                name="order_open_newest",
                condition=Q(delivered_at__isnull=True, cancelled_at__isnull=True),
            ),
            models.Index(fields=["external_no"], name="order_number"),
            # The same buyer paying twice: looked up around one moment, however many orders he has.
            models.Index(fields=["customer", "paid_at"], name="order_paid_by", condition=Q(paid_at__isnull=False)),
        ] + [
            models.Index(fields=[column], name=f"order_{column}", condition=Q(**{f"{column}__isnull": False}))
            for column in ("name_key", "phone_key", "phone_last4_key")
        ]

    def __str__(self) -> str:
        return self.external_no

    @property
    def is_frozen(self) -> bool:
        """Flagged by risk and not let go since."""
        return self.risk_at is not None and (self.released_at is None or self.released_at < self.risk_at)

    @property
    def is_over(self) -> bool:
        """Delivered or cancelled: nothing more is expected of it."""
        return self.status in (self.Status.DELIVERED, self.Status.CANCELLED)


class OrderLine(models.Model):
    """One line of an order."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    line_no = models.PositiveSmallIntegerField()
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    qty = models.PositiveIntegerField(default=1)
    shipped_qty = models.PositiveIntegerField(default=0)
    unit_price = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    freight = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    seller = models.ForeignKey(Seller, models.PROTECT, null=True, blank=True, related_name="lines")
    ship_limit_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "line_no"], name="line_of_order"),
            models.CheckConstraint(condition=Q(qty__gt=0), name="line_qty_positive"),
            models.CheckConstraint(condition=Q(shipped_qty__lte=models.F("qty")), name="line_shipped_within_qty"),
        ]

    def __str__(self) -> str:
        return f"{self.sku} × {self.qty}"


class Payment(models.Model):
    """One payment towards an order."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="payments")
    seq = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=32)
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    installments = models.PositiveSmallIntegerField(default=1)
    paid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "seq"], name="payment_of_order")]

    def __str__(self) -> str:
        return f"{self.method} {self.amount}"


class OrderDue(models.Model):
    """When an order must next be judged: the earliest moment at which any detector's verdict could change."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="due")
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    due_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["shop", "due_at"], name="order_due_next")]

    def __str__(self) -> str:
        return f"order {self.order_id} at {self.due_at:%Y-%m-%d %H:%M:%S}"
