"""Links to buyers' public pages: made when first wanted, shown again to agents, revoked and replaced."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from orders.models import Order, TrackLink

TOKEN_BYTES = 24
"""192 bits: nobody guesses one, and it stays short enough for a text message."""


def hash_of(token: str) -> bytes:
    """What a token is found by. It is random, so a plain hash gives nothing away."""
    return sha256(token.encode()).digest()


def address_of(link: TrackLink) -> str:
    """The whole link, as it is sent; empty for a revoked one."""
    return "" if link.revoked_at else settings.BASE_URL.rstrip("/") + reverse("track", args=[link.token])


def link_of(order: Order) -> TrackLink:
    """The order's link, made now if it has none; a revoked one is given back as it is."""
    known = TrackLink.objects.filter(order=order).first()
    if known is not None:
        return known
    token = secrets.token_urlsafe(TOKEN_BYTES)
    try:
        with transaction.atomic():
            return TrackLink.objects.create(order=order, token=token, token_hash=hash_of(token))
    except IntegrityError:  # somebody else made it at the same moment
        return TrackLink.objects.get(order=order)


def renew(order: Order) -> TrackLink:
    """A fresh link; the old one, revoked or not, opens nothing any more."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    columns = {"token": token, "token_hash": hash_of(token), "revoked_at": None}
    return TrackLink.objects.update_or_create(order=order, defaults=columns)[0]


def revoke(order: Order, *, now: datetime) -> None:
    """The order's link opens nothing from now on."""
    TrackLink.objects.filter(order=order, revoked_at__isnull=True).update(revoked_at=now)


def order_of(token: str) -> Order | None:
    """The order that a token opens, with shop and buyer; None for unknown and revoked ones alike. One query."""
    link = (
        TrackLink.objects.select_related("order__shop", "order__customer")
        .defer("token", *(f"order__{name}" for name in SEALED))
        .filter(token_hash=hash_of(token), revoked_at__isnull=True)
        .first()
    )
    return link.order if link else None


# The page shows nobody's personal data, so it does not unseal any.
SEALED = ("ship_name", "ship_phone", "ship_address", "customer__name", "customer__phone", "customer__email",
          "shop__notice_hook_secret")  # fmt: skip
