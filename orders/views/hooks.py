"""Where other systems send tracking news. No session, no cookie: the address and the signature say who it is."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import structlog
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from orders.carriers.base import Message
from orders.services.door import MOST_BYTES, NOT_KEPT, TOO_LARGE, Refused, door, receive

RETRY_AFTER_S = 5
NO_DATABASE = Refused(503, "unavailable", "The message could not be stored. Send it again.")
log = structlog.get_logger("orders.hooks")


class Answered(NamedTuple):
    """An answer, whoever carries it to the sender."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = {}


def answer(method: str, source: str, key: str, environ: Mapping[str, Any], stream: Any) -> Answered:
    """Take in one message of a source, with its headers as WSGI names them; 2xx once it is stored for good."""
    if method != "POST":
        return Answered(405, b"", headers={"Allow": "POST"})
    try:
        at = door(source, key)
        reply = receive(at, Message(_body(environ, stream), datetime.now(UTC), _headers(environ, at.names)))
    except Refused as refused:
        return _refusal(refused, source)
    except Error as error:
        log.error("message not stored", source=source[:24], error=type(error).__name__)
        return _refusal(NO_DATABASE, source)
    return Answered(reply.status, reply.body, reply.content_type)


@csrf_exempt
def tracking(request: HttpRequest, source: str, key: str) -> HttpResponse:
    """The same for servers that know only Django; `ticketdesk.hooks` spares most of its way."""
    told = answer(request.method or "", source, key, request.META, request)
    return HttpResponse(told.body, content_type=told.content_type, status=told.status, headers=dict(told.headers))


def _body(environ: Mapping[str, Any], stream: Any) -> bytes:
    """The raw body. One of unknown length is read only as far as it may be long."""
    told = environ.get("CONTENT_LENGTH")
    if told and told.isdigit() and int(told) > MOST_BYTES:
        raise TOO_LARGE
    if not told and "HTTP_TRANSFER_ENCODING" not in environ:
        return b""
    # Django reads nothing of a body that comes in chunks; the server ends it.
    body: bytes = (stream if told else environ["wsgi.input"]).read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TOO_LARGE
    return body


def _headers(environ: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
    found = {name: environ.get(f"HTTP_{name.upper().replace('-', '_')}") for name in names if name != NOT_KEPT}
    if NOT_KEPT in names:
        found[NOT_KEPT] = dict(parse_qsl(environ.get("QUERY_STRING", ""), max_num_fields=20)).get("token")
    return {name: text for name, text in found.items() if text is not None}


def _refusal(refused: Refused, source: str) -> Answered:
    log.info("message refused", source=source[:24], code=refused.code)
    body = json.dumps({"error": refused.code, "detail": refused.remedy}).encode()
    headers = {"Retry-After": str(RETRY_AFTER_S)} if refused.status == 503 else {}
    return Answered(refused.status, body, headers=headers)
