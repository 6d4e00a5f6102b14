"""Where other systems send tracking news. No session, no cookie: the address and the signature say who it is."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

import structlog
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from orders.carriers.base import Message
from orders.services.door import MOST_BYTES, NOT_KEPT, TOO_LARGE, Refused, door, receive

RETRY_AFTER_S = 5
NO_DATABASE = Refused(503, "unavailable", "The message could not be stored. Send it again.")
log = structlog.get_logger("orders.hooks")


@csrf_exempt
def tracking(request: HttpRequest, source: str, key: str) -> HttpResponse:
    """Take in one message of a source; 2xx once it is stored for good."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        at = door(source, key)
        body = _body(request)
        reply = receive(at, Message(body, datetime.now(UTC), _headers(request, at.names)))
    except Refused as refused:
        return _refusal(refused, source)
    except Error as error:
        log.error("message not stored", source=source, error=type(error).__name__)
        return _refusal(NO_DATABASE, source)
    return HttpResponse(reply.body, content_type=reply.content_type, status=reply.status)


def _body(request: HttpRequest) -> bytes:
    """The raw body. One of unknown length is read only as far as it may be long."""
    told = request.META.get("CONTENT_LENGTH")
    if told and told.isdigit() and int(told) > MOST_BYTES:
        raise TOO_LARGE
    # Django reads nothing of a body that comes in chunks; the server ends it.
    stream = request.META["wsgi.input"] if not told and "HTTP_TRANSFER_ENCODING" in request.META else request
    body: bytes = stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TOO_LARGE
    return body


def _headers(request: HttpRequest, names: Iterable[str]) -> dict[str, str]:
    found = {name: request.META.get(f"HTTP_{name.upper().replace('-', '_')}") for name in names if name != NOT_KEPT}
    if NOT_KEPT in names:
        found[NOT_KEPT] = request.GET.get("token")
    return {name: text for name, text in found.items() if text is not None}


def _refusal(refused: Refused, source: str) -> HttpResponse:
    log.info("message refused", source=source[:24], code=refused.code)
    body = json.dumps({"error": refused.code, "detail": refused.remedy})
    headers = {"Retry-After": str(RETRY_AFTER_S)} if refused.status == 503 else {}
    return HttpResponse(body, content_type="application/json", status=refused.status, headers=headers)
