"""A straight way for messages of other systems: they need neither session nor language nor the headers of pages, and
there are hundreds a second of them."""

import re
from collections.abc import Callable, Iterable
from http.client import responses
from typing import Any

import structlog
from django.db import Error, connection

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], object]
Application = Callable[[Environ, Start], Iterable[bytes]]
PREFIX = "/hooks/tracking/"
ADDRESS = re.compile(r"/hooks/tracking/([^/]+)/([^/]+)/?")


def straight(application: Application, answer: Callable[..., Any]) -> Application:
    """The application, with messages to /hooks/tracking/ given to `answer`."""

    def serve(environ: Environ, start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        match = ADDRESS.fullmatch(path) if path.startswith(PREFIX) else None
        if match is None:
            return application(environ, start)
        structlog.contextvars.clear_contextvars()
        try:
            # What Django does at the beginning of every request: a connection past its time goes.
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
        except Error:
            connection.close()
        told = answer(environ["REQUEST_METHOD"], *match.groups(), environ, environ["wsgi.input"])
        headers = {"Content-Type": told.content_type, "Content-Length": str(len(told.body)), **told.headers}
        start(f"{told.status} {responses.get(told.status, '')}", list(headers.items()))
        return [told.body]

    return serve
