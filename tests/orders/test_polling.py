"""Sources that are asked: in each parcel's own time, and the answer read like a message that was sent."""

from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.cadence import next_look
from orders.models import Endpoint, InboundMessage, ParcelPoll, Shipment
from orders.services import inbound, polling
from tests import factories as make
from tests.clock import NOW
from tests.orders.pushes import aftership, checkpoint, endpoint

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
asked: list[tuple[str, str]] = []


class Source(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        asked.append((self.path, self.headers.get("X-Key", "")))
        number = self.path.rsplit("/", 1)[1]
        body = aftership(checkpoint(NOW - HOUR), number=number)
        self.send_response(500 if number == "BAD" else 200)
        self.end_headers()
        self.wfile.write(b"x" * (3 << 20) if number == "LONG" else body)

    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture
def source(settings):
    settings.HOOKS_TO_LOOPBACK = True
    asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Source)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/track/{{number}}"
    server.shutdown()
    server.server_close()


def polled(url: str, *numbers: str) -> Endpoint:
    to = endpoint(make.shop(), secret="", poll_url=url, poll_header="X-Key: 42")
    for number in numbers:
        parcel = make.shipment(make.order(to.shop), number=number, number_norm=number)
        Shipment.objects.filter(pk=parcel.pk).update(created_at=NOW - DAY)
    return to


@pytest.mark.django_db
def test_an_answer_is_kept_and_read_and_the_next_look_is_hours_away(source) -> None:
    polled(source, "P1")
    assert polling.ask_until_idle(now=NOW) == 1
    assert asked == [("/track/P1", "42")]
    inbound.take_in_until_idle(now=NOW)
    assert Shipment.objects.get().status == "in_transit" and InboundMessage.objects.get().state == "done"
    assert 4 * HOUR < ParcelPoll.objects.get().due_at - NOW < 6 * HOUR
    assert polling.ask_until_idle(now=NOW) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "error"), [("BAD", "http_500"), ("LONG", "too_large")])
def test_a_failure_is_tried_again_soon_and_said(source, number, error) -> None:
    polled(source, number)
    polling.ask_until_idle(now=NOW)
    poll = ParcelPoll.objects.get()
    assert (poll.failures, poll.error, InboundMessage.objects.count()) == (1, error, 0)
    assert poll.due_at - NOW < 6 * timedelta(minutes=1)


@pytest.mark.django_db
def test_nothing_in_the_house_is_asked(source, settings) -> None:
    settings.HOOKS_TO_LOOPBACK = False
    polled(source, "P1")
    polling.ask_until_idle(now=NOW)
    assert (ParcelPoll.objects.get().error, asked) == ("private_address", [])


@pytest.mark.django_db
def test_a_parcel_that_has_arrived_leaves_the_table(source) -> None:
    polled(source, "P1", "P2")
    polling.enlist(NOW)
    Shipment.objects.filter(number="P1").update(flags="T")
    assert polling.ask_until_idle(now=NOW) == 1
    assert [poll.shipment.number for poll in ParcelPoll.objects.all()] == ["P2"]


@pytest.mark.parametrize(("days", "hours"), [(0, 5), (29, 5), (30, 7), (50, 13), (70, 24)])
def test_the_older_a_parcel_the_less_it_is_asked_for(days, hours) -> None:
    pause = next_look(7, began=NOW - days * DAY, now=NOW) - NOW
    assert 0.9 * hours * HOUR <= pause <= 1.1 * hours * HOUR


def test_a_parcel_of_eighty_days_is_not_asked_for_any_more() -> None:
    assert next_look(7, began=NOW - 80 * DAY, now=NOW) is None


@given(st.integers(1, 2**40), st.integers(0, 79), st.integers(0, 50))
def test_the_next_look_is_always_ahead_and_within_a_day_or_so(parcel, days, failures) -> None:
    at = next_look(parcel, began=NOW - days * DAY, now=NOW, failures=failures)
    assert at is not None and timedelta(minutes=4) < at - NOW < 27 * HOUR
