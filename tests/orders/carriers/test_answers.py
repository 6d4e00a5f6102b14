"""What no answer may do, whatever has become of it on its way: it is read, or refused in words."""

import json
from copy import deepcopy
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers import catalogue
from orders.carriers.answers import ASKED, refusal, two_letters
from orders.carriers.base import Told, Unusable
from orders.carriers.reading import LONGEST
from orders.statuses import TAXONOMY
from orders.timeline import fingerprint
from tests.orders.carriers.asking import NOW, ask, dumped

SOURCES = sorted(code for code, source in catalogue().items() if ASKED in source.headers)
NONSENSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("9" * 5000),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def sample(code: str) -> Any:
    return import_module(f"tests.orders.carriers.test_{code}").BODY


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(deeper for step, inner in inside for deeper in places(inner, (*path, step)))]


def replaced(value: Any, path: tuple[Any, ...], other: Any) -> Any:
    if not path:
        return other
    whole = place = deepcopy(value)
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = other
    return whole


def read(code: str, body: Any) -> list[Told]:
    try:
        return ask(code, body, number="ASKED1")
    except Unusable as problem:
        assert problem.code
        assert str(problem)
        return []


def check(parcels: list[Told]) -> None:
    for parcel in parcels:
        assert 0 < len(parcel.number) <= LONGEST["number"]
        for scan in parcel.scans:
            assert (scan.status, scan.sub_status) in TAXONOMY
            assert len(fingerprint(scan)) == 16
            assert all(len(getattr(scan, name)) <= LONGEST[name] for name in ("text", "city", "raw_code", "raw_status"))
            assert scan.country == two_letters(scan.country)
            assert "\x00" not in scan.text + scan.city + scan.raw_code


def test_every_carrier_that_is_asked_has_a_sample():
    assert len(SOURCES) >= 18
    assert all(read(code, sample(code)) for code in SOURCES)


@pytest.mark.parametrize("code", SOURCES)
def test_a_source_that_is_asked_never_calls_and_speaks_our_list(code):
    source = catalogue()[code]

    assert not source.pushes
    assert {tuple(canonical) for canonical in source.codes.values()} <= set(TAXONOMY)


@pytest.mark.parametrize("code", SOURCES)
@given(data=st.data())
def test_nonsense_inside_an_answer_is_read_or_refused(code, data):
    body = sample(code)
    if not isinstance(body, str):
        other = replaced(body, data.draw(st.sampled_from(places(body))), data.draw(NONSENSE))
        check(read(code, dumped(other)))
        return
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, min(len(body), start + 30)))
    check(read(code, body[:start] + data.draw(st.text(max_size=12).filter(encodable)) + body[end:]))


def encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


@pytest.mark.parametrize("code", SOURCES)
@given(bits=st.binary(max_size=40), at=st.integers(0, 4000))
def test_damaged_bytes_are_read_or_refused(code, bits, at):
    body = sample(code)
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()

    check(read(code, raw[:at] + bits + raw[at + len(bits) :]))


@pytest.mark.parametrize("code", SOURCES)
def test_an_answer_is_read_alike_every_time(code):
    first, again = read(code, sample(code)), read(code, sample(code))

    assert first == again
    assert all(scan.received_at == NOW for parcel in first for scan in parcel.scans)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Value 'pa55' is short", "Value … is short"),
        ("User a@b.example has no right", "User … has no right"),
        ("Nothing for 1Z99999999 here", "Nothing for … here"),
        ("Don't ask so often, don't", "Don't ask so often, don't"),
    ],
)
def test_a_refusal_keeps_the_carriers_words_and_no_value(text, kept):
    assert str(refusal("X", "E1", text)) == f"X answered with the error E1. {kept}"
