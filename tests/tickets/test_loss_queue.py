"""The queue by expected loss: the board's order, the next ticket for somebody, and the programs' list."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders.presents import Presents
from orders.services.judging import judge_orders
from tests import factories as make
from tests.api.cast import with_key
from tests.clock import NOW
from tests.factories import ago, ahead
from tickets import boards, intake, selectors
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


@pytest.fixture
def team():
    return make.team()


@pytest.fixture
def agent(team):
    return make.user(team)


@pytest.fixture
def page(agent):
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture(autouse=True)
def nobody_was_given_anything():
    cache.clear()


def priced(shop, *amounts, **columns):
    return [make.ticket(shop, **{"expected_loss": amount} | columns) for amount in amounts]


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_by_loss_hold_every_ticket_once_the_dearest_first(shop, limit):
    made = priced(shop, "5.00", "70.10", "5.00", "0.01", "70.10", "99999999.99")
    seen, cursor = [], ""
    while True:
        found = selectors.page(Ticket.objects.live(), sort="loss", cursor=cursor, limit=limit)
        seen += [ticket.pk for ticket in found.rows]
        cursor = found.next
        if not cursor:
            break
    wanted = sorted(made, key=lambda ticket: (Decimal(ticket.expected_loss), ticket.pk), reverse=True)
    assert seen == [ticket.pk for ticket in wanted]


def test_a_dearer_ticket_that_comes_in_between_moves_nothing_on_the_next_page(shop):
    made = priced(shop, 40, 30, 20, 10)
    first = selectors.page(Ticket.objects.live(), sort="loss", limit=2)
    priced(shop, 99, 35)
    second = selectors.page(Ticket.objects.live(), sort="loss", cursor=first.next, limit=2)
    assert [ticket.pk for ticket in [*first.rows, *second.rows]] == [ticket.pk for ticket in made]


@pytest.mark.parametrize("cursor", ["x_1", "NaN_1", "_1", "1e9_1", "-1.00_1", "2026-01-01T00:00:00+00:00_1", "1.00_x"])
def test_a_damaged_cursor_of_amounts_is_refused(cursor):
    with pytest.raises(ValueError, match="damaged"):
        selectors.page(Ticket.objects.all(), sort="loss", cursor=cursor)


def test_the_queue_is_read_from_its_index(shop):
    priced(shop, 1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    rows = Ticket.objects.live().filter(selectors._beyond("expected_loss", "<", Decimal(5), 1))
    plan = rows.order_by(*selectors.ORDERS["loss"]).values_list("expected_loss", "pk")[:51].explain()
    assert "ticket_awake_by_loss" in plan
    assert "Index Cond: (ROW(expected_loss, id) <" in plan
    assert "Sort" not in plan


def test_the_board_is_sorted_by_deadline_until_somebody_asks_for_the_loss(page, shop, team):
    cheap = make.ticket(shop, team=team, expected_loss=5, due_by=ahead(1))
    dear = make.ticket(shop, team=team, expected_loss=5600, due_by=ahead(9))
    plain, by_loss = (page.get(reverse("board"), query) for query in ({}, {"sort": "loss"}))
    assert [row.pk for row in plain.context["page"].rows] == [cheap.pk, dear.pk]
    assert [row.pk for row in by_loss.context["page"].rows] == [dear.pk, cheap.pk]
    assert "5.6k" in by_loss.content.decode()


def test_solved_tickets_are_never_sorted_by_what_they_might_have_cost(page, shop, team):
    make.ticket(shop, team=team, status="solved", solved_at=ago(1))
    assert page.get(reverse("board"), {"view": "solved", "sort": "loss"}).context["board"]["sort"] == "solved"


def test_the_board_by_loss_costs_the_same_for_one_ticket_and_for_forty(page, shop, team, django_assert_max_num_queries):
    def cost():
        with django_assert_max_num_queries(20) as counted:
            page.get(reverse("board"), {"sort": "loss"})
        return len(counted)

    priced(shop, 3, team=team)
    first = cost()
    priced(shop, *range(1, 41), team=team)
    assert cost() == first


def test_a_ticket_says_why_it_is_so_dear(page, shop, team):
    order = make.order(shop, paid_at=ago(50), placed_at=ago(60), total=4000, currency="USD", channel="amazon")
    make.team("warehouse")
    judge_orders(shop.pk, [order.pk], now=NOW)
    intake.sweep_until_idle()
    Ticket.objects.update(team=team)
    text = page.get(reverse("ticket", args=[Ticket.objects.get(anomaly_code="not_shipped").pk])).content.decode()
    for words in ("Expected loss: 2.0k CNY", "25 % of such cases end badly", "20 % of 4000.00 USD", "(amazon) × 1.4"):
        assert words in text, words


def test_a_found_ticket_is_valued_at_once_and_again_when_its_anomaly_comes_back(shop):
    order = make.order(shop, placed_at=ago(60), paid_at=ago(50), total=1000)
    judge_orders(shop.pk, [order.pk], now=NOW)
    intake.sweep_until_idle()
    assert Ticket.objects.get().expected_loss == 50  # 0.25 x 20 % of 1000
    type(order).objects.update(total=3000)
    judge_orders(shop.pk, [order.pk], now=ahead(22))
    intake.sweep_until_idle()
    assert (Ticket.objects.get().grade, Ticket.objects.get().expected_loss) == (1, 150)


def test_the_next_one_is_the_dearest_of_mine_and_nobodys_and_of_equals_the_one_due_first(agent, shop, team):
    later, sooner = (make.ticket(shop, team=team, expected_loss=70, due_by=ahead(h)) for h in (5, 2))
    mine = make.ticket(shop, team=team, expected_loss=80, assignee=agent)
    make.ticket(shop, team=team, expected_loss=900, assignee=make.user(team))
    make.ticket(shop, team=make.team(), expected_loss=900)
    make.ticket(shop, team=team, expected_loss=900, status="waiting", waiting_reason="x", call_back_at=ahead(1))
    assert selectors.next_for(agent, Presents.at(NOW), 9) == [mine.pk, sooner.pk, later.pk]


def test_two_people_who_ask_are_given_different_tickets(agent, shop, team):
    dear, cheap = priced(shop, 80, 20, team=team)
    presents, other = Presents.at(NOW), make.user(team)
    assert boards.next_for(agent, presents) == dear.pk
    assert boards.next_for(other, presents) == cheap.pk
    assert boards.next_for(agent, presents) == dear.pk
    assert boards.next_for(agent, presents, but=str(dear.pk)) is None


def test_the_button_opens_the_ticket_and_says_so_when_there_is_none(page, shop, team):
    reply = page.get(reverse("next_ticket"), follow=True)
    assert "Nothing waits for you" in reply.content.decode()
    [ticket] = priced(shop, 8, team=team)
    assert page.get(reverse("next_ticket"))["Location"] == reverse("ticket", args=[ticket.pk])


def test_programs_read_the_queue_page_by_page(shop):
    made = priced(shop, "7.00", "950.50", "7.00")
    make.ticket(shop, status="solved", solved_at=ago(1), expected_loss=5000)
    client = with_key(make.user(role="supervisor"))
    address, rows = "/api/v1/tickets/?ordering=-expected_loss&limit=1", []
    while address:
        answer = client.get(address).json()
        rows += answer["results"]
        address = answer["next"]
    assert [row["id"] for row in rows] == [made[1].pk, made[2].pk, made[0].pk]
    assert rows[0]["expected_loss"] == "950.50"


def test_an_order_that_is_unknown_is_refused_by_name(shop):
    reply = with_key(make.user(role="supervisor")).get("/api/v1/tickets/?ordering=price")
    assert reply.status_code == 400
    assert "ordering" in reply.content.decode()


def test_a_cursor_of_one_order_does_not_serve_another(shop):
    priced(shop, 7, 8, 9)
    client = with_key(make.user(role="supervisor"))
    cursor = client.get("/api/v1/tickets/?limit=1").json()["next"].partition("cursor=")[2].partition("&")[0]
    assert client.get(f"/api/v1/tickets/?ordering=-expected_loss&cursor={cursor}").status_code == 400
