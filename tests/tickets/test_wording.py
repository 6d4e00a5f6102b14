import pytest
from django.utils import translation

from tests.clock import NOW
from tickets import wording
from tickets.models import Ticket, TicketEvent
from tickets.wording import Names

NAMES = Names({7: "Amy"}, {3: "Warehouse"})


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (
            "opened",
            {"code": "not_shipped", "grade": 1, "assignee": 7},
            "Raised by TicketDesk: Not shipped, P1 Urgent · given to Amy",
        ),
        ("opened", {"grade": 3, "team": 3}, "Opened, P3 Normal · given to Warehouse"),
        ("accept", {}, "Accepted"),
        ("assign", {"assignee": 7}, "Given to Amy"),
        ("assign", {"assignee": None, "team": 3}, "Put into the queue of Warehouse"),
        (
            "wait",
            {"waiting_for": "carrier", "reason": "scan", "call_back_at": NOW.isoformat()},
            "Waits for Carrier until 2026-11-23 02:00: scan",
        ),
        ("resume", {"why": "call_back_time"}, "The call-back time has come"),
        ("regrade", {"grade_from": 3, "grade": 1, "why": "VIP"}, "Grade P3 → P1: VIP"),
        ("answer", {"from_team": 3}, "Warehouse answered"),
        ("escalate", {"tier": 2, "metric": "solution"}, "Escalated to tier 2 (Solution)"),
        ("solve", {"cause": "delay"}, "Solved, cause: Delay"),
        ("close", {"anomaly": 1, "why": "shipped"}, "Closed by itself: shipped since"),
        ("cause_cleared", {"why": "new_scan"}, "What raised it is over: a new scan has come"),
        ("something_new", {"x": 1}, "Something new"),
    ],
)
def test_what_happened_is_told_in_a_sentence(kind, data, text):
    assert wording.event_sentence(TicketEvent(kind=kind, data=data), NAMES) == text


@pytest.mark.parametrize("kind", sorted(wording.SENTENCES))
def test_an_event_without_its_data_is_still_told(kind):
    assert wording.event_sentence(TicketEvent(kind=kind, data={}), Names({}, {}))


@pytest.mark.parametrize(
    ("code", "params", "text"),
    [
        ("severity", {"grade": 2}, "Starts at P2 High, by what is wrong"),
        ("vip", {}, "The buyer is a VIP"),
        ("by_hand", {"who": "Amy", "why": "angry"}, "Set by Amy: angry"),
        ("unheard_of", {}, "Unheard of"),
    ],
)
def test_why_a_grade_is_what_it_is(code, params, text):
    assert wording.factor(code, params) == text


def test_a_ticket_without_a_subject_is_called_by_its_anomaly():
    assert wording.title(Ticket(subject="Late again", anomaly_code="lost")) == "Late again"
    assert wording.title(Ticket(anomaly_code="not_shipped")) == "Not shipped"
    assert wording.title(Ticket()) == "No subject"


@pytest.mark.django_db
def test_names_are_looked_up_in_two_queries_for_any_number_of_events(django_assert_num_queries):
    events = [TicketEvent(kind="assign", data={"assignee": number, "team": number}) for number in range(1, 30)]
    with django_assert_num_queries(2):
        Names.of(events)
    with django_assert_num_queries(0):
        Names.of([TicketEvent(kind="accept", data={})])
