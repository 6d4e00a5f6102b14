"""Reading what strangers send: JSON, forms and XML of any depth and nonsense end in `Unusable`, never in a crash."""

import hashlib
import hmac
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from orders.carriers.base import Unusable

DEEPEST = 32
LONGEST = {"number": 64, "text": 500, "city": 120, "raw_code": 64, "raw_status": 64, "carrier": 64, "feed": 64}
UNSTORABLE = {0: None} | dict.fromkeys(range(0xD800, 0xE000))


def read_json(body: bytes | str) -> Any:
    """The JSON value; Unusable for anything else, for infinities and for nesting deeper than 32."""
    try:
        text = body if isinstance(body, str) else body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Unusable("not_json", "The body is not JSON in UTF-8.") from error
    if _depth(value) > DEEPEST:
        raise Unusable("too_deep", f"The body is nested deeper than {DEEPEST}.")
    return value


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(text: str) -> float:
    if math.isinf(number := float(text)):  # 1e999
        raise ValueError(text)
    return number


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def read_object(body: bytes | str) -> Mapping[str, Any]:
    """The JSON object; Unusable for `null`, a list, a number."""
    value = read_json(body)
    if not isinstance(value, dict):
        raise Unusable("not_an_object", "The body must be a JSON object.")
    return value


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form body, the last of those that repeat; Unusable when it is none."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=100)
    except ValueError as error:
        raise Unusable("not_a_form", "The body is not a form in UTF-8.") from error
    return dict(pairs)


class _Plain(ElementTree.TreeBuilder):
    """Refuses a document type in any encoding as soon as it opens, before an entity of it can grow."""

    def doctype(self, *_: object) -> NoReturn:
        raise Unusable("xml_doctype", "The body declares a document type; send plain XML.")


def read_xml(body: bytes) -> ElementTree.Element:
    """The root element; Unusable for broken XML and for any document type, which could grow without end."""
    try:
        root = ElementTree.fromstring(body, ElementTree.XMLParser(target=_Plain()))  # noqa: S314 (see _Plain)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable("not_xml", "The body is not XML.") from error
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise Unusable("too_deep", f"The body is nested deeper than {DEEPEST}.")
        level = [child for each in level for child in each]
    return root


def part(value: Any, *path: str | int) -> Any:
    """What stands at the path, or None when any step of it is missing or of another kind."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and -len(value) <= step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def rows(value: Any, *path: str | int) -> Sequence[Mapping[str, Any]]:
    """The objects of the list at the path; what is no object is left out."""
    found = part(value, *path)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def words(value: Any, kind: str = "text") -> str:
    """The value as text that can be stored: numbers written out, anything else but text empty, cut to its column."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        text = str(value)
    except ValueError:  # a whole number of more than 4300 digits
        return ""
    return " ".join(text.translate(UNSTORABLE).split())[: LONGEST[kind]]


def number_of(value: Any) -> str:
    """A tracking number; Unusable when it is missing, or too long to be one."""
    text = words(value, "text")
    if not any(character.isalnum() for character in text):
        raise Unusable("number_missing", "The message names no tracking number.")
    if len(text) > LONGEST["number"]:
        raise Unusable("number_too_long", f"The tracking number is longer than {LONGEST['number']} characters.")
    return text


def same(told: str | bytes, reckoned: str | bytes) -> bool:
    """Whether two signatures are equal, in constant time and for any text a stranger may send."""
    return hmac.compare_digest(_bytes(told), _bytes(reckoned))


def hmac_sha256(secret: str, body: bytes) -> hmac.HMAC:
    """The keyed digest of the body."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), body, hashlib.sha256)


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
