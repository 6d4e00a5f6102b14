"""Buyers and sellers."""

from django.db import models
from django.db.models.functions import Now

from orders.models.shop import Shop
from ticketdesk.accounts.sealed import SealedTextField


class Customer(models.Model):
    """A buyer. Name, phone and e-mail are sealed; the `*_key` columns are blind indexes that searches compare."""

    class Tier(models.TextChoices):
        NORMAL = "normal"
        VIP = "vip"

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="customers")
    external_id = models.CharField(max_length=64)
    tier = models.CharField(max_length=16, choices=Tier, default=Tier.NORMAL)
    language = models.CharField(max_length=16, blank=True)
    name = SealedTextField(blank=True)
    phone = SealedTextField(blank=True)
    email = SealedTextField(blank=True)
    name_key = models.BinaryField(max_length=16, null=True)
    phone_key = models.BinaryField(max_length=16, null=True)
    phone_last4_key = models.BinaryField(max_length=16, null=True)
    email_key = models.BinaryField(max_length=16, null=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=64, blank=True)
    city = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=16, blank=True)
    no_notices_at = models.DateTimeField(null=True, blank=True, help_text="When the buyer asked for no more notices.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="customer_per_shop")]
        indexes = [
            models.Index(fields=[column], name=f"customer_{column}", condition=models.Q(**{f"{column}__isnull": False}))
            for column in ("name_key", "phone_key", "phone_last4_key", "email_key")
        ]

    def __str__(self) -> str:
        return f"customer {self.external_id}"

    @property
    def is_vip(self) -> bool:
        """Whether grades are raised for this buyer."""
        return self.tier == self.Tier.VIP


class Seller(models.Model):
    """A marketplace seller or supplier who hands goods over."""

    shop = models.ForeignKey(Shop, models.CASCADE, related_name="sellers")
    external_id = models.CharField(max_length=64)
    name = models.CharField(max_length=120, blank=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=64, blank=True)
    city = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["shop", "external_id"], name="seller_per_shop")]

    def __str__(self) -> str:
        return self.name or self.external_id
