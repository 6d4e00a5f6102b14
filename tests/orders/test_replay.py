"""Replay: a shop's present is moved on, and the sweep sees what one saw then."""

from datetime import timedelta

import pytest

from tests.clock import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def shop():
    from tests import factories

    return factories.shop(code="past", time_zone="Asia/Shanghai")


def placed(shop, days_ago: float, **columns):
    from tests import factories

    return factories.order(shop, armed=False, placed_at=NOW - days_ago * DAY, **columns)


def move(shop, days_ago: float) -> int:
    from orders.services.replay import set_present

    return set_present(shop, NOW - days_ago * DAY)


def sweep_and_list(shop) -> set[tuple[str, str]]:
    from orders.models import Anomaly
    from orders.services.sweep import sweep_until_idle

    sweep_until_idle(now=NOW)
    return set(Anomaly.objects.filter(shop=shop, closed_at=None).values_list("order__external_no", "code"))


def test_an_anomaly_appears_at_its_time_and_goes_when_the_fact_comes(shop) -> None:
    order = placed(shop, 10, paid_at=NOW - 10 * DAY, shipped_at=NOW - 5 * DAY)
    history = []
    for days_ago in (11, 9, 7, 4):
        move(shop, days_ago)
        history.append({code for _, code in sweep_and_list(shop)})
    assert history == [set(), set(), {"not_shipped"}, set()]
    assert order.anomalies.get().close_reason == "shipped"


def test_an_order_of_the_future_does_not_exist_yet(shop) -> None:
    placed(shop, 1)
    assert move(shop, 5) == 0
    assert sweep_and_list(shop) == set()


def test_an_order_shows_the_status_that_was_known_then(shop) -> None:
    order = placed(shop, 10, paid_at=NOW - 9 * DAY, shipped_at=NOW - 8 * DAY, delivered_at=NOW - 7 * DAY)
    seen = []
    for days_ago in (10, 9, 8, 7):
        move(shop, days_ago)
        order.refresh_from_db()
        seen.append(order.status)
    assert seen == ["placed", "paid", "shipped", "delivered"]


def test_what_was_over_long_ago_is_not_judged_again(shop) -> None:
    placed(shop, 20, delivered_at=NOW - 15 * DAY)
    placed(shop, 20)
    assert move(shop, 10) == 2
    sweep_and_list(shop)
    assert move(shop, 5) == 1


def test_what_is_over_but_has_something_open_is_judged_again(shop) -> None:
    order = placed(shop, 20)
    move(shop, 10)
    assert sweep_and_list(shop) == {(order.external_no, "unapproved")}
    type(order).objects.update(delivered_at=NOW - 12 * DAY)
    assert move(shop, 5) == 1
    assert sweep_and_list(shop) == set()


def test_a_present_once_set_does_not_move_back(shop) -> None:
    from orders.services.replay import ReplayError

    move(shop, 5)
    with pytest.raises(ReplayError, match="fresh shop"):
        move(shop, 6)
    shop.refresh_from_db()
    assert shop.present_at == NOW - 5 * DAY
    move(shop, 5)


def test_a_shop_that_lived_in_the_real_present_does_not_go_back_behind_what_it_found(shop) -> None:
    from tests import factories

    order = factories.order(shop, placed_at=NOW - 5 * DAY)
    assert sweep_and_list(shop) == {(order.external_no, "unapproved")}
    from orders.services.replay import ReplayError

    with pytest.raises(ReplayError, match="already judged"):
        move(shop, 3)


def test_a_replay_is_ended_and_the_shop_lives_in_the_real_present_again(shop) -> None:
    from orders.services.replay import ReplayError, end_replay

    order = placed(shop, 10)
    move(shop, 10)
    assert sweep_and_list(shop) == set()
    end_replay(shop, now=NOW)
    assert sweep_and_list(shop) == {(order.external_no, "unapproved")}
    shop.refresh_from_db()
    assert shop.present_at is None
    with pytest.raises(ReplayError, match="already"):
        end_replay(shop, now=NOW)


def test_the_command_ends_a_replay(shop, capsys) -> None:
    from django.core.management import call_command

    move(shop, 10)
    call_command("replay", "past", end=True)
    shop.refresh_from_db()
    assert shop.present_at is None


def test_a_naive_present_is_refused(shop) -> None:
    from orders.services.replay import set_present

    with pytest.raises(ValueError, match="time zone"):
        set_present(shop, NOW.replace(tzinfo=None))


def test_other_shops_stay_where_they_are(shop) -> None:
    from orders.models import OrderDue
    from tests import factories

    other = factories.shop()
    placed(other, 10)
    move(shop, 5)
    other.refresh_from_db()
    assert (other.present_at, OrderDue.objects.count()) == (None, 0)


def test_the_command_moves_the_present_in_the_shops_own_time_zone(shop, capsys) -> None:
    from django.core.management import CommandError, call_command

    placed(shop, 30)
    call_command("replay", "past", to="2026-11-20T12:00:00", sweep=True)
    shop.refresh_from_db()
    assert shop.present_at.isoformat() == "2026-11-20T04:00:00+00:00"
    assert "1 orders will be judged" in capsys.readouterr().out
    for arguments in (("past", "2026-11-01T12:00:00"), ("nowhere", "2026-11-20T12:00:00"), ("past", "noon")):
        with pytest.raises(CommandError):
            call_command("replay", arguments[0], to=arguments[1])
