"""Lanes learnt by the database, the outlook of orders on their way, and what is kept of it."""

from datetime import timedelta
from itertools import count

import pytest
from django.core.management import CommandError, call_command

from orders.journeys import travels_of
from orders.lanes import ALL, Journey, groups, learn
from orders.models import Anomaly, LaneStat, LatePrediction, Order, OrderDue, OrderLine, Seller, Shop
from orders.selectors import facts_of
from orders.services import foreseeing
from orders.services.foreseeing import foreseen
from orders.services.learning import learn_nightly, learn_shop
from orders.services.outcomes import TRIED, fill_outcomes
from orders.services.sweep import sweep_until_idle
from tests import factories as make
from tests.clock import NOW

DAY = timedelta(days=1)
NUMBERS = count()
pytestmark = pytest.mark.django_db


@pytest.fixture
def busy() -> Shop:
    """A shop in Brazil with 320 orders that arrived: to Bahia in about 9 days, at home in about 3."""
    shop = make.shop(time_zone="America/Sao_Paulo", country="BR")
    seller = Seller.objects.create(shop=shop, external_id="s1", region="SP", postcode="01310")
    made = []
    for number in range(320):
        region, usual = ("BA", 9.0) if number % 2 else ("SP", 3.0)
        took = usual * (0.7 + 0.15 * (number % 5))
        made.append(arrived(shop, region, started=NOW - (20 + number % 60) * DAY, took=took * DAY))
    Order.objects.bulk_create(made)
    OrderLine.objects.bulk_create([OrderLine(order=each, line_no=1, sku="A", seller=seller) for each in made])
    return shop


def arrived(shop, region, *, started, took=None, promise=20 * DAY):
    """An order that was handed over and, if it took any time, arrived; not saved."""
    return Order(
        shop=shop, external_no=f"L-{next(NUMBERS)}", placed_at=started - DAY, paid_at=started - DAY,
        shipped_at=started, delivered_at=None if took is None else started + took, dest_region=region,
        dest_postcode="40010" if region == "BA" else "04001", promised_delivery_at=started + promise, total=10,
    )  # fmt: skip


def on_its_way(shop, region="BA", *, since, promise):
    """An order on its way since so many days, promised in so many days from NOW; due at once."""
    order = arrived(shop, region, started=NOW - since * DAY)
    order.promised_delivery_at = NOW + promise * DAY
    order.save()
    seller = Seller.objects.get(shop=shop)
    OrderLine.objects.create(order=order, line_no=1, sku="A", seller=seller)
    due(order)
    return order


def due(order):
    """Have the next sweep judge it."""
    OrderDue.objects.update_or_create(order=order, defaults={"shop": order.shop, "due_at": order.placed_at})


def model_of(shop):
    """What is stored of the shop's lanes."""
    return foreseeing._load(shop.pk).model


def test_the_database_learns_what_a_list_teaches(busy):
    Order.objects.filter(shop=busy, pk__in=list(Order.objects.values_list("pk", flat=True)[:9])).update(
        delivered_at=None
    )
    assert learn_shop(busy.pk, now=NOW) == 311
    orders = Order.objects.filter(shop=busy)
    travels = travels_of([order.pk for order in orders], busy.time_zone)
    listed = learn(
        [
            Journey(
                groups(*travels[order.pk]),
                (order.shipped_at - NOW) / DAY,
                None if order.delivered_at is None else (order.delivered_at - NOW) / DAY,
            )
            for order in orders
        ],
        0.0,
    )

    stored = model_of(busy)

    assert stored.n == listed.n
    assert dict(stored.effects) == pytest.approx(dict(listed.effects))
    for key, counts in listed.counts.items():
        assert stored.counts[key].ended == pytest.approx(counts.ended)
        assert stored.counts[key].still_open == pytest.approx(counts.still_open)


def test_a_frozen_present_learns_nothing_of_what_came_later(busy):
    present = NOW - 24 * DAY
    learn_shop(busy.pk, now=present)
    before = {key: (counts, model_of(busy).n[key]) for key, counts in model_of(busy).counts.items()}
    Order.objects.filter(shop=busy, shipped_at__gt=present).delete()
    Order.objects.filter(shop=busy, delivered_at__gt=present).update(delivered_at=None)
    Shop.objects.filter(pk=busy.pk).update(present_at=present)

    learn_shop(busy.pk, now=NOW)

    assert {key: (counts, model_of(busy).n[key]) for key, counts in model_of(busy).counts.items()} == before


def test_a_shop_with_few_orders_predicts_nothing_and_reads_nothing(django_assert_num_queries):
    order = make.order(make.shop(), shipped_at=NOW - DAY, promised_delivery_at=NOW + DAY)
    assert learn_shop(order.shop_id, now=NOW) == 0
    facts = facts_of([order.pk])
    foreseen(order.shop_id, facts, now=NOW)

    with django_assert_num_queries(0):
        assert foreseen(order.shop_id, facts, now=NOW) is facts


