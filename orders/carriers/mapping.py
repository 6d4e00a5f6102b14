"""The mapping of the generic source: where things stand in a sender's JSON, and what is wrong with a written one.

A path names the steps from the top: "data.parcel.no", "rows[0].no". `parcels` and `events` end with [] and are lists;
a path that begins with one of them is read in each of its items, any other from the top. "=dhl" is the text itself.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from orders.statuses import Canonical, gettext_noop

LIST = "[]"
CONSTANT = "="
KINDS = ("hmac-sha256-hex", "hmac-sha256-base64", "token")
LISTS = ("parcels", "events")
PATHS = ("number", "carrier", "time", "code", "text", "city", "country", "eta", "as_of")
PER_PARCEL = ("number", "carrier", "eta", "as_of")
REQUIRED = ("number", "time", "code")
PARTS = (*LISTS, *PATHS, "codes", "signature", "snapshot")
LONGEST, LONGEST_CODE, MOST_CODES = 200, 64, 1000
PATH = re.compile(r"(?:[^.\[\]=][^.\[\]]*)?(?:\[\d{0,4}\])*(?:\.[^.\[\]]+(?:\[\d{0,4}\])*)*")
STEP = re.compile(r"[^.\[\]]+|\[\d+\]")
HEADER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")

_ = gettext_noop
UNKNOWN = _("is not part of a mapping; its parts are: %(parts)s")
MISSING = _('is required: a path such as "data.parcel.no"')
NO_CODE = _("is required: the path of the status code, or of the text if there is no code")
NO_PATH = _('must be a path such as "data.parcel.no" or "data.events[].when"')
NO_LIST = _('must be the path of a list and end with [], such as "data.events[]"')
OUTSIDE = _("must begin with %(list)s, because it stands in each of its items")
INSIDE = _("must not begin with %(list)s: it is told once for a parcel, not with each event")
STRAY = _("has [] outside of the lists; name the list in events or parcels, or pick one item such as [0]")
FIXED = _("must be a path: a fixed text would be the same for every parcel")
NO_TABLE = _('must be a table such as {"OK": "delivered.signed"} of at most %(most)s codes')
NO_STATUS = _("%(word)s is not one of our statuses, such as delivered.signed")
LONG_CODE = _("is a code of 1 to %(most)s characters")
NO_SIGNATURE = _('must be "none", or an object such as {"header": "X-Signature", "kind": "hmac-sha256-hex"}')
NO_HEADER = _("must be the name of a header, such as X-Signature")
NO_KIND = _("must be one of: %(kinds)s")
NO_PREFIX = _('must be the text before the signature, such as "sha256="')
NO_FLAG = _("must be true or false")
NO_EVENTS = _("can be true only with events: a message of one event is no whole list")


class Problem(NamedTuple):
    """What is wrong with which field; `remedy` % `known` says what to write (translate `remedy` first)."""

    field: str
    remedy: str
    known: Mapping[str, object] = {}

    def __str__(self) -> str:
        return f"{self.field}: {self.remedy % self.known if self.known else self.remedy}"


def problems(fields: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with a mapping; nothing when the generic source can use it."""
    found = [Problem(str(name)[:64], UNKNOWN, {"parts": ", ".join(PARTS)}) for name in fields if name not in PARTS]
    shapes = [*_paths(fields), *_lists(fields)]
    found += shapes or _places(fields)  # where a path leads is asked only when it can be read
    return [*found, *_codes(fields.get("codes", {})), *_signature(fields.get("signature")), *_snapshot(fields)]


def steps(path: str) -> list[str | int]:
    """The steps of a path without lists."""
    return [int(step[1:-1]) if step.startswith("[") else step for step in STEP.findall(path)]


def rest_of(path: str, prefix: str | None) -> str | None:
    """The path from within an item of the list `prefix`; None when it does not lead there."""
    if not prefix:
        return None
    if path == prefix:
        return ""
    return path.removeprefix(prefix).lstrip(".") if path.startswith((f"{prefix}.", f"{prefix}[")) else None


