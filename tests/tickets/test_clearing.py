"""The cause of a ticket is gone: what then becomes of the ticket."""

from datetime import timedelta

import pytest

from orders.models import Anomaly
from orders.services.sweep import sweep_until_idle
from orders.services.tracking import record_scans
from orders.timeline import Scan
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from tickets import intake, services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def parcel():
    """A parcel last scanned 80 hours ago, whose silence has raised a ticket."""
    order = make.order(make.shop(), placed_at=ago(100), paid_at=ago(100), shipped_at=ago(99))
    parcel = make.shipment(order, announced_at=ago(99))
    record_scans(shipment=parcel, scans=[scan(80)], now=ago(80))
    sweep_until_idle(now=NOW)
    intake.sweep_until_idle()
    return parcel


def scan(hours: float, word: str = "in_transit.moving", **known: object) -> Scan:
    status, sub_status = word.split(".")
    return Scan(ago(hours), status, sub_status, "api", raw_status=word, country="CN", **{"city": "Wuhan"} | known)


def moves(parcel, now=NOW) -> Ticket:
    """A scan of an hour ago comes in."""
    record_scans(shipment=parcel, scans=[scan(1, city="Hefei")], now=now)
    intake.sweep_until_idle()
    return Ticket.objects.get()


def test_an_untouched_ticket_closes_and_shows_the_scan(parcel) -> None:
    ticket = moves(parcel)
    proof = ticket.events.get(kind="close").data["proof"]
    assert ticket.status == "closed"
    assert (proof["at"], proof["place"]) == (ago(1).isoformat(), "Hefei, CN")
    assert Anomaly.objects.get().proof["number"] == parcel.number


def test_a_ticket_whose_buyer_waits_for_an_answer_stays(parcel) -> None:
    services.customer_message(ticket=Ticket.objects.get(), now=NOW, body="Where is it?")
    ticket = moves(parcel)
    assert (ticket.status, ticket.cause_cleared_at) == ("new", NOW)
    assert ticket.events.get(kind="cause_cleared").data["owed"] is True


def test_a_ticket_that_another_department_was_asked_about_stays(parcel) -> None:
    ticket = Ticket.objects.get()
    make_handover(ticket)
    assert moves(parcel).status == "new"


def make_handover(ticket: Ticket) -> None:
    team = make.team("warehouse")
    ticket.handovers.create(to_team=team, question="?", due_by=NOW + HOUR, asked_by=make.user(team), asked_at=NOW)


def test_a_note_that_moves_nothing_does_not_end_the_silence(parcel) -> None:
    record_scans(shipment=parcel, scans=[scan(1, "exception.researching", is_physical=False)], now=NOW)
    assert Anomaly.objects.get().state == "open"


def test_an_old_scan_heard_late_does_not_end_the_silence(parcel) -> None:
    record_scans(shipment=parcel, scans=[scan(90)], now=NOW)
    assert Anomaly.objects.get().state == "open"


def test_a_feed_that_comes_late_opens_no_stall_at_once() -> None:
    order = make.order(make.shop(), placed_at=ago(100), paid_at=ago(100), shipped_at=ago(99))
    parcel = make.shipment(order, announced_at=ago(99))
    record_scans(shipment=parcel, scans=[scan(90), scan(80)], now=NOW)
    sweep_until_idle(now=NOW)
    assert not Anomaly.objects.filter(code="no_update").exists()
    sweep_until_idle(now=NOW + 73 * HOUR)
    assert Anomaly.objects.filter(code="no_update").exists()


def test_a_graver_finding_takes_the_place_and_the_weaker_ticket_says_so(parcel) -> None:
    record_scans(shipment=parcel, scans=[scan(1, "exception.lost")], now=NOW)
    intake.sweep_until_idle()
    weaker, graver = Anomaly.objects.get(code="no_update"), Anomaly.objects.get(code="lost")
    assert (weaker.state, weaker.suppressed_by) == ("cleared", graver)
    assert Ticket.objects.get(anomaly=weaker).events.get(kind="close").data["by"] == "lost"


def test_accepting_the_ticket_acknowledges_the_anomaly(parcel) -> None:
    agent = make.user(make.team())
    services.accept(ticket=Ticket.objects.get(), by=agent, now=NOW)
    anomaly = Anomaly.objects.get()
    assert anomaly.state == "acknowledged"
    assert [(event.kind, event.actor) for event in anomaly.events.order_by("id")][-1] == ("acknowledged", agent)


def test_an_accepted_ticket_stays_and_says_that_its_cause_is_over(parcel) -> None:
    services.accept(ticket=Ticket.objects.get(), by=make.user(make.team()), now=NOW)
    assert moves(parcel).status == "accepted"
    assert Anomaly.objects.get().state == "cleared"
