"""The incident's page: who sees it, what is done for all at once, and what is told to buyers."""

import pytest
from django.test import Client
from django.urls import reverse

from orders.models import Affected, Anomaly, Incident, Order
from orders.services import incidents as of_orders
from orders.services import letters, telling_all
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from ticketdesk.outbox.letters import Later, Mail
from ticketdesk.outbox.models import Delivery
from tickets import incident_pages, incidents, services
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db
TEXTS = {"en": "Late because of snow.", "zh-hans": "因大雪延误。", "zh-hant": "因大雪延誤。"}


@pytest.fixture
def team():
    return make.team("logistics")


@pytest.fixture
def boss(team):
    return make.user(team, role="supervisor")


@pytest.fixture
def page(boss):
    client = Client()
    client.force_login(boss)
    return client


def incident(children: int = 3, **columns) -> Incident:
    """An open incident with so many muted tickets, each of another buyer who reads mail in another language."""
    shop = make.shop(notices_since=ago(500), **columns)
    found = of_orders.open_incident(
        shop_id=shop.pk, kind="region", key="CN/Gansu", code="no_update", cause="spike", started_at=ago(3),
        present=ago(2),
        evidence={"x": 40, "orders": 38, "expected": 3.1, "hour": ago(3).isoformat(), "tail": 1e-9, "drift": 6.0},
    )  # fmt: skip
    assert found is not None
    for number in range(children):
        buyer = make.customer(
            shop, email=f"b{number}@example.test", email_key=bytes([number]), language=list(TEXTS)[number % 3]
        )
        order = make.order(shop, customer=buyer, dest_country="CN", dest_region="Gansu", shipped_at=ago(90))
        anomaly = Anomaly.objects.create(
            shop=shop, order=order, code="no_update", grade=3, department="logistics", since=ago(3), opened_at=ago(2),
            why="x",
        )  # fmt: skip
        make.ticket(shop, order=order, customer=buyer, anomaly=anomaly, anomaly_code="no_update", subject="")
    of_orders._joined(of_orders._OF_SHOP, {"shop": shop.pk, "since": ago(4)}, ago(1))
    incidents.sweep_until_idle()
    found.refresh_from_db()
    return found


def press(page, found: Incident, action: str, **data):
    return page.post(reverse("incident_act", args=[found.pk, action]), data)


def test_the_page_says_why_with_the_numbers_and_lists_whom_it_touches(page) -> None:
    text = page.get(reverse("incident", args=[incident().pk])).content.decode()
    for words in ("40 times on 38 orders", "3.1 are usual", "Gansu", "By region", "Emergency plan"):
        assert words in text


def test_an_empty_list_says_what_comes_here_and_a_full_one_counts(page, django_assert_max_num_queries) -> None:
    assert "No incident yet" in page.get(reverse("incidents")).content.decode()
    incident()
    with django_assert_max_num_queries(20) as one:
        assert "Gansu" in page.get(reverse("incidents")).content.decode()
    for _ in range(4):
        incident()
    with django_assert_max_num_queries(len(one)):
        page.get(reverse("incidents"))


def test_a_cursor_goes_on_where_the_page_ended_and_a_made_up_one_is_not_found(page, boss) -> None:
    made = [incident(0) for _ in range(3)]
    first = incident_pages.page(boss, limit=2)
    second = incident_pages.page(boss, limit=2, cursor=first.next)
    assert [row.incident for row in (*first.rows, *second.rows)] == made[::-1]
    assert second.next == ""
    assert page.get(reverse("incidents"), {"after": "x"}).status_code == 404


def test_one_answer_reaches_every_child(page) -> None:
    found = incident()
    assert press(page, found, "reply", body="We are on it.").status_code == 302
    children = Ticket.objects.filter(parent__incident=found)
    assert Message.objects.filter(ticket__in=children, kind="reply", body="We are on it.").count() == 3
    assert all(child.responded_at and child.events.filter(kind="reply").exists() for child in children)


def test_one_end_closes_every_muted_child_and_leaves_who_waits_for_an_answer(page) -> None:
    found = incident()
    waiting = Ticket.objects.filter(parent__incident=found).first()
    services.customer_message(ticket=waiting, now=NOW, body="And mine?")
    press(page, found, "close", cause="delay", resolution="Road is open again.")
    assert Ticket.objects.filter(parent__incident=found, status="closed").count() == 2
    waiting.refresh_from_db()
    assert waiting.is_live
    found.refresh_from_db()
    assert found.close_reason == "by_hand"


