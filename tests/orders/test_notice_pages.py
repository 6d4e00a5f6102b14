"""Who sees what buyers were told, who may send again, who may let a shop speak, who hands out links."""

import pytest
from django.test import Client

from orders.models import Order, Shop, TrackLink
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from ticketdesk.outbox.models import Delivery

pytestmark = pytest.mark.django_db


def signed_in(role: str = "supervisor") -> Client:
    client = Client()
    client.force_login(make.user(make.team(), role=role))
    return client


def told(order: Order, **columns) -> Delivery:
    given = {"audience": "buyer", "about_id": order.pk, "channel": "email", "kind": "handed_over", "created_at": ago(1)}
    number = Delivery.objects.count()
    return Delivery.objects.create(**given | {"dedupe_key": f"buyer:{number}", "state": "sent"} | columns)


def order_of() -> Order:
    return make.order(make.shop())


def test_supervisors_see_what_was_sent_and_why_not_and_agents_nothing() -> None:
    order = order_of()
    told(order)
    told(order, state="skipped", error="overtaken")
    told(order, state="dead", error="ConnectionRefusedError")
    page = signed_in().get("/orders/notices/").content.decode()
    for words in (order.external_no, "a later step came first", "ConnectionRefusedError"):
        assert words in page
    assert signed_in("agent").get("/orders/notices/").status_code == 403
    assert Client().get("/orders/notices/").status_code == 302


def test_the_list_is_narrowed_by_state_and_order_number() -> None:
    one, other = order_of(), order_of()
    told(one)
    told(other, state="dead")
    client = signed_in()
    dead = client.get("/orders/notices/", {"state": "dead"}).content.decode()
    assert other.external_no in dead and one.external_no not in dead
    found = client.get("/orders/notices/", {"q": one.external_no}).content.decode()
    assert one.external_no in found and other.external_no not in found
    assert "No notice fits" in client.get("/orders/notices/", {"q": "nothing"}).content.decode()


def test_pages_follow_each_other_without_gap_or_repetition(monkeypatch) -> None:
    monkeypatch.setattr("orders.noticed.PAGE", 2)
    from orders import noticed

    order = order_of()
    rows = [told(order) for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = noticed.page(before=cursor, limit=2)
        seen += [line.delivery for line in page.lines]
        if not page.next:
            break
        cursor = int(page.next)
    assert seen == rows[::-1]


@pytest.mark.parametrize("cursor", ["x", "-1", "9" * 30, "²"])
def test_a_damaged_cursor_is_not_found(cursor) -> None:
    assert signed_in().get("/orders/notices/", {"before": cursor}).status_code == 404


def test_fifty_notices_cost_as_many_queries_as_two(django_assert_max_num_queries) -> None:
    client = signed_in()
    for _ in range(2):
        told(order_of())
    client.get("/orders/notices/")
    with django_assert_max_num_queries(30) as few:
        client.get("/orders/notices/")
    for _ in range(48):
        told(order_of())
    with django_assert_max_num_queries(len(few)):
        client.get("/orders/notices/")


def test_dead_ones_are_sent_again_and_only_buyers_ones() -> None:
    dead = told(order_of(), state="dead", error="TimeoutError", attempts=10)
    sent = told(order_of())
    own = Delivery.objects.create(dedupe_key="own", recipient=make.user(), channel="email", kind="x", state="dead")
    answer = signed_in().post("/orders/notices/retry/", {"id": [dead.pk, sent.pk, own.pk, "x"]})
    assert answer.status_code == 302
    states = Delivery.objects.order_by("id").values_list("state", "attempts")
    assert list(states) == [("waiting", 0), ("sent", 0), ("dead", 0)]
    assert signed_in("agent").post("/orders/notices/retry/", {"id": dead.pk}).status_code == 403


def test_an_administrator_lets_a_shop_speak_and_sees_the_webhooks_secret_once() -> None:
    shop = make.shop()
    client = signed_in("administrator")
    answers = {"on": "on", "contact_email": "care@shop.example", "notice_hook_url": "https://gate.example/in"}
    first = client.post(f"/orders/notices/shops/{shop.pk}/", answers)
    shop.refresh_from_db()
    assert shop.notices_since is not None and shop.notice_hook_secret.startswith("whsec_")
    assert shop.notice_hook_secret in first.content.decode()
    assert shop.notice_hook_secret not in client.get(f"/orders/notices/shops/{shop.pk}/").content.decode()
    client.post(f"/orders/notices/shops/{shop.pk}/", {**answers, "on": ""})
    assert Shop.objects.get(pk=shop.pk).notices_since is None


@pytest.mark.parametrize(
    "answers",
    [
        {"on": "on"},
        {"notice_hook_url": "http://gate.example/in"},
        {"notice_hook_url": "javascript:alert(1)"},
        {"contact_email": "nobody"},
    ],
)
def test_a_shop_cannot_speak_without_an_ear_nor_over_an_open_line(answers) -> None:
    shop = make.shop()
    assert signed_in("administrator").post(f"/orders/notices/shops/{shop.pk}/", answers).status_code == 422
    shop.refresh_from_db()
    assert (shop.notices_since, shop.notice_hook_url, shop.contact_email) == (None, "", "")


def test_only_administrators_decide_what_leaves_the_house() -> None:
    shop = make.shop()
    assert signed_in().post(f"/orders/notices/shops/{shop.pk}/", {}).status_code == 403


def test_an_agent_makes_copies_replaces_and_revokes_a_buyers_link() -> None:
    order = order_of()
    client = signed_in()
    page = f"/orders/{order.pk}/"
    assert "/track/" not in client.get(page).content.decode()
    seen = []
    for do in ("make", "make", "renew"):
        client.post(f"{page}buyer-link/", {"do": do})
        token = TrackLink.objects.get().token
        assert f"/track/{token}" in client.get(page).content.decode()
        seen.append(token)
    assert seen[0] == seen[1] != seen[2]
    client.post(f"{page}buyer-link/", {"do": "revoke"})
    assert "/track/" not in client.get(page).content.decode()


def test_whoever_may_not_see_an_order_or_only_reads_gets_no_link() -> None:
    order = order_of()
    assert signed_in("readonly").post(f"/orders/{order.pk}/buyer-link/").status_code == 403
    assert signed_in("contact").post(f"/orders/{order.pk}/buyer-link/").status_code == 404
    assert not TrackLink.objects.exists()


def test_the_orders_page_tells_what_the_buyer_was_told() -> None:
    order = order_of()
    told(order, state="waiting", error="quiet_hours", next_try_at=NOW)
    assert "it is night where the buyer is" in signed_in().get(f"/orders/{order.pk}/").content.decode()
