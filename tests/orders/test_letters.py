"""What a buyer reads: true when it is sent, in the buyer's language, by day, with a way out."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client

from orders.models import Order, Shop
from orders.projection import Scan
from orders.services import letters
from orders.services.letters import compose
from orders.services.links import revoke
from orders.services.ordering import record_facts
from orders.services.tracking import follow, record_scans
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.sealed import blind_index
from ticketdesk.outbox import services as outbox
from ticketdesk.outbox.letters import Call, Later, Mail, Skip
from ticketdesk.outbox.models import Delivery

pytestmark = pytest.mark.django_db
NIGHT = NOW.replace(hour=15)  # 23:00 in Shanghai


def order_of(shop: Shop | None = None, language: str = "en", **columns) -> Order:
    shop = shop or make.shop(
        notices_since=ago(48), contact_name="Care team", contact_email="care@shop.example", name="Blue Mill"
    )
    address = "lin@buyer.example"
    who = make.customer(shop, name="Lin Wei", email=address, email_key=blind_index("email", address), language=language)
    return make.order(shop, **{"placed_at": ago(3), "paid_at": ago(2), "created_at": ago(3), "customer": who} | columns)


def notice(order: Order, kind: str = "payment_confirmed", now: datetime = NOW, channel: str = "email") -> Delivery:
    follow(order_ids=[order.pk], shop_id=order.shop_id, now=now)
    return Delivery.objects.get(about_id=order.pk, kind=kind, channel=channel)


def test_a_letter_says_what_happened_what_comes_next_where_to_look_and_whom_to_ask() -> None:
    order = order_of(promised_ship_at=ahead(30), promised_delivery_at=ahead(100))
    letter = compose(notice(order), NOW)
    assert isinstance(letter, Mail) and letter.to == "lin@buyer.example"
    assert letter.subject == f"Order {order.external_no}: We have received your payment"
    for words in ("Arrives by November 27", "Next: Shipped", "/track/", "Care team, Blue Mill", "/track/stop/"):
        assert words in letter.text
        assert words.split(", ")[0].split(": ")[0] in letter.html
    assert letter.headers["Reply-To"] == "care@shop.example"


def test_a_letter_tells_nothing_that_the_buyer_alone_should_say() -> None:
    order = order_of(total=4711, ship_name="Lin Wei", ship_phone="13800001234", ship_address="1 Moon Street")
    letter = compose(notice(order), NOW)
    assert isinstance(letter, Mail)
    for words in ("Lin", "13800001234", "Moon Street", "4711"):
        assert words not in letter.text + letter.html + letter.subject


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "已签收"), ("zh_TW", "已簽收"), ("pt", "Delivered")])
def test_letters_speak_the_buyers_language_or_the_shops(language, word) -> None:
    shop = make.shop(notices_since=ago(48), language="en")
    order = order_of(shop, language, shipped_at=ago(2))
    letter = compose(notice(order, "handed_over"), NOW)
    assert isinstance(letter, Mail) and word in letter.html


def test_by_night_a_notice_waits_until_eight_and_counts_no_attempt() -> None:
    row = notice(order_of())
    assert compose(row, NIGHT) == Later(NOW + timedelta(hours=22), "quiet_hours")
    Delivery.objects.update(next_try_at=NIGHT)
    assert outbox.sweep_until_idle(now=NIGHT) == 0
    row.refresh_from_db()
    assert (row.attempts, row.state, row.next_try_at) == (0, "waiting", NOW + timedelta(hours=22))


def test_a_hand_over_that_waited_while_the_parcel_arrived_is_dropped() -> None:
    order = order_of()
    parcel = make.shipment(order)
    record_scans(shipment=parcel, scans=[Scan(ago(2), "picked_up", "accepted", "generic")], now=NOW)
    record_scans(shipment=parcel, scans=[Scan(ago(1), "delivered", "signed", "generic")], now=NOW)
    outcome = {row.kind: compose(row, NOW) for row in Delivery.objects.filter(about_id=order.pk)}
    assert outcome["handed_over"] == outcome["payment_confirmed"] == Skip("overtaken")
    assert isinstance(outcome["delivered"], Mail)


def test_a_payment_that_was_taken_back_is_not_told() -> None:
    order = order_of()
    row = notice(order)
    record_facts(order=order, facts={"paid_at": None}, now=NOW)
    assert compose(row, NOW) == Skip("no_longer_true")


def test_delivered_waits_while_another_parcel_is_on_its_way() -> None:
    order = order_of()
    record_scans(shipment=make.shipment(order), scans=[Scan(ago(1), "delivered", "signed", "generic")], now=NOW)
    row = Delivery.objects.get(about_id=order.pk, kind="delivered")
    make.shipment(order, status="in_transit", sub_status="moving")
    assert compose(row, NOW) == Later(NOW + timedelta(hours=1), "parcels_open")


def test_an_anomaly_that_has_cleared_is_not_told() -> None:
    order = order_of(placed_at=ago(60), created_at=ago(60), paid_at=ago(59))
    Shop.objects.update(notices_since=ago(100))
    row = notice(order, "anomaly")
    assert isinstance(compose(row, NOW), Mail)
    order.anomalies.update(state="cleared", closed_at=NOW)
    assert compose(row, NOW) == Skip("cleared")


def test_a_new_date_is_told_while_it_is_one() -> None:
    order = order_of(promised_delivery_at=ahead(48))
    follow(order_ids=[order.pk], shop_id=order.shop_id, now=NOW)
    record_facts(order=order, facts={"promised_delivery_at": ahead(96)}, now=NOW)
    row = Delivery.objects.get(kind="delayed")
    letter = compose(row, NOW)
    assert isinstance(letter, Mail) and "The new expected date is November 27." in letter.text
    order.refresh_from_db()
    record_facts(order=order, facts={"promised_delivery_at": ahead(48)}, now=NOW)
    assert compose(row, NOW) == Skip("no_longer_true")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda order: Shop.objects.update(notices_since=None), "switched_off"),
        (lambda order: Shop.objects.update(present_at=NOW), "replayed"),
        (lambda order: Order.objects.update(cancelled_at=NOW), "cancelled"),
        (lambda order: Order.objects.update(customer=None), "no_address"),
        (lambda order: order.delete(), "order_gone"),
        (lambda order: Delivery.objects.update(created_at=ago(200)), "too_old"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_changed_since_keeps_a_notice_back(change, reason) -> None:
    order = order_of()
    row = notice(order)
    change(order)
    row.refresh_from_db()
    assert compose(row, NOW) == Skip(reason)


def test_an_incident_may_mute_single_notices(settings) -> None:
    settings.NOTICE_MUTES = [f"{__name__}.mute"]
    letters._mutes.cache_clear()
    try:
        assert compose(notice(order_of()), NOW) == Later(NOW + timedelta(minutes=30), "incident")
    finally:
        letters._mutes.cache_clear()


def mute(order: Order, kind: str, now: datetime) -> str:
    return "incident" if kind == "payment_confirmed" else ""


def test_a_digest_carries_what_was_collected_and_all_of_it_counts_as_sent() -> None:
    order = order_of()
    order.milestones.create(code="order_confirmed", seq=25, actual_at=ago(1))
    order.milestones.create(code="production_started", seq=30, actual_at=ago(1))
    follow(order_ids=[order.pk], shop_id=order.shop_id, now=NOW)
    evening = NOW.replace(hour=10)
    assert outbox.sweep_until_idle(now=evening) == 1
    [sent] = mail.outbox
    assert "Your order is confirmed." in sent.body and "We have received your payment." in sent.body
    assert set(Delivery.objects.filter(about_id=order.pk).values_list("state", flat=True)) == {"sent"}
    assert outbox.sweep_until_idle(now=evening) == 0


def test_a_webhook_gets_the_words_and_no_personal_data() -> None:
    shop = make.shop(
        notices_since=ago(48), notice_hook_url="https://gate.example/in", notice_hook_secret="whsec_" + "A" * 43
    )
    order = order_of(shop, ship_phone="13800001234")
    answer = compose(notice(order, channel="webhook"), NOW)
    assert isinstance(answer, Call) and answer.url == "https://gate.example/in"
    assert answer.body["type"] == "order.payment_confirmed" and answer.body["order"] == order.external_no
    assert "lin@buyer.example" not in str(answer.body) and "1234" not in str(answer.body).replace(order.external_no, "")


def test_a_revoked_page_is_not_named_in_letters() -> None:
    order = order_of()
    row = notice(order)
    compose(row, NOW)
    revoke(order, now=NOW)
    letter = compose(row, NOW)
    assert isinstance(letter, Mail) and "/track/stop/" in letter.text and letter.text.count("/track/") == 1


def test_one_click_in_a_mail_program_stops_all_further_notices(settings) -> None:
    order = order_of()
    letter = compose(notice(order), NOW)
    assert isinstance(letter, Mail)
    assert letter.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    way_out = letter.headers["List-Unsubscribe"].strip("<>").removeprefix(settings.BASE_URL)
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(way_out).status_code == 200
    assert compose(Delivery.objects.get(), NOW) != Skip("unsubscribed")
    assert strict.post(way_out, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert compose(Delivery.objects.get(), NOW) == Skip("unsubscribed")
    strict.post(way_out, {"resume": "1"})
    assert isinstance(compose(Delivery.objects.get(), NOW), Mail)


def test_a_made_up_way_out_opens_nothing() -> None:
    order = order_of()
    assert Client().post(f"/track/stop/{order.customer_id}:forged").status_code == 404


def test_one_row_that_cannot_be_composed_stops_no_other(monkeypatch) -> None:
    good, bad = order_of(), order_of()
    for order in (bad, good):
        follow(order_ids=[order.pk], shop_id=order.shop_id, now=NOW)
    real = letters.tell
    monkeypatch.setattr(letters, "tell", lambda shown: real(shown) if shown.order.pk == good.pk else 1 / 0)
    assert outbox.sweep_until_idle(now=NOW) == 1
    row = Delivery.objects.get(about_id=bad.pk)
    assert (row.state, row.attempts, row.error) == ("waiting", 1, "ZeroDivisionError")