def test_the_outlook_of_any_number_of_orders_costs_one_query(busy, django_assert_num_queries):
    learn_shop(busy.pk, now=NOW)
    orders = [on_its_way(busy, since=days, promise=4) for days in (1, 2, 5)]
    facts = facts_of([order.pk for order in orders])
    foreseen(busy.pk, facts, now=NOW)

    with django_assert_num_queries(1):
        told = foreseen(busy.pk, facts, now=NOW)

    assert all(order.outlook.lane == ("", "SP", "BA") and order.outlook.n == 160 for order in told)


def test_an_old_parcel_on_a_slow_lane_is_found_before_its_promise_has_passed(busy):
    learn_shop(busy.pk, now=NOW)
    late, fine = on_its_way(busy, since=8, promise=0.7), on_its_way(busy, since=1, promise=14)

    sweep_until_idle(now=NOW)

    found = Anomaly.objects.get(code="predicted_late")
    assert (found.order, found.grade) in {(late, 3), (late, 4)}
    assert found.params["origin"] == "SP" and found.params["percent"] >= 70 and found.params["count"] == 160
    assert LatePrediction.objects.get(order=late).fired_at == NOW
    assert LatePrediction.objects.get(order=fine).fired_at is None


def test_an_order_is_woken_when_its_chance_comes_to_the_mark(busy):
    learn_shop(busy.pk, now=NOW)
    order = on_its_way(busy, since=5, promise=3.4)
    (told,) = foreseen(busy.pk, facts_of([order.pk]), now=NOW)
    assert NOW < told.outlook.fires_at < told.outlook.promise_at
    sweep_until_idle(now=NOW)
    assert not Anomaly.objects.exists()

    sweep_until_idle(now=told.outlook.fires_at + timedelta(hours=3))

    assert Anomaly.objects.get().code == "predicted_late"


def test_overdue_takes_its_place_and_delivery_ends_it(busy):
    learn_shop(busy.pk, now=NOW)
    order, other = on_its_way(busy, since=8, promise=0.7), on_its_way(busy, since=8, promise=0.7)
    sweep_until_idle(now=NOW)
    Order.objects.filter(pk=other.pk).update(delivered_at=NOW + timedelta(hours=2))
    due(other)

    sweep_until_idle(now=NOW + 2 * DAY)

    reasons = dict(Anomaly.objects.filter(code="predicted_late").values_list("order_id", "close_reason"))
    assert reasons == {order.pk: "outweighed", other.pk: "delivered"}


def test_outcomes_are_filled_in_and_a_lane_that_is_often_wrong_falls_silent(busy):
    learn_shop(busy.pk, now=NOW)
    orders = [on_its_way(busy, since=8, promise=0.7) for _ in range(TRIED)]
    sweep_until_idle(now=NOW)
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(delivered_at=NOW + DAY / 2)

    learn_shop(busy.pk, now=NOW + 3 * DAY)

    lane = LaneStat.objects.get(shop=busy, level="lane", dest="BA")
    assert (lane.warned, lane.warned_rightly, lane.muted) == (TRIED, 0, True)
    quiet = on_its_way(busy, since=5, promise=3.7)
    sweep_until_idle(now=NOW + 3 * DAY)
    assert LatePrediction.objects.get(order=quiet).fired_at is not None
    assert not Anomaly.objects.filter(order=quiet, code="predicted_late").exists()


def test_an_outcome_is_known_when_it_arrives_or_its_promise_passes(busy):
    orders = [arrived(busy, "BA", started=NOW - 5 * DAY, took=took) for took in (DAY, 9 * DAY, None)]
    for order in orders:
        order.promised_delivery_at = NOW
        order.save()
        LatePrediction.objects.create(order=order, shop=busy, promise_at=NOW, made_at=NOW - 5 * DAY, chance=0.5)

    assert fill_outcomes(busy.pk, NOW - DAY) == 1
    assert fill_outcomes(busy.pk, NOW + DAY) == 2
    assert list(LatePrediction.objects.order_by("order_id").values_list("late", flat=True)) == [False, True, True]


def test_every_night_each_shop_is_learnt_once(busy):
    Shop.objects.filter(pk=busy.pk).update(present_at=NOW)

    assert (learn_nightly(), learn_nightly()) == (1, 0)


def test_the_command_says_what_it_learnt_and_knows_its_shops(busy, capsys):
    Shop.objects.filter(pk=busy.pk).update(present_at=NOW)
    call_command("learn_lanes", shop=busy.code)

    assert "learnt from 320 journeys" in capsys.readouterr().out
    with pytest.raises(CommandError, match=busy.code):
        call_command("learn_lanes", shop="nowhere")


def test_a_lane_says_when_half_arrive_and_how_it_does_at_present(busy):
    learn_shop(busy.pk, now=NOW)
    lane = LaneStat.objects.get(shop=busy, level="lane", dest="BA")

    assert 7 < lane.half_days < 11 < lane.most_days + 3
    assert 0.7 < lane.drift < 1.3
    assert ALL in model_of(busy).n
