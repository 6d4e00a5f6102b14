"""Reading JSON so that nothing in a body can hurt what comes after: no depth, no tricks, no text a database refuses."""

import json
import math
import re
from collections.abc import Mapping
from typing import IO, Any, ClassVar, NoReturn

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from ticketdesk.api.problems import too_large

KIB = 1024
DEPTH_MAX = 32
# A string, closed or cut off, or a bracket. Possessive, so that no body makes it go back and try again.
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
# Only an escape can smuggle in what UTF-8 and strict JSON refuse in the open.
_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


class StrictJSONParser(BaseParser):
    """One JSON document of at most 1 MiB, 32 levels, valid Unicode, without NUL, NaN, infinities or repeated names."""

    media_type = "application/json"
    max_bytes: ClassVar[int] = 1024 * KIB

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The document. ParseError (400) for anything unreadable; Refusal (413) for too much."""
        body = stream.read(self.max_bytes + 1)
        if len(body) > self.max_bytes:
            raise too_large(self.max_bytes)
        return read_json(body)


class BulkJSONParser(StrictJSONParser):
    """The same for lists of many small items: 2 MiB, as much as DATA_UPLOAD_MAX_MEMORY_SIZE lets through."""

    max_bytes = 2048 * KIB


class UploadParser(MultiPartParser):
    """A form with one file of at most DOCUMENT_MAX_MB; what says it is larger is refused before it is read."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Fields and files. ParseError (400) for anything unreadable; Refusal (413) for too much."""
        most = settings.DOCUMENT_MAX_BYTES + 64 * KIB  # beside the file there are the fields
        request: Any = (parser_context or {}).get("request") or stream
        length: Any = request.META.get("CONTENT_LENGTH") or 0
        if int(length) > most:
            raise too_large(most)
        return super().parse(stream, media_type, parser_context)


def read_json(body: bytes) -> Any:
    """The document in `body`; ParseError says what is wrong with it."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ParseError("The body is not valid UTF-8. Send JSON in UTF-8.") from None
    _refuse_depth(text)
    try:
        value = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_without_repeats
        )
    except json.JSONDecodeError as error:
        raise ParseError(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from None
    except (ValueError, RecursionError):  # an integer of thousands of digits
        raise ParseError("The body holds a number that is too large.") from None
    if _SUSPECT.search(text):
        _refuse_text_that_cannot_be_stored(value)
    return value


def _refuse_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= DEPTH_MAX:
        return
    depth = 0
    for token in _TOKEN.finditer(text):
        first = token[0][0]
        if first in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise ParseError(f"The body is nested deeper than {DEPTH_MAX} levels. Send a flatter document.")
        elif first in "]}":
            depth -= 1


def _refuse_constant(word: str) -> NoReturn:
    raise ParseError(f"{word} is not a JSON number. Send a finite number or null.")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ParseError("The body holds a number that is too large.")
    return number


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"The name {twice[:80]!r} is given twice in one object. Keep one of them.")
    return found


def _refuse_text_that_cannot_be_stored(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str):
            if "\0" in item:
                raise ParseError("The body holds the character U+0000. Remove it.")
            if any("\ud800" <= char <= "\udfff" for char in item):
                raise ParseError("The body holds half of a surrogate pair. Send valid Unicode.")
