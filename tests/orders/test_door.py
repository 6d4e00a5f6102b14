"""The door for tracking news: who may knock, what is stored, and what he is answered."""

import base64
import hashlib
import hmac
import io
import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from orders.models import FeedHour, InboundMessage
from orders.services import door
from tests import factories as make
from tests.orders.pushes import SECRET, aftership, endpoint, kuaidi100, push

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_is_known():
    door.forget_doors()


def test_a_signed_message_is_stored_sealed_and_as_it_came() -> None:
    to = endpoint(make.shop())
    body = aftership()
    assert push(to, body).status_code == 200
    stored = InboundMessage.objects.get()
    assert (stored.state, stored.size, stored.day) == ("waiting", len(body), datetime.now(UTC).date())
    assert door.opened(stored.body) == body and b"tracking" not in bytes(stored.body)


def test_a_message_costs_one_statement(django_assert_num_queries) -> None:
    to = endpoint(make.shop())
    push(to, aftership())
    with django_assert_num_queries(1):
        assert push(to, aftership(number="another")).status_code == 200


def test_a_message_sent_fourteen_times_is_stored_once_and_always_welcome() -> None:
    to = endpoint(make.shop())
    assert {push(to, aftership()).status_code for _ in range(14)} == {200}
    assert (InboundMessage.objects.count(), FeedHour.objects.get().duplicates) == (1, 13)


@pytest.mark.parametrize("extra", [{}, {"HTTP_AFTERSHIP_HMAC_SHA256": ""}, {"HTTP_AFTERSHIP_HMAC_SHA256": "AAAA"}])
def test_a_wrong_or_missing_signature_is_refused_in_one_shape_and_counted(extra) -> None:
    to = endpoint(make.shop())
    response = push(to, aftership(), **(extra or {"secret": "wrong"}))
    assert (response.status_code, response.json()["error"]) == (401, "signature")
    assert (FeedHour.objects.get().refused, InboundMessage.objects.count()) == (1, 0)


def test_json_that_was_written_anew_is_not_what_was_signed() -> None:
    to = endpoint(make.shop())
    digest = base64.b64encode(hmac.new(SECRET.encode(), aftership(), hashlib.sha256).digest()).decode()
    again = json.dumps(json.loads(aftership()), indent=1).encode()
    assert push(to, again, HTTP_AFTERSHIP_HMAC_SHA256=digest).status_code == 401


def test_both_secrets_count_while_the_sender_changes_his() -> None:
    to = endpoint(make.shop(), next_secret="whsec-next")
    codes = [push(to, aftership(number=word), secret=word).status_code for word in (SECRET, "whsec-next", "whsec-old")]
    assert codes == [200, 200, 401]


@pytest.mark.parametrize("source", ["aftership", "kuaidi100", "17track", "generic", "shippo", "easypost", "kdniao"])
def test_a_door_without_a_secret_is_closed(source) -> None:
    to = endpoint(make.shop(), source, secret="")
    assert push(to, "{}" if source == "kuaidi100" else b"{}", secret="").status_code == 401


def test_a_sender_without_signatures_is_let_in_by_an_administrators_word() -> None:
    to = endpoint(make.shop(), "generic", secret="", fields={"signature": "none"})
    assert push(to, b"{}").status_code == 200


def test_kuaidi100_is_answered_what_it_compares() -> None:
    to = endpoint(make.shop(), "kuaidi100")
    response = push(to, kuaidi100())
    assert response.json() == {"result": True, "returnCode": "200", "message": "成功"}
    assert response.status_code == 200


def test_only_the_right_address_is_a_door() -> None:
    to = endpoint(make.shop())
    closed = endpoint(make.shop(), active=False)
    client = Client()
    for address in (f"kuaidi100/{to.key}/", "aftership/nobody/", f"aftership/{closed.key}/", f"nobody/{to.key}/"):
        assert client.post(f"/hooks/tracking/{address}", b"{}", content_type="application/json").status_code == 404
    assert client.get(f"/hooks/tracking/aftership/{to.key}/").status_code == 405


def chunked(body: bytes) -> dict:
    """What a server says of a body whose length it was not told."""
    return {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(body)}


def test_a_body_of_more_than_two_mebibytes_is_too_large_with_and_without_its_length() -> None:
    to = endpoint(make.shop())
    body = b"x" * (door.MOST_BYTES + 1)
    assert push(to, body).status_code == 413
    assert push(to, body, **chunked(body)).status_code == 413
    assert push(to, aftership(), **chunked(aftership())).status_code == 200
    assert push(to, b"x" * door.MOST_BYTES).status_code == 200


def test_a_token_of_the_address_is_compared_and_not_kept() -> None:
    to = endpoint(make.shop(), "shippo")
    address = f"/hooks/tracking/shippo/{to.key}/"
    client = Client()
    assert client.post(f"{address}?token=wrong", b"{}", content_type="application/json").status_code == 401
    assert client.post(f"{address}?token={SECRET}", b"{}", content_type="application/json").status_code == 200
    assert SECRET not in json.dumps(InboundMessage.objects.get().headers)


def test_nobody_needs_a_session_or_a_token_of_ours() -> None:
    to = endpoint(make.shop())
    response = push(to, aftership(), client=Client(enforce_csrf_checks=True))
    assert response.status_code == 200 and not response.cookies
