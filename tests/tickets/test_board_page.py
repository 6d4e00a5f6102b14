import json

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client
from django.urls import reverse

from orders.presents import Presents
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.models import Role
from tickets import boards
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def team():
    return make.team()


@pytest.fixture
def agent(team):
    return make.user(team)


@pytest.fixture
def page(agent, settings):
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


@pytest.fixture(autouse=True)
def nobody_listens(settings, monkeypatch):
    monkeypatch.setattr("tickets.listening._listeners", lambda: ())


def board(page, **query):
    return page.get(reverse("board"), query, headers=HTMX if query.pop("htmx", False) else {})


def test_strangers_are_sent_to_sign_in():
    reply = Client().get(reverse("board"))
    assert (reply.status_code, reply["Location"].partition("?")[0]) == (302, reverse("account_login"))


def test_the_board_shows_what_the_reader_may_see_and_nothing_else(page, shop, team):
    mine, foreign = make.ticket(shop, team=team), make.ticket(shop, team=make.team())
    text = board(page).content.decode()
    assert mine.subject in text
    assert foreign.subject not in text


def test_counts_agree_with_the_lists_that_they_open(page, shop, team, agent):
    make.ticket(shop, team=team, due_by=ago(1), assignee=agent)
    make.ticket(shop, team=team, due_by=ago(2))
    reply = board(page, view="late")
    rail = {view.code: view.count for view in reply.wsgi_request.standard_views}
    assert rail["late"] == reply.context["total"] == str(len(reply.context["page"].rows)) == "2"
    assert (rail["mine"], rail["unassigned"], rail["solved"]) == ("1", "1", "")


def test_a_page_costs_the_same_for_one_ticket_and_for_forty(page, shop, team, django_assert_max_num_queries):
    def cost():
        with django_assert_max_num_queries(20) as counted:
            board(page)
        return len(counted)

    make.ticket(shop, team=team, order=make.order(shop), customer=make.customer(shop))
    first = cost()
    for _ in range(40):
        make.ticket(shop, team=team, order=make.order(shop), customer=make.customer(shop))
    assert cost() == first


def test_the_next_page_goes_on_where_the_last_one_ended(page, shop, team):
    made = [make.ticket(shop, team=team, due_by=ahead(hours)).pk for hours in range(1, 121)]
    first = board(page).context["page"]
    second = board(page, after=first.next).context["page"]
    assert [row.pk for row in [*first.rows, *second.rows]] == made[:100]


def test_a_damaged_cursor_is_no_page(page):
    assert board(page, after="x_y").status_code == 404


def test_a_fault_of_the_list_is_not_taken_for_a_damaged_cursor(page, monkeypatch):
    def broken(*_given, **_named):
        raise ValueError("year 10000 is out of range")

    monkeypatch.setattr("tickets.selectors.page", broken)
    with pytest.raises(ValueError, match="out of range"):
        board(page)


@pytest.mark.parametrize(
    ("query", "found"),
    [({"status": "waiting"}, 0), ({"grade": "1"}, 1), ({"grade": "9"}, 2), ({"assignee": "x"}, 2), ({"q": "zzz"}, 0)],
)
def test_filters_narrow_and_nonsense_counts_as_not_chosen(page, shop, team, query, found):
    make.ticket(shop, team=team, grade=1)
    make.ticket(shop, team=team)
    assert len(board(page, **query).context["page"].rows) == found


def test_a_fragment_is_no_whole_page(page, shop, team):
    make.ticket(shop, team=team)
    text = board(page, htmx=True).content.decode()
    assert 'id="list"' in text
    assert "<html" not in text


def test_what_people_wrote_never_becomes_markup(page, shop, team):
    make.ticket(shop, team=team, subject="<script>alert(1)</script>")
    assert "<script>alert" not in board(page).content.decode()


def test_an_empty_board_is_good_news_but_an_empty_search_is_not(page):
    assert "All clear here" in board(page).content.decode()
    assert "No ticket fits" in board(page, grade="1").content.decode()


def test_taking_ticked_tickets_takes_those_that_can_be_taken(page, shop, team, agent):
    new, waiting = make.ticket(shop, team=team), make.ticket(shop, team=team, status="in_progress")
    foreign = make.ticket(shop, team=make.team())
    reply = page.post(reverse("take"), {"ids": [new.pk, waiting.pk, foreign.pk, "x"]}, headers=HTMX)
    assert set(Ticket.objects.filter(assignee=agent)) == {new, waiting}
    assert json.loads(reply["HX-Trigger"])["desk:toast"]["text"].startswith("2 tickets are yours now.")


def test_a_reader_has_nothing_to_tick(shop):
    make.ticket(shop, team=make.team())
    client = Client()
    client.force_login(make.user(role=Role.READONLY))
    text = board(client).content.decode()
    assert 'class="tk"' in text
    assert 'name="ids"' not in text


def test_news_are_counted_since_the_page_was_drawn(page, shop, team, agent):
    ticket = make.ticket(shop, team=team)
    pulse = board(page).context["pulse"]
    assert page.get(pulse).json()["changed"] == 0
    page.post(reverse("act", args=[ticket.pk, "accept"]))
    assert page.get(pulse).json() == {
        "changed": 1,
        "counts": {
            "mine": "1",
            "unassigned": "",
            "soon": "",
            "late": "",
            "waiting": "",
            "open": "1",
            "muted": "",
            "solved": "",
        },
    }


def test_a_peek_shows_only_what_may_be_seen(page, shop, team):
    mine, foreign = make.ticket(shop, team=team, order=make.order(shop)), make.ticket(shop, team=make.team())
    assert mine.subject in page.get(reverse("peek", args=[mine.pk])).content.decode()
    assert page.get(reverse("peek", args=[foreign.pk])).status_code == 404


def test_the_palette_finds_tickets_and_orders_by_number(page, shop, team):
    order = make.order(shop, external_no="SO77")
    ticket = make.ticket(shop, team=team, order=order)
    text = page.get(reverse("search"), {"q": "SO77"}, headers=HTMX).content.decode()
    assert reverse("ticket", args=[ticket.pk]) in text
    assert reverse("order", args=[order.pk]) in text
    assert "Nothing found" in page.get(reverse("search"), {"q": "nowhere"}).content.decode()


def test_a_search_with_a_nul_in_it_finds_what_the_rest_says(page, shop):
    order = make.order(shop, external_no="SO77")
    assert reverse("order", args=[order.pk]) in page.get(reverse("search"), {"q": "SO\x0077"}).content.decode()


def test_a_page_grows_to_two_hundred_rows_and_then_goes_on_as_a_new_one(page, shop, team):
    for hours in range(1, 52):
        make.ticket(shop, team=team, due_by=ahead(hours))
    assert "&amp;so_far=50" in board(page).content.decode()
    last = board(page, so_far="150").content.decode()
    assert "Next page" in last and "&amp;so_far" not in last
    assert "so_far=50" in board(page, so_far="99999").content.decode()


def test_counts_kept_for_a_moment_are_the_readers_own_and_older_than_no_event(monkeypatch, shop, team):
    monkeypatch.setattr("ticketdesk.briefly.kept", LocMemCache("board", {}))
    ours, theirs, presents = make.user(team), make.user(make.team()), Presents.at(NOW)
    assert boards.counts(ours, presents)["open"] == 0
    ticket = make.ticket(shop, team=team)
    TicketEvent.objects.create(ticket=ticket, kind="opened", at=NOW)
    assert [boards.counts(reader, presents)["open"] for reader in (ours, theirs)] == [1, 0]
