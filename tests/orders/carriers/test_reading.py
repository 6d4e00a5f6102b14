"""Reading what strangers send ends in a value or in Unusable."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.base import Unusable
from orders.carriers.reading import (
    DEEPEST,
    LONGEST,
    hmac_sha256,
    number_of,
    part,
    read_form,
    read_json,
    read_object,
    read_xml,
    rows,
    same,
    words,
)  # fmt: skip
from tests.orders.carriers.spoiling import VALUES


def refused(reader, body) -> str:
    with pytest.raises(Unusable) as refusal:
        reader(body)
    return refusal.value.code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"\xff", "not_json"),
        (b"[NaN]", "not_json"),
        (b"-Infinity", "not_json"),
        (b"[1e999]", "not_json"),
        (b"9" * 5000, "not_json"),
        (b"[" * 200_000, "not_json"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "too_deep"),
        (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), "too_deep"),
    ],
)
def test_what_is_no_json_is_unusable(body, code):
    assert refused(read_json, body) == code


@pytest.mark.parametrize("body", [b"null", b"[]", b"5", b'"text"'])
def test_what_is_no_object_is_unusable(body):
    assert refused(read_object, body) == "not_an_object"


def test_json_may_begin_with_a_mark_of_its_encoding():
    assert read_json("\ufeff[1.5, 2e3]".encode()) == [1.5, 2000.0]


@given(VALUES)
def test_json_is_read_as_it_was_written(value):
    text = json.dumps(value)
    if "NaN" not in text and "Infinity" not in text:
        assert read_json(text) == value


def test_a_form_keeps_the_last_of_a_field():
    assert read_form(b"") == {}
    assert read_form(b"a=1&b=%E4%BD%A0&a=2&c=") == {"a": "2", "b": "你", "c": ""}


@pytest.mark.parametrize("body", [b"plain", b"\xff=1", b"&".join([b"a=1"] * 101)])
def test_what_is_no_form_is_unusable(body):
    assert refused(read_form, body) == "not_a_form"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_xml"),
        (b"<a", "not_xml"),
        (b"<a>&unknown;</a>", "not_xml"),
        (b'<?xml version="1.0" encoding="nonsense"?><a/>', "not_xml"),
        (b'<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>', "xml_doctype"),
        ('<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'.encode("utf-16"), "xml_doctype"),
        (b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1), "too_deep"),
    ],
)
def test_xml_that_is_broken_or_could_grow_is_unusable(body, code):
    assert refused(read_xml, body) == code


def test_xml_is_read():
    assert read_xml('<a><b c="1">é</b></a>'.encode()).find("b").text == "é"


@given(st.binary() | st.text("<>!&;?a=\"'/[]DOCTYPE ").map(str.encode))
def test_no_bytes_break_a_reader(body):
    for reader in (read_json, read_form, read_xml):
        try:
            reader(body)
        except Unusable as refusal:
            assert refusal.code and str(refusal)


@given(VALUES)
def test_words_can_be_stored_whatever_they_were(value):
    for kind, longest in LONGEST.items():
        text = words(value, kind)
        assert len(text) <= longest and "\x00" not in text and text.encode() is not None


def test_words_are_told_plainly():
    assert (words("  a \n b\x00\ud800 "), words(7), words(0), words(1.5)) == ("a b", "7", "0", "1.5")
    assert [words(value) for value in (None, True, [], {}, 10**5000)] == [""] * 5


def test_a_path_through_anything_ends_in_what_stands_there_or_in_none():
    value = {"a": [{"b": 1}, 2]}
    assert (part(value, "a", 0, "b"), part(value, "a", -1), part(value)) == (1, 2, value)
    assert [part(value, *path) for path in (("x",), ("a", "b"), ("a", 2), ("a", -3), ("a", 1, "b"), (0,))] == [None] * 6
    assert (rows(value, "a"), rows(value, "x"), rows(value, "a", 0)) == ([{"b": 1}], [], [])


@pytest.mark.parametrize("value", [None, "", " -- ", {}, True, "\x00"])
def test_a_number_must_be_told(value):
    with pytest.raises(Unusable) as refusal:
        number_of(value)
    assert refusal.value.code == "number_missing"


def test_a_number_may_be_a_number_but_not_a_story():
    assert (number_of(12345), number_of(" 1Z 9 ")) == ("12345", "1Z 9")
    assert refused(number_of, "9" * 65) == "number_too_long"


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_signatures_are_the_same_exactly_when_equal(one, other):
    assert same(one, other) == (one == other) and same(one, one)
    assert len(hmac_sha256(one, b"body").digest()) == 32


def test_text_and_bytes_of_a_signature_compare():
    assert same("ab", b"ab") and not same("ab", b"AB")
