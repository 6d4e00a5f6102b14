"""The board's lists, counts and pages."""

import pytest
from django.db.models import QuerySet

from orders.listing import BadCursor
from orders.presents import Presents
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.models import Role, User
from ticketdesk.accounts.sealed import phone_keys
from tickets import selectors
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def supervisor() -> User:
    return make.user(role=Role.SUPERVISOR)


def walk(tickets: QuerySet[Ticket], sort: str, limit: int) -> list[int]:
    seen, cursor = [], ""
    while True:
        page = selectors.page(tickets, sort=sort, cursor=cursor, limit=limit)
        seen += [ticket.pk for ticket in page.rows]
        cursor = page.next
        if not cursor:
            return seen


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_by_deadline_hold_every_ticket_once_and_those_without_a_clock_last(limit: int) -> None:
    shop = make.shop()
    due = [ahead(2), None, ahead(1), ahead(2), None, ago(3), ahead(1)]
    made = [make.ticket(shop, due_by=moment) for moment in due]
    expected = sorted(made, key=lambda t: (t.due_by is None, t.due_by or NOW, t.pk))
    assert walk(Ticket.objects.all(), "due", limit) == [ticket.pk for ticket in expected]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_pages_of_solved_tickets_run_from_the_newest(limit: int) -> None:
    shop = make.shop()
    made = [make.ticket(shop, status="solved", solved_at=ago(hours)) for hours in (3, 1, 2, 1)]
    expected = sorted(made, key=lambda t: (t.solved_at, t.pk), reverse=True)
    assert walk(Ticket.objects.all(), "solved", limit) == [ticket.pk for ticket in expected]


@pytest.mark.parametrize("cursor", ["x", "2026_", "_", "2026-13-01T00:00_1", "1'--_2"])
def test_a_damaged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadCursor, match="damaged"):
        selectors.page(Ticket.objects.all(), cursor=cursor)


def test_every_view_counts_what_it_lists(supervisor: User) -> None:
    shop = make.shop()
    make.ticket(shop, due_by=ago(1), assignee=supervisor)
    make.ticket(shop, due_by=ahead(0.5))
    make.ticket(shop, status="waiting", waiting_reason="x", call_back_at=ahead(5))
    make.ticket(shop, status="solved", solved_at=ago(1))
    presents = Presents.at(NOW)
    counts = selectors.counts(supervisor, presents)
    assert counts == {"mine": 1, "unassigned": 2, "soon": 1, "late": 1, "waiting": 1, "open": 3, "muted": 0}
    for name, count in counts.items():
        assert selectors.view(name, supervisor, presents).count() == count


def test_a_replayed_shops_tickets_are_late_by_its_own_present(supervisor: User) -> None:
    replayed, live = make.shop(present_at=ago(1000)), make.shop()
    make.ticket(replayed, due_by=ago(999))
    late = make.ticket(replayed, due_by=ago(1001))
    also = make.ticket(live, due_by=ago(1))
    assert set(selectors.view("late", supervisor, Presents.at(NOW))) == {late, also}


def test_a_team_member_counts_only_what_he_sees() -> None:
    shop, ours = make.shop(), make.team()
    make.ticket(shop, team=ours)
    make.ticket(shop, team=make.team())
    assert selectors.counts(make.user(ours), Presents.at(NOW))["open"] == 1


def test_tickets_are_found_by_order_parcel_phone_and_number() -> None:
    shop = make.shop()
    exact, last4 = phone_keys("13812345678")
    order = make.order(shop, external_no="SO-77", phone_key=exact, phone_last4_key=last4)
    make.shipment(order, number="SF 123-4", number_norm="SF1234")
    wanted, _other = make.ticket(shop, order=order), make.ticket(shop)
    for text in (
        "SO-77",
        "sf1234",
        "SF 123-4",
        "138 1234 5678",
        "+8613812345678",
        "5678",
        f"#{wanted.pk}",
        str(wanted.pk),
    ):
        assert selectors.Filters(text=text).narrow(Ticket.objects.all()).get() == wanted, text
    assert not selectors.Filters(text="nobody").narrow(Ticket.objects.all()).exists()


def test_a_page_of_the_board_takes_three_queries_however_many_rows(django_assert_num_queries) -> None:
    shop = make.shop()
    for _ in range(30):
        make.ticket(shop, order=make.order(shop), due_by=ahead(1), assignee=make.user(), team=make.team())
    with django_assert_num_queries(3):
        page = selectors.page(Ticket.objects.all(), limit=50)
        assert [(str(t.order), str(t.assignee), t.customer, t.carrier) for t in page.rows]
