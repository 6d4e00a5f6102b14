"""Doors for sources: making them, and saying where they are."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from orders.carriers import catalogue
from orders.models import Endpoint, Shop


class EndpointError(ValueError):
    """Such a door cannot be made; says why and what to do instead."""


def make_endpoint(
    *, shop: Shop, source: str, name: str = "", secret: str = "", key: str = "", fields: Mapping[str, Any] | None = None
) -> Endpoint:
    """A door of this shop for a source. Without a secret one is made that nobody guesses; `key` likewise.

    EndpointError when there is no such source, or it never calls.
    """
    kinds = catalogue()
    if source not in kinds or not kinds[source].pushes:
        known = ", ".join(code for code, kind in kinds.items() if kind.pushes)
        raise EndpointError(f"There is no source {source} that sends news. Choose one of: {known}.")
    given: dict[str, Any] = {"key": key} if key else {}
    return Endpoint.objects.create(
        shop=shop, source=source, name=(name or kinds[source].title)[:80], secret=secret or secrets.token_urlsafe(24),
        fields=dict(fields or {}), **given,
    )  # fmt: skip


def address_of(endpoint: Endpoint) -> str:
    """Where its source sends to."""
    return settings.BASE_URL.rstrip("/") + reverse("tracking_hook", args=[endpoint.source, endpoint.key])
