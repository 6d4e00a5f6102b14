import json
import logging

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from ticketdesk.logs import REMOVED, clean, is_private


@pytest.mark.parametrize(
    "private",
    [
        "13800138000", "138 0013 8000", "+86 138 0013 8000", "+1 (415) 555-0132", "(415) 555-0132", "021-62345678",
        "lin.wei+shop@example.com.cn",
    ],
)  # fmt: skip
def test_a_phone_number_or_address_inside_a_sentence_is_masked(private):
    assert private not in clean(f"客户{private}来电，order 2026-11-22 SF1234567890123")
    assert "SF1234567890123" in clean(f"客户{private}来电，order 2026-11-22 SF1234567890123")


@pytest.mark.parametrize(
    "plain", ["2026-11-22 17:03:11", "SF1234567890123", "ORD-20261122-000017", "id 4021", "1.5 ms"]
)
def test_dates_and_numbers_of_orders_stay_readable(plain):
    assert clean(plain) == plain


@pytest.mark.parametrize("key", ["name", "buyer_name", "Set-Cookie", "API_TOKEN", "Authorization", "shipping-address"])
def test_what_stands_under_a_private_key_is_removed(key):
    assert clean({"order": {key: "Lin"}}) == {"order": {key: REMOVED}}


def test_ordinary_keys_are_not_private():
    assert not any(map(is_private, ["event", "path", "filename", "tokenizer", "status"]))


@given(
    st.recursive(st.none() | st.text() | st.integers(), lambda kids: st.lists(kids) | st.dictionaries(st.text(), kids))
)
def test_whatever_is_logged_is_cleaned_without_failing(value):
    json.dumps(clean(value))


def test_a_line_of_a_foreign_library_is_scrubbed_with_its_traceback(capsys):
    handler = logging.getLogger().handlers
    formatter = next(h.formatter for h in handler if type(h.formatter).__name__ == "ProcessorFormatter")
    try:
        raise ValueError("Key (phone)=(13800138000) already exists")
    except ValueError:
        record = logging.getLogger("django").makeRecord(
            "x", logging.ERROR, "f", 1, "mail to %s", ("a@example.com",), __import__("sys").exc_info()
        )
    line = formatter.format(record)
    assert "13800138000" not in line
    assert "a@example.com" not in line
    assert json.loads(line)["level"] == "error"


def test_every_answer_carries_the_callers_request_id():
    answer = Client().get("/livez", headers={"X-Request-ID": "abcd-1234-efgh"})
    assert answer["X-Request-ID"] == "abcd-1234-efgh"


@pytest.mark.django_db
def test_a_call_by_key_is_logged_with_its_person_and_the_keys_beginning(caplog):
    from tests.api.cast import gather, with_key

    person = gather().agent_a
    with_key(person).get("/api/v1/orders/")
    [line] = [record.msg for record in caplog.records if record.name == "ticketdesk.requests"]
    assert (line["user"], line["key"]) == (person.pk, person.api_keys.get().prefix)


def test_a_request_id_that_could_forge_a_line_is_replaced():
    answer = Client().get("/livez", headers={"X-Request-ID": 'x" level="error'})
    assert answer["X-Request-ID"].isalnum()
