"""Every refusal as problem+json (RFC 9457): what is wrong, in which field, and what to do about it.

Messages of this project read "What is wrong. What to do about it."; the second half becomes the `remedy`.
"""

import math
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypedDict

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from django.http.request import UnreadablePostError
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

log = structlog.get_logger("ticketdesk.api")

CONTENT_TYPE = "application/problem+json"
# One answer for what does not exist and for what somebody may not see.
NOT_THERE = "There is nothing here, or you may not see it."
REMEDIES = {
    "required": "Add this field.",
    "null": "Give a value, or leave the field out.",
    "blank": "Write something, or leave the field out.",
    "max_length": "Make it shorter.",
    "min_length": "Make it longer.",
    "max_value": "Give a smaller number.",
    "min_value": "Give a larger number.",
    "not_a_list": "Send a list.",
    "empty": "Send at least one.",
    "null_characters_not_allowed": "Remove the character U+0000.",
    "surrogate_characters_not_allowed": "Send valid Unicode.",
}
OTHERWISE = "Correct it and send it again."
# Chinese sentences end without a space.
_SENTENCE = re.compile(r"(.*?(?:\.(?= )|。|$)) *(.*)", re.DOTALL)


class FieldError(TypedDict):
    """One thing to correct. `field` is a path such as `lines.0.qty`, empty for the call as a whole."""

    field: str
    message: str
    remedy: str


class Refusal(exceptions.APIException):
    """A refusal with a kind, which ends up in the problem's `type`, and perhaps the field to correct."""

    def __init__(self, status_code: int, kind: str, detail: str, *, field: str = "", retry_after: int | None = None):
        super().__init__(detail, kind)
        self.status_code = status_code
        self.kind = kind
        self.field = field
        self.wait = retry_after


def wrong(field: str, message: str, remedy: str) -> exceptions.ValidationError:
    """A 400 about one field."""
    return exceptions.ValidationError({field: f"{message} {remedy}"} if field else f"{message} {remedy}")


def too_large(limit: int) -> Refusal:
    """A 413 for a body of more than `limit` bytes."""
    return Refusal(413, "too_large", f"The body is larger than {limit // 1024} KiB. Send less at a time.")


def problem(exc: Exception, context: Mapping[str, Any]) -> Response:
    """The answer to any exception, the unforeseen included; REST_FRAMEWORK names this as its exception handler."""
    known = _known(exc)
    if known is None:
        return _unforeseen(exc, context)
    errors = field_errors(known)
    return _answer(context, known.status_code, _kind(known), _summary(known, errors), errors, _headers(known))


def field_errors(exc: exceptions.APIException) -> list[FieldError]:
    """What is to be corrected, field by field."""
    return list(_errors(exc))


def _known(exc: Exception) -> exceptions.APIException | None:
    if isinstance(exc, exceptions.APIException):
        return exc
    if isinstance(exc, Http404):
        return exceptions.NotFound()
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(exc, RequestDataTooBig):
        return Refusal(413, "too_large", "The body is too large. Send less at a time.")
    if isinstance(exc, UnreadablePostError | SuspiciousOperation):
        return exceptions.ParseError("The request could not be read. Send it again.")
    if isinstance(exc, DataError):
        log.warning("value_refused_by_database", exc_info=exc)  # a check is missing further out
        return exceptions.ParseError("A value lies outside of what can be stored. Correct it.")
    if isinstance(exc, IntegrityError):
        log.warning("row_refused_by_database", exc_info=exc)
        return Refusal(409, "conflict", "This contradicts what is stored. Look again, then repeat.")
    if isinstance(exc, OperationalError | InterfaceError):
        log.error("database_unavailable", exc_info=exc)
        return Refusal(503, "unavailable", "The desk is busy or starting. Try again shortly.", retry_after=2)
    return None


def _unforeseen(exc: Exception, context: Mapping[str, Any]) -> Response:
    log.exception("unforeseen_error", exc_info=exc)
    view, request = context.get("view"), context.get("request")
    got_request_exception.send(sender=type(view), request=getattr(request, "_request", request))
    return _answer(context, 500, "error", "Something went wrong on our side. It has been recorded.", [], {})


def _answer(
    context: Mapping[str, Any],
    code: int,
    kind: str,
    detail: str,
    errors: list[FieldError],
    headers: dict[str, str],
) -> Response:
    request = context.get("request")
    if request is not None:  # whatever the view renders and the caller accepts, a problem is JSON
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), "application/json"
    body = {
        "type": f"urn:ticketdesk:problem:{kind}",
        "title": status_title(code),
        "status": code,
        "detail": detail,
        "errors": errors,
    }
    return Response(body, status=code, headers=headers, content_type=CONTENT_TYPE)


def status_title(code: int) -> str:
    """The standard words for a status: 404 is "Not Found"."""
    return HTTPStatus(code).phrase


def _kind(exc: exceptions.APIException) -> str:
    if isinstance(exc, Refusal):
        return exc.kind
    return {400: "invalid", 401: "not_authenticated", 403: "not_allowed", 404: "not_found", 429: "throttled"}.get(
        exc.status_code, str(exc.default_code)
    )


def _summary(exc: exceptions.APIException, errors: list[FieldError]) -> str:
    if isinstance(exc, exceptions.NotFound):
        return NOT_THERE
    if isinstance(exc, exceptions.ValidationError):
        return "Nothing was changed. See errors." if len(errors) != 1 else errors[0]["message"]
    return str(exc.detail)


def _errors(exc: exceptions.APIException) -> Iterator[FieldError]:
    if isinstance(exc, Refusal) and exc.field:
        yield told(exc.field, str(exc.detail), exc.kind)
    elif isinstance(exc, exceptions.ValidationError):
        yield from _flat(exc.detail, "")


def _flat(detail: Any, path: str) -> Iterator[FieldError]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _flat(inner, path if name == "non_field_errors" else f"{path}.{name}".strip("."))
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            yield from _flat(inner, f"{path}.{number}".strip(".") if isinstance(inner, Mapping | list) else path)
    else:
        yield told(path, str(detail), getattr(detail, "code", ""))


def told(field: str, text: str, code: str = "") -> FieldError:
    """A message and its remedy from one text of two sentences, or from the code's usual remedy."""
    parts = _SENTENCE.match(text)
    message, remedy = parts.groups() if parts else (text, "")
    return {"field": field, "message": message, "remedy": remedy or REMEDIES.get(code, OTHERWISE)}


def _headers(exc: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    wait = getattr(exc, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, math.ceil(wait)))
    if exc.status_code == status.HTTP_503_SERVICE_UNAVAILABLE:
        headers["Cache-Control"] = "no-store"
    return headers
