"""Mail really goes out by SMTP, webhooks really are signed POSTs, and neither gets into private networks."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
import requests
from aiosmtpd.controller import Controller
from standardwebhooks import Webhook

from ticketdesk.outbox.letters import Call, Mail
from ticketdesk.outbox.senders import PostOffice, SendError, call

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LETTER = Mail(
    "lin@buyer.example", "您的订单", "已发货\n", "<p>已发货</p>", {"List-Unsubscribe": "<https://x.example/s>"}
)


class Mailbox:
    """Takes in what is sent to it; `refusal` is answered to every recipient while it is set."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.greeted = 0
        self.refusal = ""

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def mailbox(settings) -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=0)
    controller.port = free_port()
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield box
    controller.stop()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Hook(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def hook(settings) -> Iterator[str]:
    settings.HOOKS_TO_LOOPBACK = True
    Hook.status = 200
    Hook.seen.clear()
    server = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/in"
    server.shutdown()
    server.server_close()


def test_mail_arrives_with_text_html_and_headers_over_one_connection(mailbox) -> None:
    with PostOffice() as office:
        office.send(LETTER, 1)
        office.send(LETTER, 2)
    assert len(mailbox.letters) == 2 and mailbox.greeted == 1
    raw = mailbox.letters[0].content.decode()
    assert mailbox.letters[0].rcpt_tos == ["lin@buyer.example"]
    assert "multipart/alternative" in raw and "List-Unsubscribe: <https://x.example/s>" in raw


@pytest.mark.parametrize(("refusal", "final"), [("550 nobody here", True), ("451 busy", False)])
def test_a_refused_recipient_is_final_and_a_busy_server_is_not(mailbox, refusal, final) -> None:
    mailbox.refusal = refusal
    with PostOffice() as office, pytest.raises(SendError) as raised:
        office.send(LETTER, 1)
    assert (raised.value.final, raised.value.unreachable) == (final, False)


def test_a_mail_server_that_is_away_is_unreachable(settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with PostOffice() as office, pytest.raises(SendError) as raised:
        office.send(LETTER, 1)
    assert raised.value.unreachable and not raised.value.final


def test_a_subject_that_no_header_can_hold_is_given_up(settings) -> None:
    with PostOffice() as office, pytest.raises(SendError) as raised:
        office.send(Mail("a@buyer.example", "two\nlines", "text"), 1)
    assert raised.value.final


def test_a_webhook_is_posted_with_a_signature_that_its_owner_can_verify(hook) -> None:
    call(Call(hook, SECRET, {"type": "order.delivered", "text": "已签收"}), 7)
    headers, body = Hook.seen[0]
    assert Webhook(SECRET).verify(body, headers) == {"type": "order.delivered", "text": "已签收"}
    assert headers["webhook-id"] == "msg_7" and json.loads(body)


@pytest.mark.parametrize(("status", "final"), [(500, False), (404, False), (410, True), (302, False)])
def test_only_2xx_counts_as_delivered_and_no_redirect_is_followed(hook, status, final) -> None:
    Hook.status = status
    with pytest.raises(SendError, match=f"http_{status}") as raised:
        call(Call(hook, SECRET, {}), 1)
    assert raised.value.final == final and len(Hook.seen) == 1


def test_a_webhook_that_nobody_listens_at_is_unreachable(settings) -> None:
    settings.HOOKS_TO_LOOPBACK = True
    with pytest.raises(SendError) as raised:
        call(Call(f"http://127.0.0.1:{free_port()}/", SECRET, {}), 1)
    assert raised.value.unreachable and issubclass(getattr(requests, raised.value.reason), Exception)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "10.0.0.8", "192.168.1.1", "169.254.169.254", "100.100.100.200", "2130706433",
        "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[fec0::1]", "[::7f00:1]", "[fd00::1]",
        "[64:ff9b::a9fe:a9fe]",
    ],
)  # fmt: skip
def test_no_webhook_leads_into_a_private_network(host) -> None:
    with pytest.raises(SendError, match="private_address") as raised:
        call(Call(f"http://{host}:9/", SECRET, {}), 1)
    assert raised.value.final


@pytest.mark.parametrize("url", ["ftp://shop.example/", "file:///etc/passwd", "gopher://x.example/", "https://"])
def test_only_http_addresses_are_called(url) -> None:
    with pytest.raises(SendError) as raised:
        call(Call(url, SECRET, {}), 1)
    assert raised.value.final
