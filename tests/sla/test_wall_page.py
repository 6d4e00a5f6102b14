import re

import pytest
from django.test import Client
from django.urls import reverse

from orders.presents import Presents
from sla import selectors, trends
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.models import Role
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


@pytest.fixture
def page():
    return signed_in(make.user(role=Role.SUPERVISOR))


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_number_of_the_wall_opens_a_list_that_holds_as_many(page, shop):
    team = make.team()
    make.ticket(shop, team=team, grade=1, due_by=ago(1))
    make.ticket(shop, team=team, grade=2, due_by=ahead(0.5))
    make.ticket(shop, grade=2, due_by=ahead(9))
    text = page.get(reverse("wall")).content.decode()
    links = re.findall(r'<td><a href="([^"]*(?:team|grade)=\d+)"[^>]*>(\d+)</a></td>', text)
    assert len(links) == 4 * (1 + 4)
    for link, number in links:
        reply = page.get(link.replace("&amp;", "&"))
        assert len(reply.context["page"].rows) == int(number), link


def test_the_wall_costs_the_same_for_one_ticket_and_for_thirty(page, shop, django_assert_max_num_queries):
    def cost():
        with django_assert_max_num_queries(25) as counted:
            page.get(reverse("wall"))
        return len(counted)

    team = make.team()
    make.ticket(shop, team=team, due_by=ago(1))
    make.ticket(shop, team=team, due_by=ahead(1))
    first = cost()
    for hours in range(1, 31):
        make.ticket(shop, team=team, grade=1 + hours % 4, due_by=ago(hours - 15), order=make.order(shop))
    assert cost() == first


def test_an_agent_sees_only_the_load_of_his_teams(shop):
    team, other = make.team(), make.team()
    make.ticket(shop, team=team, due_by=ago(1))
    foreign = make.ticket(shop, team=other, due_by=ago(1))
    text = signed_in(make.user(team)).get(reverse("wall")).content.decode()
    assert team.name in text
    assert other.name not in text and foreign.subject not in text


def test_a_big_screen_has_no_controls(page, shop):
    text = page.get(reverse("wall"), {"tv": "1"}).content.decode()
    assert 'class="tv"' in text
    assert "<nav" not in text and "<select" not in text


def test_the_wall_can_be_narrowed_to_a_team(page, shop):
    team = make.team()
    make.ticket(shop, team=team)
    make.ticket(shop)
    reply = page.get(reverse("wall"), {"team": team.pk})
    assert reply.context["live"].total.open == 1
    assert page.get(reverse("wall"), {"team": "x"}).context["live"].total.open == 2


def test_opened_and_solved_are_counted_on_their_local_days(shop):
    make.ticket(shop, opened_at=ago(1))
    make.ticket(shop, opened_at=ago(11), solved_at=ago(1), status="solved")  # before midnight in Shanghai
    flow = trends.flow(Presents.at(NOW), make.user().zone, days=2)
    assert (flow.opened, flow.solved) == ([1, 1], [0, 1])


def test_reasons_and_carriers_count_live_tickets_and_the_late_among_them(shop):
    for hours in (1, -1):
        make.ticket(shop, anomaly_code="not_shipped", order=make.order(shop), due_by=ago(hours))
    make.ticket(shop, anomaly_code="lost", status="solved", solved_at=NOW)
    make.ticket(shop)
    live = selectors.wall(Ticket.objects.all(), Presents.at(NOW))
    counted = {code: (load.open, load.breached) for code, load in live.by_reason.items()}
    assert counted == {"not_shipped": (2, 1), "": (1, 0)}
    assert {pk: load.open for pk, load in live.by_carrier.items()} == {None: 3}
