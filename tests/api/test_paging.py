"""Pages, how many questions they cost, and how often one may call."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Anomaly, Order
from sla.defaults import setup_defaults
from tests import factories as make
from tests.api.cast import fields_of, with_key
from tests.clock import NOW
from tests.factories import ago
from ticketdesk.api.pagination import after
from ticketdesk.api.throttles import PrincipalThrottle
from tickets.services import NewTicket, open_ticket


def walk(client, address):
    """Every row of a list, page by page."""
    while address:
        page = client.get(address).json()
        yield from page["results"]
        address = page["next"]


def test_the_pages_hold_every_row_once_in_order(agent, cast):
    placed = [ago(hours) for hours in (9, 9, 9, 8, 7, 7, 30)]
    made = [make.order(cast.shop, placed_at=at) for at in placed] + [cast.order]
    wanted = [order.pk for order in sorted(made, key=lambda order: (order.placed_at, order.pk), reverse=True)]
    for limit in (1, 3, 200):
        assert [row["id"] for row in walk(agent, f"/api/v1/orders/?limit={limit}&shop=demo")] == wanted


def test_the_next_page_keeps_the_filters(agent, cast):
    for _ in range(3):
        make.order(cast.shop)
        make.order(make.shop(code=f"other{Order.objects.count()}"))
    assert {row["shop"] for row in walk(agent, "/api/v1/orders/?shop=demo&limit=1")} == {"demo"}


def test_a_row_that_comes_in_between_moves_nothing(agent, cast):
    made = [make.order(cast.shop, placed_at=ago(hours)) for hours in (6, 7, 8)]
    rows = walk(agent, "/api/v1/orders/?limit=1")
    first = next(rows)
    make.order(cast.shop, placed_at=ago(1))
    assert [first["id"], *(row["id"] for row in rows)] == [cast.order.pk, *(order.pk for order in made)]


def test_a_cursor_is_good_only_where_it_was_given_out_and_unchanged(agent, cast):
    make.order(cast.shop)
    cursor = agent.get("/api/v1/orders/?limit=1").json()["next"].partition("cursor=")[2].partition("&")[0]
    for address in (
        f"/api/v1/anomalies/?cursor={cursor}", f"/api/v1/orders/?cursor={cursor[:-1]}", "/api/v1/orders/?cursor=WzFd",
        f"/api/v1/orders/?cursor={'x' * 5000}", "/api/v1/orders/?cursor=%00",
    ):  # fmt: skip
        reply = agent.get(address)
        assert (reply.status_code, fields_of(reply)) == (400, {"cursor"}), address


def test_going_on_is_a_condition_of_the_index_not_a_filter(cast):
    rows = Order.objects.filter(after(["-placed_at", "-id"], [NOW, 5])).order_by("-placed_at", "-id")[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    plan = rows.explain()
    assert "Index Cond: (ROW(placed_at, id) <" in plan
    assert "Filter" not in plan


@pytest.fixture
def many(cast, carrier):
    """Makes another of everything that lists show; the parcel is always the same."""
    setup_defaults()
    parcel = make.shipment(cast.order, by=carrier)

    def more():
        order = make.order(cast.shop, customer=make.customer(cast.shop, name="n"))
        make.shipment(order, by=carrier)
        for code in ("damaged", "lost"):
            Anomaly.objects.create(
                shop=cast.shop, order=order, shipment=parcel, code=code, grade=1, department="front_line", since=NOW,
                opened_at=NOW, why="Parcel {number}", params={"number": "1"},
            )  # fmt: skip
        mark = f"{order.pk:016}".encode()
        parcel.events.create(
            month=parcel.month, fingerprint=mark, occurred_at=NOW, status="delivered", sub_status="signed"
        )
        new = NewTicket(
            shop=cast.shop, kind="consultation", channel="email", subject="s", order=order, team=cast.team_a
        )
        open_ticket(new=new, by=None, now=NOW)
        return parcel

    return more


@pytest.mark.parametrize("role", ["supervisor", "contact"])
@pytest.mark.parametrize(
    "address", ["shops", "orders", "shipments", "tracking-events", "anomalies", "tickets", "clocks"]
)
def test_a_list_asks_as_many_questions_for_many_rows_as_for_few(cast, many, address, role):
    client, counts, sizes = with_key(getattr(cast, role)), [], []
    asked = {"shipment": many().pk} if address == "tracking-events" else {}
    many()
    client.get(f"/api/v1/{address}/", asked)  # that a key was used is noted once a minute
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            sizes.append(len(client.get(f"/api/v1/{address}/", asked).json()["results"]))
        counts.append(len(queries))
        for _ in range(4):
            many()
    assert sizes[0] < sizes[1] or address == "shops"
    assert counts[0] == counts[1] <= 8


@pytest.fixture
def slow(monkeypatch):
    """Three calls a minute."""
    monkeypatch.setattr(PrincipalThrottle, "rate", "3/min", raising=False)
    moment = [1000.0]
    monkeypatch.setattr("ticketdesk.api.throttles.time.monotonic", lambda: moment[0])
    return moment


def test_who_calls_too_often_is_told_when_to_come_back(slow, agent, cast):
    replies = [agent.get("/api/v1/shops/") for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 200, 200, 429]
    assert (replies[3]["Retry-After"], replies[3].json()["type"]) == ("20", "urn:ticketdesk:problem:throttled")
    slow[0] += 20
    assert [agent.get("/api/v1/shops/").status_code for _ in range(2)] == [200, 429]


def test_each_key_has_a_bucket_of_its_own_whatever_address_it_claims(slow, cast):
    one, other = with_key(cast.agent_a), with_key(cast.agent_a)
    replies = [one.get("/api/v1/shops/", headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(4)]
    assert replies[-1].status_code == 429
    assert other.get("/api/v1/shops/").status_code == 200


def test_buckets_do_not_fill_the_memory(slow, agent, cast, monkeypatch):
    monkeypatch.setattr("ticketdesk.api.throttles.MOST_BUCKETS", 2)
    for _ in range(5):
        with_key(cast.agent_a).get("/api/v1/shops/")
    assert len(PrincipalThrottle._drained_at) == 2