def test_a_tick_stays_on_record_and_can_be_taken_back(page, boss) -> None:
    found = incident()
    press(page, found, "tick", step="verify", done="on")
    text = page.get(reverse("incident", args=[found.pk])).content.decode()
    assert str(boss) in text and 'aria-pressed="true"' in text
    press(page, found, "tick", step="verify")
    events = found.ticket.events.filter(kind="plan_step").order_by("id")
    assert [event.data["done"] for event in events] == [True, False]


def test_a_message_is_previewed_first_and_then_sent_once_to_each_buyer(page) -> None:
    found = incident()
    texts = {f"text_{code}": text for code, text in TEXTS.items()}
    preview = press(page, found, "tell", **texts).content.decode()
    assert "3 buyers will get it" in preview
    assert not Delivery.objects.filter(kind="incident").exists()
    press(page, found, "tell", confirm="1", **texts)
    press(page, found, "tell", confirm="1", **texts)
    sent = Delivery.objects.filter(kind="incident", audience="buyer").order_by("id")
    assert sent.count() == 3
    letters_sent = [letters.compose(each, NOW) for each in sent]
    assert all(isinstance(each, Mail) for each in letters_sent)
    assert {text for text in TEXTS.values() for each in letters_sent if text in each.text} == set(TEXTS.values())


def test_a_buyer_of_two_orders_hears_once_and_single_notices_wait(page) -> None:
    found = incident(1)
    buyer = Order.objects.get(shop=found.shop).customer
    second = make.order(found.shop, customer=buyer)
    anomaly = Anomaly.objects.create(
        shop=found.shop, order=second, code="no_update", grade=3, department="logistics", since=ago(1),
        opened_at=ago(1), why="x",
    )  # fmt: skip
    Affected.objects.create(incident=found, anomaly=anomaly, order=second, at=NOW)
    assert telling_all.preview(found, TEXTS).buyers == 1
    single = Delivery.objects.create(
        dedupe_key="one", audience="buyer", about_id=second.pk, channel="email", kind="anomaly",
        params={"anomaly": anomaly.pk, "code": "no_update"}, created_at=NOW,
    )  # fmt: skip
    answer = letters.compose(single, NOW)
    assert isinstance(answer, Later) and answer.reason == "incident"


def test_a_language_left_empty_is_asked_for(page) -> None:
    found = incident()
    reply = press(page, found, "tell", confirm="1", text_en="Late.", **{"text_zh-hans": " ", "text_zh-hant": "晚。"})
    assert reply.status_code == 422
    assert not Delivery.objects.filter(kind="incident").exists()


def test_an_agent_of_another_team_sees_the_incident_and_may_not_act_for_it() -> None:
    found = incident()
    client = Client()
    client.force_login(make.user(make.team()))
    assert client.get(reverse("incident", args=[found.pk])).status_code == 200
    assert press(client, found, "reply", body="Hello").status_code == 403


def test_a_contact_of_another_department_sees_nothing_of_it() -> None:
    found = incident()
    client = Client()
    client.force_login(make.user(make.team("finance"), role="contact"))
    assert client.get(reverse("incident", args=[found.pk])).status_code == 404


def test_the_board_shows_the_incident_and_not_its_children(page) -> None:
    found = incident()
    rows = page.get(reverse("board")).context["page"].rows
    assert [row.incident_id for row in rows] == [found.pk]
    muted = page.get(reverse("board"), {"view": "muted", "parent": found.ticket.pk}).context["page"].rows
    assert len(muted) == 3
    assert "1 incident is open" in page.get(reverse("board")).content.decode()


def test_the_ticket_page_leads_to_the_incident(page) -> None:
    found = incident()
    text = page.get(reverse("ticket", args=[found.ticket.pk])).content.decode()
    assert reverse("incident", args=[found.pk]) in text
    assert "Gansu" in text


def test_the_bars_say_how_many_of_the_orders_are_where() -> None:
    reach = incident_pages.reach(incident())
    assert (reach.orders, reach.buyers, reach.worth[0][0]) == (3, 3, "CNY")
    assert [(bar.label, bar.note) for bar in reach.bars[0][1]] == [("Gansu", "3 · 100 %")]
