"""What administrators do with endpoints: make them, change them, hand a sender a new secret, switch them off."""

import secrets
from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction

from orders.carriers import catalogue
from orders.models import Endpoint, ParcelPoll, Shop
from orders.services.door import forget_doors
from orders.services.endpoints import EndpointError, make_endpoint
from ticketdesk.accounts.models import User

LEAST_SECRET = 8
log = structlog.get_logger("orders.endpoints")


def new_secret() -> str:
    """A secret that nobody guesses."""
    return secrets.token_urlsafe(24)


def open_endpoint(
    *, shop: Shop, source: str, name: str, by: User, secret: str = "", fields: Mapping[str, Any] | None = None,
    poll_url: str = "", poll_header: str = "",
) -> Endpoint:  # fmt: skip
    """An endpoint for a source that pushes, or for one that we ask ourselves. EndpointError when there is no such
    source, or it neither pushes nor has an address."""
    kind = catalogue().get(source)
    if kind is not None and not kind.pushes:
        if not poll_url:
            raise EndpointError("This source does not push. Give the address to ask, with {number} in it.")
        made = Endpoint.objects.create(
            shop=shop, source=source, name=(name or kind.title)[:80], poll_url=poll_url, poll_header=poll_header
        )
    else:
        made = make_endpoint(shop=shop, source=source, name=name, secret=secret, fields=fields)
    log.info("endpoint made", endpoint=made.pk, source=source, shop=shop.pk, by=by.pk)
    return made


def change_endpoint(endpoint: Endpoint, *, by: User, **columns: Any) -> None:
    """Change its name, mapping, address to ask or its header; what is asked already goes on."""
    changed = [name for name, value in columns.items() if getattr(endpoint, name) != value]
    if changed:
        for name in changed:
            setattr(endpoint, name, columns[name])
        endpoint.save(update_fields=changed)
        forget_doors()
        log.info("endpoint changed", endpoint=endpoint.pk, what=changed, by=by.pk)


@transaction.atomic
def switch(endpoint_id: int, *, on: bool, by: User) -> Endpoint:
    """Open or close an endpoint. A closed one answers as if it did not exist, asks nothing, and is not missed."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    endpoint.active = on
    if not on:
        endpoint.silent_since = None
        ParcelPoll.objects.filter(endpoint=endpoint).delete()
    endpoint.save(update_fields=["active", "silent_since"])
    forget_doors()
    log.info("endpoint switched", endpoint=endpoint.pk, on=on, by=by.pk)
    return endpoint


@transaction.atomic
def add_next_secret(endpoint_id: int, *, by: User, secret: str = "") -> str:
    """A second secret that counts beside the first, so that the sender can change his; it is returned to be shown once.

    One that was there already is replaced: a secret that nobody wrote down is of no use.
    """
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    endpoint.next_secret = secret or new_secret()
    endpoint.save(update_fields=["next_secret"])
    forget_doors()
    log.info("next secret added", endpoint=endpoint.pk, by=by.pk)
    return endpoint.next_secret


@transaction.atomic
def make_next_the_only_one(endpoint_id: int, *, by: User) -> bool:
    """The old secret stops; False when there is no next one, and nothing changes."""
    endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
    if not endpoint.next_secret:
        return False
    endpoint.secret, endpoint.next_secret = endpoint.next_secret, ""
    endpoint.save(update_fields=["secret", "next_secret"])
    forget_doors()
    log.info("next secret is the only one", endpoint=endpoint.pk, by=by.pk)
    return True
