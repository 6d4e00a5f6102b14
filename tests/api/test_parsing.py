"""Bodies that are meant to hurt."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from tests.api.cast import fields_of
from ticketdesk.api.parsers import DEPTH_MAX, read_json

ADDRESS = "/api/v1/orders/"


def send(client, body: bytes, content_type: str = "application/json"):
    return client.generic("POST", ADDRESS, body, content_type=content_type)


def is_problem(response, status: int) -> bool:
    body = json.loads(response.content)
    keys = {"type", "title", "status", "detail", "errors"}
    return (
        response.status_code == body["status"] == status
        and response["Content-Type"] == "application/problem+json"
        and body.keys() == keys
    )


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 20_000,
        b"[" * 20_000 + b"]" * 20_000,
        b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
        b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1),
        b'{"shop": "a\\u0000b"}',
        b'{"a\\u0000": 1}',
        b'{"shop": "\\ud800"}',
        b'{"shop": "\\ud83d and then nothing"}',
        b'{"shop": "\xed\xa0\x80"}',
        b'{"shop": "\xff"}',
        b'{"shop": "\x00"}',
        b'{"total": NaN}',
        b'{"total": -Infinity}',
        b'{"total": 1e999}',
        b'{"total": ' + b"9" * 5000 + b"}",
        b'{"shop": "a", "shop": "b"}',
        b'{"lines": [{"sku": "a", "sku": "b"}]}',
        b"",
        b"{",
        b"null",
        b'"text"',
        b"17",
        b"\xef\xbb\xbf{}",
        b"{}{}",
        b"{'a': 1}",
        b'"' + b"\\" * 100_000,
        b'"' + b'\\"' * 400_000,
    ],
)
def test_a_body_that_is_not_plain_json_is_refused_with_a_problem(agent, body):
    assert is_problem(send(agent, body), 400)


def test_as_deep_as_allowed_is_read_and_brackets_in_text_do_not_count():
    assert read_json(b"[" * DEPTH_MAX + b"]" * DEPTH_MAX)
    assert read_json(json.dumps(["[{" * 100, '"[\\"{']).encode()) == ["[{" * 100, '"[\\"{']


def test_an_escape_that_only_looks_like_nul_is_text():
    assert read_json(b'"\\\\u0000 \\\\ud800"') == "\\u0000 \\ud800"


def test_a_pair_of_surrogates_is_one_character():
    assert read_json(b'"\\ud83d\\ude00"') == "😀"


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner)
        ),
        max_leaves=20,
    )
)
def test_whatever_is_harmless_is_read_as_it_was_written(value):
    assert read_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=200) | st.text('[]{}",:\\u0d8 1e-', max_size=200).map(str.encode))
def test_whatever_comes_is_read_or_refused_and_nothing_else(body):
    try:
        read_json(body)
    except ParseError:
        pass


def test_more_than_a_mebibyte_is_413(agent):
    body = b'{"shop": "' + b"x" * 1024 * 1024 + b'"}'
    assert is_problem(send(agent, body), 413)
    assert is_problem(send(agent, body * 3), 413)


def test_events_may_take_two_mebibytes_and_no_more(agent):
    body = b'[{"text": "' + b"x" * 1024 * 1024 + b'"}]'
    assert agent.generic("POST", "/api/v1/tracking-events/", body, content_type="application/json").status_code == 207
    body = b'[{"text": "' + b"x" * 2048 * 1024 + b'"}]'
    assert is_problem(agent.generic("POST", "/api/v1/tracking-events/", body, content_type="application/json"), 413)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_read(agent, content_type):
    assert is_problem(send(agent, b'{"shop": "demo"}', content_type), 415)


def test_a_reader_of_html_is_told_in_json_that_there_is_none(agent):
    assert is_problem(agent.get(ADDRESS, headers={"Accept": "text/html"}), 406)


def test_a_method_that_is_not_there_is_405_and_an_address_that_is_not_there_404(agent):
    assert is_problem(agent.delete(ADDRESS), 405)
    assert is_problem(agent.options(ADDRESS), 405)
    assert is_problem(agent.get("/api/v1/nothing/here/"), 404)
    assert is_problem(agent.post("/api/v1/nothing/"), 404)


@pytest.mark.parametrize("pk", ["0", "99999999999999999999999", "9" * 5000])
def test_a_number_that_no_row_can_have_is_404(agent, pk):
    assert is_problem(agent.get(f"/api/v1/orders/{pk}/"), 404)


def test_the_refusal_names_the_field_and_says_what_to_do(agent):
    response = send(agent, b'{"shop": "nowhere", "external_no": 17}')
    assert fields_of(response) == {"shop", "external_no", "placed_at"}
    assert all(error["message"] and error["remedy"] for error in response.json()["errors"])
