"""Buyers are told once per order, cause and channel; never of history, never by a shop that tells nobody."""

from datetime import timedelta

import pytest

from orders.models import Shop
from orders.projection import Scan
from orders.services.noticing import notice_milestones, stop_notices
from orders.services.ordering import record_facts
from orders.services.tracking import follow, record_many, record_scans
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from ticketdesk.accounts.sealed import blind_index
from ticketdesk.outbox.models import Delivery

pytestmark = pytest.mark.django_db


def telling_shop(**columns) -> Shop:
    return make.shop(**{"notices_since": ago(48), "contact_email": "care@shop.example"} | columns)


def buyer(shop: Shop, **columns):
    address = "lin@buyer.example"
    return make.customer(shop, **{"email": address, "email_key": blind_index("email", address)} | columns)


def order_of(shop: Shop, **columns):
    given = {"placed_at": ago(3), "paid_at": ago(2), "created_at": ago(3), "customer": buyer(shop)}
    return make.order(shop, **given | columns)


def told(order) -> list[str]:
    return sorted(Delivery.objects.filter(about_id=order.pk).values_list("kind", flat=True))


def tell(order, now=NOW) -> None:
    follow(order_ids=[order.pk], shop_id=order.shop_id, now=now)


def test_a_payment_is_told_once_however_often_it_is_heard_of() -> None:
    order = order_of(telling_shop())
    for _ in range(3):
        tell(order)
    assert told(order) == ["payment_confirmed"]
    row = Delivery.objects.get(about_id=order.pk)
    assert (row.audience, row.recipient_id, row.channel, row.state) == ("buyer", None, "email", "waiting")


def test_the_row_holds_nobodys_address() -> None:
    order = order_of(telling_shop())
    tell(order)
    row = Delivery.objects.values().get(about_id=order.pk)
    assert "buyer.example" not in str(row)


def test_a_webhook_is_told_of_buyers_without_an_address_too() -> None:
    shop = telling_shop(notice_hook_url="https://gate.example/in")
    with_address, without = order_of(shop), order_of(shop, customer=None)
    for order in (with_address, without):
        tell(order)
    channels = Delivery.objects.order_by("about_id", "channel").values_list("about_id", "channel")
    assert list(channels) == [(with_address.pk, "email"), (with_address.pk, "webhook"), (without.pk, "webhook")]


@pytest.mark.parametrize("columns", [{"notices_since": None}, {"present_at": ago(1)}], ids=["off", "replayed"])
def test_shops_that_are_off_or_replayed_tell_nobody(columns) -> None:
    order = order_of(telling_shop(**columns))
    tell(order)
    assert told(order) == []


def test_what_is_older_than_a_day_or_than_the_switch_is_history() -> None:
    history = order_of(telling_shop(), placed_at=ago(30), paid_at=ago(25))
    before = order_of(telling_shop(notices_since=ago(1)))
    for order in (history, before):
        tell(order)
    assert told(history) == told(before) == []


def test_a_buyer_who_wants_no_notices_gets_none() -> None:
    order = order_of(telling_shop())
    stop_notices(order.customer, now=ago(2))
    tell(order)
    assert told(order) == []


def test_an_order_is_delivered_when_all_its_parcels_are() -> None:
    order = order_of(telling_shop())
    first, second = make.shipment(order), make.shipment(order)
    journey = [Scan(ago(2), "picked_up", "accepted", "generic"), Scan(ago(1), "delivered", "signed", "generic")]
    record_scans(shipment=first, scans=journey, now=NOW)
    assert "delivered" not in told(order)
    record_scans(shipment=second, scans=journey, now=NOW)
    record_scans(shipment=second, scans=journey, now=NOW)
    assert told(order).count("delivered") == 1


def test_a_shop_that_calls_an_order_delivered_is_not_believed_against_its_parcels() -> None:
    order = order_of(telling_shop(), shipped_at=ago(2))
    make.shipment(order, status="in_transit", sub_status="moving")
    record_facts(order=order, facts={"delivered_at": ago(1)}, now=NOW)
    assert "delivered" not in told(order)


