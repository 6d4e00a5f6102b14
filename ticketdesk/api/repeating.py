"""Idempotency-Key: a call sent twice under one key is done once and answered alike both times."""

import json
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any, TypeVar, cast

from django.db import transaction
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from ticketdesk.accounts.api import throttle_ident
from ticketdesk.api.problems import Refusal
from ticketdesk.outbox import repeats
from ticketdesk.outbox.models import AnsweredCall

HEADER = "Idempotency-Key"
KEY_MAX = 255
KEPT_HEADERS = ("ETag", "Location")

Handler = TypeVar("Handler", bound=Callable[..., Response])


def repeatable(handler: Handler) -> Handler:
    """Makes a method of a view one transaction, which a caller may repeat under an Idempotency-Key.

    409 while the first call is still at work, 422 when the key was used for something else. Refusals are not kept: a
    corrected call may use the same key.
    """

    @wraps(handler)
    def once(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            key = request.headers.get(HEADER)
            if key is None:
                return handler(view, request, *args, **kwargs)
            principal, fingerprint = throttle_ident(request) or "", _fingerprint(request)
            if before := _before(principal, _checked(key), fingerprint):
                return before
            response = handler(view, request, *args, **kwargs)
            _keep(principal, key, fingerprint, response)
            return response

    once.repeatable = True  # type: ignore[attr-defined]
    return cast(Handler, once)


def _checked(key: str) -> str:
    if not 1 <= len(key) <= KEY_MAX or not key.isascii() or not key.isprintable():
        raise Refusal(
            400, "invalid", f"This is not 1 to {KEY_MAX} printable ASCII characters. Send a UUID.", field=HEADER
        )
    return key


def _fingerprint(request: Request) -> bytes:
    plain = request._request
    parts = [(plain.method or "").encode(), plain.get_full_path().encode(), *_body(request)]
    return sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()


def _body(request: Request) -> list[bytes]:
    """What was sent. A form's boundary differs from call to call, and its files may be too large to hold."""
    if not (request.content_type or "").startswith("multipart/"):
        return [request._request.body]
    parts = []
    form: Any = request.data
    for name, values in sorted(form.lists()):
        for value in values:
            if hasattr(value, "chunks"):
                digest = sha256()
                for chunk in value.chunks():
                    digest.update(chunk)
                value.seek(0)
                value = f"{value.name}:{digest.hexdigest()}"
            parts += [name.encode(), str(value).encode()]
    return parts


def _before(principal: str, key: str, fingerprint: bytes) -> Response | None:
    if not repeats.take_turn(principal, key):
        raise Refusal(409, "running", "The first call with this key is still at work. Try again.", retry_after=1)
    known = repeats.answered(principal, key)
    if known is None:
        return None
    if bytes(known.fingerprint) != fingerprint:
        raise Refusal(
            422, "key_reused", "This key was used for another call. Take a new key for each call.", field=HEADER
        )
    return Response(
        json.loads(known.body or "null"), known.status, headers={**known.headers, "Idempotent-Replayed": "true"}
    )


def _keep(principal: str, key: str, fingerprint: bytes, response: Response) -> None:
    repeats.keep(
        AnsweredCall(
            principal=principal,
            key=key,
            fingerprint=fingerprint,
            status=response.status_code,
            headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
            body=JSONRenderer().render(response.data).decode(),
        )
    )
