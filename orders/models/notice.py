"""The way for a buyer to look at one order without signing in."""

from django.db import models
from django.db.models.functions import Now

from orders.models.order import Order
from ticketdesk.accounts.sealed import SealedTextField


class TrackLink(models.Model):
    """The random token of an order's public page.

    It is found by its hash and shown again from its seal, so that a copy of this table opens no page.
    """

    order = models.OneToOneField(Order, models.CASCADE, primary_key=True, related_name="track_link")
    token_hash = models.BinaryField(max_length=32, unique=True, help_text="SHA-256 of the token.")
    token = SealedTextField()
    created_at = models.DateTimeField(db_default=Now())
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"public page of order {self.order_id}"