def _paths(fields: Mapping[str, Any]) -> Iterator[Problem]:
    for name in PATHS:
        path = fields.get(name, "")
        if path == "" and name in REQUIRED:
            yield Problem(name, NO_CODE if name == "code" else MISSING)
        elif path == "":
            continue
        elif not isinstance(path, str) or len(path) > LONGEST or "\x00" in path:
            yield Problem(name, NO_PATH)
        elif path.startswith(CONSTANT):
            if name in REQUIRED:
                yield Problem(name, FIXED)
        elif not PATH.fullmatch(path):
            yield Problem(name, NO_PATH)


def _lists(fields: Mapping[str, Any]) -> Iterator[Problem]:
    for name in LISTS:
        path = fields.get(name, "")
        if path == "":
            continue
        if not isinstance(path, str) or len(path) > LONGEST or not path.endswith(LIST) or not PATH.fullmatch(path):
            yield Problem(name, NO_LIST)


def _places(fields: Mapping[str, Any]) -> Iterator[Problem]:
    parcels, events = fields.get("parcels", ""), fields.get("events", "")
    if LIST in parcels[:-2]:
        yield Problem("parcels", STRAY)
    if events:
        within = rest_of(events, parcels) if parcels else events
        if within is None:
            yield Problem("events", OUTSIDE, {"list": parcels})
        elif LIST in within[:-2]:
            yield Problem("events", STRAY)
    for name in PATHS:
        path = fields.get(name, "")
        if path and not path.startswith(CONSTANT):
            yield from _place(name, path, parcels, events)


def _place(name: str, path: str, parcels: str, events: str) -> Iterator[Problem]:
    """A path may pass only through the lists that were named, and must where it would say the same for all."""
    in_event, in_parcel = rest_of(path, events), rest_of(path, parcels)
    rest = next((rest for rest in (in_event, in_parcel) if rest is not None), path)
    if LIST in rest:
        yield Problem(name, STRAY)
    elif in_event is not None and name in PER_PARCEL:
        yield Problem(name, INSIDE, {"list": events})
    elif name == "time" and events and in_event is None:
        yield Problem(name, OUTSIDE, {"list": events})
    elif name in ("number", "time") and parcels and in_parcel is None:
        yield Problem(name, OUTSIDE, {"list": parcels})


def _codes(table: object) -> Iterator[Problem]:
    if not isinstance(table, Mapping) or len(table) > MOST_CODES:
        yield Problem("codes", NO_TABLE, {"most": MOST_CODES})
        return
    for code, word in table.items():
        field = f"codes.{code}"[:80]
        if not isinstance(code, str) or not 0 < len(code) <= LONGEST_CODE or " ".join(code.split()) != code:
            yield Problem(field, LONG_CODE, {"most": LONGEST_CODE})
        try:
            Canonical.parse(word)
        except (ValueError, AttributeError):
            yield Problem(field, NO_STATUS, {"word": repr(word)[:60]})


def _signature(rule: object) -> Iterator[Problem]:
    if rule == "none":
        return
    if not isinstance(rule, Mapping):
        yield Problem("signature", NO_SIGNATURE)
        return
    for name in rule:
        if name not in ("header", "kind", "prefix"):
            yield Problem(f"signature.{name}"[:80], UNKNOWN, {"parts": "header, kind, prefix"})
    if not isinstance(rule.get("header"), str) or not HEADER.fullmatch(rule["header"]):
        yield Problem("signature.header", NO_HEADER)
    if rule.get("kind") not in KINDS:
        yield Problem("signature.kind", NO_KIND, {"kinds": ", ".join(KINDS)})
    if not isinstance(rule.get("prefix", ""), str) or len(rule.get("prefix", "")) > 40:
        yield Problem("signature.prefix", NO_PREFIX)


def _snapshot(fields: Mapping[str, Any]) -> Iterator[Problem]:
    whole = fields.get("snapshot", False)
    if not isinstance(whole, bool):
        yield Problem("snapshot", NO_FLAG)
    elif whole and not fields.get("events"):
        yield Problem("snapshot", NO_EVENTS)
