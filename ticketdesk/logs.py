"""Log lines: one JSON object each (readable text under DEBUG), a request id on every one, personal data on none."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.types import EventDict, WrappedLogger

from ticketdesk import environment

REMOVED = "[removed]"
PRIVATE_WORDS = frozenset(
    {"name", "phone", "address", "email", "authorization", "cookie", "token", "secret", "password"}
)
DEPTH_MAX = 6
EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
# International, mainland mobile, mainland landline, and three groups as written in North America. Chinese characters
# count as letters to \b and \w, so the edges are spelled out.
PHONE = re.compile(
    r"(?<![0-9A-Za-z.-])"
    r"(?:\+\d[\d ()-]{6,16}\d|1[3-9]\d{9}|1[3-9]\d[ -]\d{4}[ -]\d{4}|0\d{2,3}-\d{7,8}|\(?\d{3}\)?[ -]\d{3}[ -]\d{4})"
    r"(?![0-9A-Za-z-])"
)
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# Asked for every few seconds by machines; worth a line only when something is wrong.
QUIET_PATHS = ("/livez", "/readyz", "/metrics", "/static/")

log = structlog.get_logger("ticketdesk.requests")


def clean(value: Any, depth: int = 0) -> Any:
    """`value` without what looks like an e-mail address or a phone number, and without values under private keys."""
    if isinstance(value, str):
        return PHONE.sub("[phone]", EMAIL.sub("[e-mail]", value))
    if depth >= DEPTH_MAX:
        return REMOVED
    if isinstance(value, Mapping):
        return {key: REMOVED if is_private(key) else clean(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item, depth + 1) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else clean(str(value))


def is_private(key: object) -> bool:
    """Whether a key's words, as in `buyer_name` or `Set-Cookie`, say that its value is nobody's business."""
    return not PRIVATE_WORDS.isdisjoint(re.split(r"[^a-z]+", str(key).lower()))


def scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The last step before a line is written."""
    cleaned: EventDict = clean(event)
    return cleaned


class RequestLogMiddleware:
    """Gives each request an id (the caller's X-Request-ID if it is one) and writes one line when it is answered.

    Of the query only the parameters' names are written; addresses that carry a token are written as their pattern.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        key = getattr(request, "api_key", None)
        quiet = response.status_code < 400 and request.path.startswith(QUIET_PATHS)
        log.log(
            logging.DEBUG if quiet else logging.INFO,
            "request",
            method=request.method,
            path=_place(request),
            parameters=sorted(request.GET),
            status=response.status_code,
            ms=round((time.perf_counter() - began) * 1000, 1),
            # Views put the user there; asking for it here would cost requests without one a query.
            user=key.user_id if key else getattr(getattr(request, "_cached_user", None), "pk", None),
            **({"key": key.prefix} if key else {}),
        )
        return response


def _place(request: HttpRequest) -> str:
    match = request.resolver_match
    if match and any(is_private(key) for key in match.kwargs):
        return f"/{match.route}"
    return request.path


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _logging(readable: bool) -> dict[str, Any]:
    renderer = structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(ensure_ascii=False)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _shared(),
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    scrub,
                    renderer,
                ],
            }
        },
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
        "root": {"handlers": ["stdout"], "level": "INFO"},
        "loggers": {
            # Django gives these handlers of their own; every line goes one way here.
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # Says each 404 again, which the request line has already.
            "django.request": {"handlers": [], "level": "ERROR", "propagate": True},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
        },
    }


structlog.configure(
    processors=[
        *_shared(),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
LOGGING = _logging(readable=environment.flag("DEBUG", False))
