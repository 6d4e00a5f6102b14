"""Stock per article and warehouse: what lies there, what is reserved for whom, what comes in, who waits for it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from orders.models.order import Order
from orders.models.shop import Shop


class Warehouse(models.Model):
    """A place where a shop keeps stock; of two that could serve an order the one with the lower rank does."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="warehouses", db_index=False)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=80, blank=True)
    rank = models.PositiveSmallIntegerField(default=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "code"], name="warehouse_of_shop")]

    def __str__(self) -> str:
        return self.name or self.code


class StockLevel(models.Model):
    """How much of an article lies in a warehouse. A shop keeps stock of exactly the articles that have such a row."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="levels", db_index=False)
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    on_hand = models.PositiveIntegerField(default=0)
    reserved = models.PositiveIntegerField(default=0)
    low_at = models.PositiveIntegerField(default=0, help_text="Short when no more than this is free.")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["warehouse", "sku"], name="stock_of_warehouse"),
            models.CheckConstraint(condition=Q(reserved__lte=F("on_hand")), name="stock_never_oversold"),
        ]
        indexes = [
            models.Index(fields=["shop", "sku", "id"], name="stock_of_shop"),
            models.Index(fields=["sku", "id"], name="stock_by_sku"),
            models.Index(
                fields=["sku", "id"], name="stock_short", condition=Q(on_hand__lte=F("reserved") + F("low_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sku}: {self.on_hand} of which {self.reserved} reserved"

    @property
    def free(self) -> int:
        """What nobody has reserved."""
        return self.on_hand - self.reserved

    @property
    def coming(self) -> "list[Incoming]":
        """What is on its way to this warehouse; uses the warehouse's prefetched rows."""
        return [row for row in self.warehouse.incoming.all() if row.sku == self.sku]

    @property
    def is_short(self) -> bool:
        """No more free than the mark at which somebody should order."""
        return self.free <= self.low_at


class Incoming(models.Model):
    """Goods on their way to a warehouse; the row goes when they have come and are counted as on hand."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    warehouse = models.ForeignKey(Warehouse, models.CASCADE, related_name="incoming", db_index=False)
    sku = models.CharField(max_length=64)
    reference = models.CharField(max_length=64, blank=True, help_text="Such as the purchase order's number.")
    qty = models.PositiveIntegerField()
    expected_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["warehouse", "sku", "reference", "expected_at"], name="incoming_of_warehouse"
            ),
            models.CheckConstraint(condition=Q(qty__gt=0), name="incoming_qty_positive"),
        ]
        indexes = [models.Index(fields=["shop", "sku", "expected_at"], name="incoming_of_shop")]

    def __str__(self) -> str:
        return f"{self.qty} × {self.sku} on {self.expected_at:%Y-%m-%d}"


class Allocation(models.Model):
    """So much of a level is reserved for an order; what was shipped or let go stays on record."""

    class State(models.TextChoices):
        RESERVED = "reserved"
        SHIPPED = "shipped"
        RELEASED = "released"

    order = models.ForeignKey(Order, models.CASCADE, related_name="allocations")
    level = models.ForeignKey(StockLevel, models.CASCADE, related_name="allocations", db_index=False)
    qty = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.RESERVED)
    at = models.DateTimeField(help_text="When it was reserved.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["level", "order"], name="allocation_once", condition=Q(state="reserved")),
            models.CheckConstraint(condition=Q(qty__gt=0), name="allocation_qty_positive"),
        ]
        indexes = [models.Index(fields=["level"], name="allocation_of_level")]

    def __str__(self) -> str:
        return f"{self.qty} for order {self.order_id}"


class StockWait(models.Model):
    """An order that waits for stock; `due` when something has moved that may serve it."""

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="stock_wait")
    shop = models.ForeignKey(Shop, models.CASCADE, related_name="+", db_index=False)
    promise_at = models.DateTimeField(help_text="The oldest promise is served first.")
    since = models.DateTimeField()
    due = models.BooleanField(default=True)
    skus = ArrayField(models.CharField(max_length=64), default=list)
    # [{"sku", "name", "ordered", "missing", "expected_at": ISO or null}]; empty until the sweep has looked.
    short = models.JSONField(default=list)
    ready = models.PositiveIntegerField(default=0, help_text="Pieces that are reserved and could leave now.")
    wanted = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["shop", "promise_at", "order"], name="stockwait_due", condition=Q(due=True)),
            models.Index(fields=["shop", "promise_at"], name="stockwait_of_shop"),
        ]

    def __str__(self) -> str:
        return f"order {self.order_id} waits for {', '.join(self.skus)}"