def test_each_parcel_that_is_out_for_delivery_is_told_of() -> None:
    order = order_of(telling_shop())
    scan = Scan(ago(1), "out_for_delivery", "out", "generic")
    for parcel in (make.shipment(order), make.shipment(order)):
        record_scans(shipment=parcel, scans=[scan], now=NOW)
    assert told(order).count("out_for_delivery") == 2


def test_a_new_date_is_told_once_and_each_further_one_again() -> None:
    order = order_of(telling_shop(), promised_delivery_at=ahead(48))
    tell(order)
    for hours in (72, 72, 96):
        record_facts(order=order, facts={"promised_delivery_at": ahead(hours)}, now=NOW)
        order.refresh_from_db()
    assert told(order).count("delayed") == 2


def test_a_slip_within_the_same_half_day_is_no_news() -> None:
    order = order_of(telling_shop(), promised_delivery_at=ahead(48))
    tell(order)
    record_facts(order=order, facts={"promised_delivery_at": ahead(59)}, now=NOW)
    assert "delayed" not in told(order)


def test_an_anomaly_is_told_after_its_grace_and_an_imported_one_never() -> None:
    fresh = order_of(telling_shop(), placed_at=ago(60), created_at=ago(60), paid_at=ago(59))
    old = order_of(telling_shop(), placed_at=ago(60), created_at=ago(1), paid_at=ago(59))
    Shop.objects.update(notices_since=ago(100))
    for order in (fresh, old):
        tell(order)
        assert order.anomalies.filter(code="not_shipped").exists()
    assert (told(fresh), told(old)) == (["anomaly"], [])
    assert Delivery.objects.get(about_id=fresh.pk).next_try_at == NOW + timedelta(minutes=30)


def test_of_a_long_order_every_step_waits_for_one_digest_a_day() -> None:
    order = order_of(telling_shop())
    for seq, code in ((21, "order_confirmed"), (30, "production_started")):
        order.milestones.create(code=code, seq=seq, actual_at=ago(1))
    for _ in range(2):
        tell(order)
    states = dict(Delivery.objects.filter(about_id=order.pk).values_list("kind", "state"))
    assert states.pop("digest") == "waiting" and len(states) >= 3
    assert set(states.values()) == {"collected"}
    # 18:00 in Shanghai
    assert Delivery.objects.get(kind="digest").next_try_at == NOW.replace(hour=10)


def test_the_fifth_notice_of_a_day_waits_for_the_digest() -> None:
    order = order_of(telling_shop())
    for _ in range(5):
        parcel = make.shipment(order)
        record_scans(shipment=parcel, scans=[Scan(ago(1), "out_for_delivery", "out", "generic")], now=NOW)
    assert Delivery.objects.filter(about_id=order.pk, state="collected").exists()
    assert Delivery.objects.filter(about_id=order.pk, kind="digest").count() == 1


def test_a_shops_mistyped_zone_spoils_no_order() -> None:
    order = order_of(telling_shop(time_zone="Asia/Shangai"))
    tell(order)
    assert told(order) == ["payment_confirmed"]


def test_thirty_orders_cost_as_many_statements_as_three_and_off_shops_one(django_assert_num_queries) -> None:
    shop, silent = telling_shop(), make.shop()
    few, many = [order_of(shop) for _ in range(3)], [order_of(shop) for _ in range(30)]
    for each in (*few, *many):
        each.milestones.create(code="payment_confirmed", seq=20, actual_at=ago(2))
    with django_assert_num_queries(1):
        notice_milestones(silent.pk, [few[0].pk], now=NOW)
    for orders in (few, many):
        with django_assert_num_queries(2):
            assert notice_milestones(shop.pk, [each.pk for each in orders], now=NOW) == len(orders)


def test_many_parcels_at_once_tell_each_of_their_orders() -> None:
    shop = telling_shop()
    parcels = [make.shipment(order_of(shop)) for _ in range(5)]
    scan = Scan(ago(1), "picked_up", "accepted", "generic")
    record_many(shop_id=shop.pk, told={parcel.pk: [scan] for parcel in parcels}, now=NOW)
    assert Delivery.objects.filter(kind="handed_over").count() == 5
