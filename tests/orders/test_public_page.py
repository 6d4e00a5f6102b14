"""The buyer's page: opened by nothing but its link, in the reader's language, without anybody's personal data."""

import secrets

import pytest
from django.test import Client

from orders.models import Order, TrackLink
from orders.projection import Scan
from orders.services.links import hash_of, link_of, renew, revoke
from orders.services.tracking import follow, record_scans
from orders.views import public
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from ticketdesk.api.throttles import RequestThrottle

pytestmark = pytest.mark.django_db
LONG_AGO = ago(24 * 300)  # the page lives in the real present, which only moves on


@pytest.fixture(autouse=True)
def fresh_limits(monkeypatch) -> None:
    monkeypatch.setattr(public, "throttle", RequestThrottle("60/min"))


def order_of(**columns) -> Order:
    shop = make.shop(name="Blue Mill", contact_email="care@shop.example", language="en")
    who = make.customer(shop, name="Lin Wei", phone="13800001234", email="lin@buyer.example", language="zh-hant")
    given = {
        "placed_at": LONG_AGO, "paid_at": LONG_AGO, "customer": who, "ship_name": "Lin Wei",
        "ship_phone": "13800001234", "ship_address": "1 Moon Street", "dest_city": "Hangzhou", "total": 4711,
    }  # fmt: skip
    return make.order(shop, **given | columns)


def way_to(order: Order) -> str:
    return f"/track/{link_of(order).token}"


def english(order: Order) -> str:
    return Client().get(way_to(order), {"lang": "en"}).content.decode()


def test_the_answer_comes_first() -> None:
    order = order_of(promised_delivery_at=LONG_AGO.replace(year=2099))
    assert "<h1>Arrives by Jan. 27, 2099" in english(order)
    Order.objects.update(delivered_at=LONG_AGO, shipped_at=LONG_AGO)
    assert "<h1>Delivered on " in english(order)
    Order.objects.update(delivered_at=None, cancelled_at=LONG_AGO)
    assert "<h1>This order was cancelled" in english(order)


def test_a_broken_promise_is_said_with_what_is_done_about_it() -> None:
    page = english(order_of(promised_delivery_at=ago(24 * 200)))
    assert "Your order is later than promised." in page and "We are sorry" in page


def test_an_anomaly_is_told_in_the_buyers_words() -> None:
    order = order_of(promised_delivery_at=LONG_AGO.replace(year=2099))
    order.anomalies.create(
        shop=order.shop, code="no_update", grade=3, department="logistics", since=LONG_AGO, opened_at=LONG_AGO, why="x"
    )
    assert "There has been no news of your parcel for some time." in english(order)


def test_nothing_personal_and_no_price_is_shown() -> None:
    order = order_of()
    scan = Scan(LONG_AGO, "in_transit", "moving", "generic", text="Call Lin Wei, 13800001234", city="Hangzhou")
    parcel = make.shipment(order, announced_at=LONG_AGO)
    record_scans(shipment=parcel, scans=[scan], now=NOW)
    page = english(order)
    assert order.external_no in page and parcel.number in page and "Hangzhou" in page
    for words in ("Lin", "13800001234", "1234", "Moon Street", "buyer.example", "4711"):
        assert words not in page.replace(parcel.number, "").replace(order.external_no, "")


def test_three_scans_are_shown_and_all_on_demand_without_script() -> None:
    order = order_of()
    scans = [Scan(ago(24 * 300 - hours), "in_transit", "moving", "generic", city=f"Town {hours}") for hours in range(5)]
    record_scans(shipment=make.shipment(order, announced_at=LONG_AGO), scans=scans, now=NOW)
    shown, _, folded = english(order).partition("<details")
    assert [name in shown for name in ("Town 4", "Town 2", "Town 1")] == [True, True, False]
    assert "Town 0" in folded and "<script" not in shown + folded


@pytest.mark.parametrize(
    ("asked", "accepts", "language"),
    [("", "", "zh-hant"), ("", "de;q=1, zh-CN;q=0.8", "zh-hans"), ("en", "zh-CN", "en"), ("xx", "en-GB", "en")],
)
def test_the_page_speaks_as_chosen_or_as_the_browser_or_as_the_buyer(asked, accepts, language) -> None:
    answer = Client(headers={"Accept-Language": accepts} if accepts else {}).get(
        way_to(order_of()), {"lang": asked} if asked else {}
    )
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language.replace("hans", "Hans").replace("hant", "Hant")}"' in answer.content.decode()


def test_no_index_cache_or_next_page_learns_the_address() -> None:
    answer = Client().get(way_to(order_of()))
    assert "noindex" in answer.headers["X-Robots-Tag"] and b'name="robots" content="noindex' in answer.content
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert not answer.cookies


def test_unknown_revoked_and_replaced_links_get_the_same_answer() -> None:
    revoked, replaced = order_of(), order_of()
    ways = [f"/track/{secrets.token_urlsafe(24)}", way_to(revoked), way_to(replaced), "/track/x"]
    revoke(revoked, now=NOW)
    renew(replaced)
    answers = [Client().get(way) for way in ways]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert Client().get(way_to(replaced)).status_code == 200


def test_a_leaked_table_opens_no_page() -> None:
    order = order_of()
    token = link_of(order).token
    assert len(token) >= 32 and link_of(order).token == token
    row = TrackLink.objects.values("token_hash").get()
    assert bytes(row["token_hash"]) == hash_of(token)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM orders_tracklink")
        assert token.encode() not in bytes(cursor.fetchone()[0])


def test_one_address_and_one_order_may_ask_only_so_often(monkeypatch) -> None:
    monkeypatch.setattr(public, "throttle", RequestThrottle("3/min"))
    way = way_to(order_of())
    answers = [Client().get(way) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert Client().get(way, REMOTE_ADDR="203.0.113.9").status_code == 429  # by another address, for the same order
    assert Client().get(way_to(order_of()), REMOTE_ADDR="203.0.113.9").status_code == 200


def test_guessing_is_limited_by_address_whatever_a_caller_claims_to_be(monkeypatch) -> None:
    monkeypatch.setattr(public, "throttle", RequestThrottle("3/min"))
    answers = [Client().get(f"/track/{n}", headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(4)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429]


def test_a_page_costs_as_many_queries_for_ten_parcels_as_for_one(django_assert_num_queries) -> None:
    few, many = order_of(), order_of()
    for order, count in ((few, 1), (many, 10)):
        for _ in range(count):
            scan = Scan(LONG_AGO, "in_transit", "moving", "generic")
            record_scans(shipment=make.shipment(order, announced_at=LONG_AGO), scans=[scan], now=NOW)
        follow(order_ids=[order.pk], shop_id=order.shop_id, now=NOW)
    for way in (way_to(few), way_to(many)):
        with django_assert_num_queries(5):
            Client().get(way)


def test_a_replayed_shop_shows_no_future() -> None:
    order = order_of(delivered_at=ago(24 * 100), shipped_at=ago(24 * 200))
    order.shop.present_at = ago(24 * 150)
    order.shop.save()
    assert "Delivered on" not in english(order)
