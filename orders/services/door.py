"""The door for tracking news: who knocks is checked, what he brings is stored as it is, and only then he is answered.

A message costs one statement, and nothing of it is read here: workers do that (see orders.services.inbound).
"""

import json
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import psycopg2
from django.db import InterfaceError, OperationalError, connection

from orders.carriers import catalogue
from orders.carriers.base import Message, Reply, Setting, Source
from orders.models import Endpoint
from orders.services.feedhours import count_at_door
from ticketdesk.accounts.sealed import seal_bytes, unseal_bytes

MOST_BYTES = 2 * 1024 * 1024
# A secret that was changed counts after so many seconds in every web process.
KNOWN_FOR_S = 5.0
MOST_KNOWN = 1000
TABLE = "orders_inboundmessage"
# It may hold the secret itself, and is needed no more once it was compared.
NOT_KEPT = "query-token"
STORE = f"""
    INSERT INTO {TABLE} (day, endpoint_id, digest, headers, body, size, state, attempts, error, detail, parcels, events)
    VALUES ((statement_timestamp() AT TIME ZONE 'UTC')::date, %s, %s, %s, %s, %s, 'waiting', 0, '', '', '{{}}', 0)
    ON CONFLICT (day, endpoint_id, digest) DO NOTHING RETURNING 1
"""


class Refused(Exception):
    """The message is not taken in: the status to answer, a stable word, and what the sender can do."""

    def __init__(self, status: int, code: str, remedy: str) -> None:
        super().__init__(remedy)
        self.status, self.code, self.remedy = status, code, remedy


TOO_LARGE = Refused(413, "too_large", f"The body is larger than {MOST_BYTES} bytes. Send fewer parcels at a time.")


@dataclass(frozen=True, slots=True)
class Door:
    """What is known of an endpoint: enough to check a message without asking the database again."""

    endpoint_id: int
    source: Source
    secrets: tuple[str, ...]
    setting: Setting
    names: tuple[str, ...]

    @property
    def is_guarded(self) -> bool:
        """Whether it can check signatures. Without a secret it lets messages in only if it says so itself."""
        return bool(self.secrets) or self.setting.fields.get("signature") == "none"


_known: dict[tuple[str, str], tuple[float, Door]] = {}


def door(source: str, key: str) -> Door:
    """The open door at this address; Refused (404) when there is none."""
    now = time.monotonic()
    known = _known.get((source, key))
    if known and known[0] > now:
        return known[1]
    _known.pop((source, key), None)
    endpoint = Endpoint.objects.select_related("shop").filter(key=key, source=source, active=True).first()
    kind = catalogue().get(source)
    if endpoint is None or kind is None or not kind.pushes:
        raise Refused(404, "not_found", "There is no such address. Copy it from the list of sources.")
    setting = Setting(endpoint.shop.time_zone, endpoint.fields)
    secrets = tuple(secret for secret in (endpoint.secret, endpoint.next_secret) if secret)
    found = Door(endpoint.pk, kind, secrets, setting, kind.headers_for(setting))
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    _known[source, key] = (now + KNOWN_FOR_S, found)
    return found


def forget_doors() -> None:
    """Ask the database about every address anew."""
    _known.clear()


def receive(at: Door, message: Message) -> Reply:
    """Check and store a message; the exact answer that its source wants, given once the message is committed.

    Refused (401) when nobody who knows a secret sent it. One that came before on this day is answered alike and not
    stored again.
    """
    if not (at.is_guarded and at.source.verify and at.source.verify(message, at.secrets, at.setting)):
        count_at_door(at.endpoint_id, "refused")
        raise Refused(401, "signature", "The signature is missing or wrong. Check the secret on both sides.")
    if not _store(at, message):
        count_at_door(at.endpoint_id, "duplicates")
    return at.source.answer_to(message)


def _store(at: Door, message: Message) -> bool:
    """Whether the message is new; committed when this returns."""
    kept = {name: text for name, text in message.headers.items() if name in at.source.headers and name != NOT_KEPT}
    # The connection is not asked for its health each time: should it be broken, a new one takes the same row.
    connection.health_check_done = True  # type: ignore[attr-defined]  # Django's own, unknown to its stubs
    try:
        return keep(at.endpoint_id, message.body, kept)
    except (OperationalError, InterfaceError):
        connection.close()
        return keep(at.endpoint_id, message.body, kept)


def keep(endpoint_id: int, body: bytes, headers: Mapping[str, str]) -> bool:
    """Store a raw message for the workers; whether it is the first like it on this day."""
    digest = blake2b(body, digest_size=16).digest()
    row: list[Any] = [endpoint_id, digest, json.dumps(dict(headers)), psycopg2.Binary(sealed(body)), len(body)]
    with connection.cursor() as cursor:
        cursor.execute(STORE, row)
        return cursor.fetchone() is not None


def sealed(body: bytes) -> bytes:
    """A body as it is stored: compressed, then sealed."""
    return seal_bytes(zlib.compress(body, 3), TABLE, "body")


def opened(body: bytes | memoryview) -> bytes:
    """A stored body as it came."""
    return zlib.decompress(unseal_bytes(body, TABLE, "body"))


def message_of(body: bytes | memoryview, headers: Mapping[str, str], received_at: datetime) -> Message:
    """A stored message as its source's file reads it."""
    return Message(opened(body), received_at.astimezone(UTC), headers)
