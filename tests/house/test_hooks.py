"""Messages of other systems go the straight way; everything else goes through Django."""

import io

import pytest
from django.test import RequestFactory

from orders.models import InboundMessage
from orders.services import door
from orders.views.hooks import answer
from tests import factories as make
from tests.orders.pushes import aftership, endpoint, push
from ticketdesk.hooks import straight

pytestmark = pytest.mark.django_db


def call(path: str, body: bytes = b"", method: str = "POST", **extra) -> tuple[str, dict, bytes]:
    """Status, headers and body, from the straight way or (marked so) from behind it."""
    told: list = []
    environ = RequestFactory().generic(method, path, body, content_type="application/json", **extra).META
    application = straight(lambda environ, start: start("299 Django", []) or [b"django"], answer)
    answered = application(
        {**environ, "wsgi.input": io.BytesIO(body)}, lambda status, headers: told.extend((status, headers))
    )
    return told[0], dict(told[1]), b"".join(answered)


def test_a_message_is_stored_and_answered_with_its_length() -> None:
    door.forget_doors()
    to = endpoint(make.shop(), "generic", secret="", fields={"signature": "none"})
    for end in ("/", ""):
        status, headers, body = call(f"/hooks/tracking/generic/{to.key}{end}", aftership())
        assert (status, headers["Content-Length"]) == ("200 OK", str(len(body)))
    assert InboundMessage.objects.count() == 1


def test_both_ways_refuse_alike() -> None:
    door.forget_doors()
    to = endpoint(make.shop())
    status, headers, body = call(f"/hooks/tracking/aftership/{to.key}/", aftership())
    plain = push(to, aftership(), secret="wrong")
    assert (status, headers["Content-Type"], body) == ("401 Unauthorized", plain["Content-Type"], plain.content)
    assert call(f"/hooks/tracking/aftership/{to.key}/", method="GET")[0] == "405 Method Not Allowed"
    assert call("/hooks/tracking/aftership/nobody/")[0] == "404 Not Found"


def test_every_other_address_is_djangos() -> None:
    assert {call(path)[0] for path in ("/", "/hooks/", "/hooks/tracking/", "/hooks/tracking/a/b/c/")} == {"299 Django"}
