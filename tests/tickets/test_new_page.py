import pytest
from django.test import Client
from django.urls import reverse

from tests import factories as make
from tests.clock import NOW
from ticketdesk.accounts.models import Role
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
GIVEN = {"kind": "complaint", "channel": "phone", "subject": "Broken cup", "body": "He called twice.", "key": "k"}


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


@pytest.fixture
def agent():
    return make.user(make.team())


@pytest.fixture(autouse=True)
def nobody_listens(monkeypatch):
    monkeypatch.setattr("tickets.listening._listeners", lambda: ())


def send(user, **data):
    client = Client()
    client.force_login(user)
    return client.post(reverse("new_ticket"), GIVEN | data)


def test_a_call_becomes_a_ticket_of_whoever_took_it(shop, agent):
    order = make.order(shop, customer=make.customer(shop))
    reply = send(agent, order_no=order.external_no)
    ticket = Ticket.objects.get()
    assert reply["Location"] == reverse("ticket", args=[ticket.pk])
    assert (ticket.order, ticket.shop, ticket.customer, ticket.assignee) == (order, shop, order.customer, agent)
    assert (ticket.opened_at, ticket.messages.get().kind) == (NOW, "note")


def test_sending_twice_opens_one_ticket(shop, agent):
    for _ in range(2):
        send(agent, shop=shop.pk)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(("data", "field"), [({}, "shop"), ({"order_no": "nowhere"}, "order_no")])
def test_an_order_or_a_shop_must_be_named(agent, data, field):
    reply = send(agent, **data)
    assert reply.status_code == 422
    assert field in reply.context["form"].errors


def test_a_number_of_two_shops_asks_for_the_shop(shop, agent):
    other = make.order(make.shop(), external_no="SO1")
    make.order(shop, external_no="SO1")
    assert "shop" in send(agent, order_no="SO1").context["form"].errors
    send(agent, order_no="SO1", shop=other.shop_id)
    assert Ticket.objects.get().order == other


@pytest.mark.parametrize("role", [Role.CONTACT, Role.READONLY])
def test_others_do_not_open_tickets(shop, role):
    assert send(make.user(make.team(), role=role), shop=shop.pk).status_code == 403
    assert Ticket.objects.count() == 0


def test_an_orders_page_fills_in_the_order(shop, agent):
    order = make.order(shop)
    client = Client()
    client.force_login(agent)
    page = client.get(reverse("order", args=[order.pk])).content.decode()
    link = f"{reverse('new_ticket')}?order_no={order.external_no}&amp;shop={shop.pk}"
    assert link in page
    assert f'value="{order.external_no}"' in client.get(link.replace("&amp;", "&")).content.decode()
