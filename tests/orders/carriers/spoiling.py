"""Bodies as strangers may send them: arbitrary bytes, and good bodies with parts changed, missing or cut off."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from orders.carriers.base import Message, Parse, Setting, Told, Unusable
from orders.carriers.reading import LONGEST
from orders.timeline import fingerprint

AT = datetime(2026, 8, 21, 3, tzinfo=UTC)
SHOP = Setting(zone="Europe/London")
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=())),
    st.text(min_size=100, max_size=700),
    st.sampled_from(["", "\x00", "\ud800", "2026-13-40T99:99:99", "0001-01-01T00:00:00Z", "9999-12-31", "2026-08-20"]),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.just(10**400), st.floats(), TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def spoilt(draw: st.DrawFn, good: Any) -> bytes:
    """The body with one to four parts replaced or taken away, sometimes cut off."""
    whole = {"body": copy.deepcopy(good)}
    for _ in range(draw(st.integers(1, 4))):
        home, step = whole, "body"
        for _ in range(draw(st.integers(3, 12))):
            inner = home[step]
            steps = (
                list(inner) if isinstance(inner, dict) else list(range(len(inner))) if isinstance(inner, list) else []
            )
            if not steps:
                break
            home, step = inner, draw(st.sampled_from(steps))
        if isinstance(home, dict) and home is not whole and draw(st.booleans()):
            del home[step]
        else:
            home[step] = draw(VALUES)
    body = json.dumps(whole["body"]).encode()
    return body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 7)) == 7 else body


def read(parse: Parse, body: bytes) -> list[Told] | Unusable:
    """What the parser makes of it; any failure but Unusable, and anything that cannot be stored, fails the test."""
    try:
        found = parse(Message(body, AT), SHOP)
    except Unusable as refusal:
        return refusal
    for told in found:
        assert 0 < len(told.number) <= 64
        assert len(told.carrier) <= 64 and len(told.note) <= 500 and len(told.provider_status) <= 64
        assert len(told.origin_country) in (0, 2) and len(told.dest_country) in (0, 2)
        for scan in told.scans:
            assert scan.occurred_at.tzinfo is UTC
            assert scan.provider_key == told.feed
            for name in ("text", "city", "raw_code", "raw_status"):
                value = getattr(scan, name)
                assert len(value) <= LONGEST[name]
                assert "\x00" not in value and value.encode("utf-8") is not None
            assert len(fingerprint(scan)) == 16
    return found


def sent(parse: Parse) -> Callable[[Any], Told]:
    """The one parcel that a JSON body tells of."""

    def one(body: Any) -> Told:
        (told,) = parse(Message(json.dumps(body).encode(), AT), SHOP)
        return told

    return one


def every_line(codes: str) -> list[tuple[str, str]]:
    """The pairs of a list written "code status.sub_status, …"."""
    return [(raw, ours) for raw, ours in (line.split() for line in codes.split(",") if line.strip())]
