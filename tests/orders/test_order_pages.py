import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.masking import mask_name
from ticketdesk.accounts.models import Reveal, Role

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


@pytest.fixture
def agent():
    return make.user(make.team())


@pytest.fixture
def page(agent):
    return signed_in(agent)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(page, **query) -> list[str]:
    return [row.order.external_no for row in page.get(reverse("orders"), query).context["page"].rows]


def test_orders_come_newest_first_and_only_those_placed_by_now(page, shop):
    for number, hours in (("a", 3), ("b", 1), ("c", -1)):
        make.order(shop, external_no=number, placed_at=ago(hours))
    assert listed(page) == ["b", "a"]


@pytest.mark.parametrize(
    ("stage", "number"),
    [("placed", "p"), ("paid", "m"), ("shipped", "s"), ("delivered", "d"), ("cancelled", "x")],
)
def test_a_stage_holds_the_orders_that_show_it(page, shop, stage, number):
    make.order(shop, external_no="p")
    make.order(shop, external_no="m", paid_at=ago(1), delivered_at=ahead(1))
    make.order(shop, external_no="s", paid_at=ago(1), shipped_at=ago(1))
    make.order(shop, external_no="d", paid_at=ago(1), shipped_at=ago(1), delivered_at=ago(1))
    make.order(shop, external_no="x", paid_at=ago(1), cancelled_at=ago(1))
    assert listed(page, stage=stage) == [number]
    assert page.get(reverse("orders"), {"stage": stage}).context["page"].rows[0].stage == stage


def test_late_orders_are_those_past_their_promise_and_not_there(page, shop):
    make.order(shop, external_no="late", promised_delivery_at=ago(1))
    make.order(shop, external_no="in time", promised_delivery_at=ahead(1))
    make.order(shop, external_no="over", promised_delivery_at=ago(2), delivered_at=ago(1))
    assert listed(page, late="on") == ["late"]


def test_the_next_page_goes_on_where_the_last_one_ended(page, shop):
    for number in range(60):
        make.order(shop, external_no=f"n{number:02}", placed_at=ago(number + 1))
    first = page.get(reverse("orders")).context["page"]
    rest = listed(page, after=first.next)
    assert rest == [f"n{number:02}" for number in range(50, 60)]
    assert page.get(reverse("orders"), {"after": "nonsense"}).status_code == 404


def test_the_list_costs_the_same_for_one_order_and_for_forty(page, shop, django_assert_max_num_queries):
    def cost():
        with django_assert_max_num_queries(20) as counted:
            page.get(reverse("orders"))
        return len(counted)

    make.shipment(make.order(shop, customer=make.customer(shop)))
    first = cost()
    for _ in range(40):
        make.shipment(make.order(shop, customer=make.customer(shop)))
    assert cost() == first


def test_a_contact_sees_only_orders_with_a_ticket_that_he_sees(shop):
    team = make.team("warehouse")
    contact = signed_in(make.user(team, role=Role.CONTACT))
    seen, unseen = make.order(shop), make.order(shop)
    make.ticket(shop, team=team, order=seen)
    assert contact.get(reverse("order", args=[seen.pk])).status_code == 200
    assert contact.get(reverse("order", args=[unseen.pk])).status_code == 404
    assert listed(contact) == [seen.external_no]


def test_the_page_lists_only_tickets_that_may_be_seen(page, shop, agent):
    order = make.order(shop)
    mine = make.ticket(shop, order=order, team_id=agent.team_ids[0])
    foreign = make.ticket(shop, order=order, team=make.team())
    text = page.get(reverse("order", args=[order.pk])).content.decode()
    assert mine.subject in text
    assert foreign.subject not in text


@pytest.fixture
def order(shop):
    return make.order(shop, ship_name="王磊", ship_phone="13812345678", ship_address="浙江省杭州市西湖区文三路 90 号")


def test_the_bar_marks_the_step_that_is_reached_and_calls_the_following_one_next(page, shop):
    order = make.order(shop, paid_at=ago(3), shipped_at=ago(2))
    text = page.get(reverse("order", args=[order.pk])).content.decode()
    bar = text.partition('<ol class="steps path"')[2].partition("</ol>")[0]
    now, following = bar.partition('aria-current="step"')[2].split("</li>")[:2]
    assert "Shipped" in now and "Next" not in now
    assert "Delivered" in following and "Next" in following


def test_a_cancelled_order_has_no_next_step(page, shop):
    order = make.order(shop, paid_at=ago(3), cancelled_at=ago(2))
    text = page.get(reverse("order", args=[order.pk])).content.decode()
    bar = text.partition('<ol class="steps path"')[2].partition("</ol>")[0]
    assert "Next" not in bar and "cur" not in bar.replace("aria-current", "")


def test_payments_and_prices_are_told_in_words_with_their_currency(page, shop):
    order = make.order(shop, currency="TWD")
    order.lines.create(line_no=1, sku="A", qty=1, unit_price=12)
    order.payments.create(seq=1, method="line_pay", amount=12)
    text = page.get(reverse("order", args=[order.pk])).content.decode()
    assert "<dt>LINE Pay</dt>" in text
    assert "12.00&nbsp;TWD" in text


@pytest.mark.parametrize("name", ["'Ana Lima", '"Ana" Lima', "<Ana> Lima", "&c"])
def test_a_masked_name_begins_with_its_own_first_character(page, shop, name):
    order = make.order(shop, ship_name=name)
    text = page.get(reverse("order", args=[order.pk])).content.decode()
    assert f"<dd>{escape(mask_name(name))}</dd>" in text


def test_personal_data_are_masked_until_somebody_says_what_for(page, order):
    text = page.get(reverse("order", args=[order.pk])).content.decode()
    assert "138****5678" in text
    assert "13812345678" not in text and "文三路" not in text and "王磊" not in text


def test_a_look_shows_everything_and_leaves_a_record(page, order, agent):
    reply = page.post(reverse("order_reveal", args=[order.pk]), {"reason": "wrong address"}, headers=HTMX)
    assert "13812345678" in reply.content.decode()
    look = Reveal.objects.get()
    assert (look.user, look.subject_id, look.reason) == (agent, order.pk, "wrong address")


def test_without_a_reason_nothing_is_shown(page, order):
    reply = page.post(reverse("order_reveal", args=[order.pk]), {"reason": "  "}, headers=HTMX)
    assert reply.status_code == 422
    assert "13812345678" not in reply.content.decode()
    assert Reveal.objects.count() == 0


def test_a_reader_may_not_look(order):
    reader = signed_in(make.user(role=Role.READONLY))
    reply = reader.post(reverse("order_reveal", args=[order.pk]), {"reason": "curious"}, headers=HTMX)
    assert reply.status_code == 422
    assert "13812345678" not in reply.content.decode()
    assert "Show in full" not in reader.get(reverse("order", args=[order.pk])).content.decode()
