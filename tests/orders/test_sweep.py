"""The scan of what is due: claim, judge, arm again; alone, overlapping, and with an order that no detector can bear."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from django.db import connection, transaction
from structlog.testing import capture_logs

from orders.detectors.base import Finding
from orders.detectors.overdue import Overdue
from orders.facts import OrderFacts
from orders.models import Anomaly, AnomalyChange, DetectorSetting, Order, OrderDue, Shop
from orders.services import sweep
from orders.services.judging import PUT_OFF, Judged
from orders.services.sweep import sweep_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead


def overdue(of: Shop, **columns: object) -> Order:
    """Due now: paid and shipped, promised for two hours ago."""
    given = {"placed_at": ago(90), "paid_at": ago(80), "shipped_at": ago(70), "promised_delivery_at": ago(2)}
    return make.order(of, **given | columns)


def poison(monkeypatch: pytest.MonkeyPatch, order: Order, finding: Finding | None = None) -> None:
    """Make the overdue detector raise for this order, or find `finding` on it."""
    healthy = Overdue.inspect

    def inspect(self: Overdue, facts: OrderFacts, now: object) -> Finding | None:
        if facts.id != order.pk:
            return healthy(self, facts, now)
        if finding is None:
            raise RuntimeError("cannot bear Li Lei of 13800138000")
        return finding

    monkeypatch.setattr(Overdue, "inspect", inspect)


def due_at(order: Order) -> object:
    return OrderDue.objects.get(order=order).due_at


@pytest.mark.django_db
def test_what_is_due_is_judged_and_what_is_not_stays_untouched() -> None:
    shop = make.shop()
    late, early = overdue(shop), overdue(shop, promised_delivery_at=ahead(5))
    OrderDue.objects.filter(order=early).update(due_at=ahead(5))
    assert sweep_until_idle(now=NOW) == Judged(orders=1, opened=1)
    assert [anomaly.order for anomaly in Anomaly.objects.all()] == [late]


@pytest.mark.django_db
def test_an_order_is_armed_for_the_moment_at_which_its_verdict_may_change() -> None:
    order = make.order(make.shop(), placed_at=ago(60), paid_at=ago(50))
    sweep_until_idle(now=NOW)
    assert due_at(order) == ago(50) + timedelta(hours=72)


@pytest.mark.django_db
def test_an_order_on_which_nothing_can_change_by_itself_is_armed_no_more() -> None:
    order = overdue(make.shop(), delivered_at=ago(3))
    sweep_until_idle(now=NOW)
    assert not OrderDue.objects.filter(order=order).exists()


@pytest.mark.django_db
def test_a_second_sweep_finds_nothing_to_do() -> None:
    shop = make.shop()
    for _ in range(5):
        overdue(shop)
    sweep_until_idle(now=NOW, batch=2)
    assert sweep_until_idle(now=NOW) == Judged()
    assert (Anomaly.objects.count(), AnomalyChange.objects.count()) == (5, 5)


@pytest.mark.django_db
def test_an_order_that_is_due_again_has_still_one_anomaly() -> None:
    order = overdue(make.shop())
    for _ in range(3):
        OrderDue.objects.update_or_create(order=order, defaults={"shop": order.shop, "due_at": ago(1)})
        sweep_until_idle(now=NOW)
    assert (Anomaly.objects.count(), AnomalyChange.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_each_shop_is_judged_at_its_own_present() -> None:
    replayed = make.shop(present_at=ago(3))
    overdue(replayed, promised_delivery_at=ago(2))
    late = overdue(make.shop())
    assert sweep_until_idle(now=NOW).opened == 1
    assert Anomaly.objects.get().order == late


@pytest.mark.django_db
def test_an_order_that_a_detector_cannot_bear_is_put_off_and_the_others_are_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = make.shop()
    first, bad, last = overdue(shop), overdue(shop), overdue(shop)
    poison(monkeypatch, bad)
    assert sweep_until_idle(now=NOW) == Judged(orders=2, opened=2, failed=1)
    assert {anomaly.order for anomaly in Anomaly.objects.all()} == {first, last}
    assert due_at(bad) == NOW + PUT_OFF


@pytest.mark.django_db
def test_an_order_that_was_put_off_is_judged_an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = overdue(make.shop())
    poison(monkeypatch, bad)
    sweep_until_idle(now=NOW)
    monkeypatch.undo()
    assert sweep_until_idle(now=NOW) == Judged()
    assert sweep_until_idle(now=NOW + PUT_OFF) == Judged(orders=1, opened=1)


@pytest.mark.django_db
def test_the_log_names_the_order_and_the_place_but_quotes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = overdue(make.shop())
    poison(monkeypatch, bad)
    with capture_logs() as lines:
        sweep_until_idle(now=NOW)
    assert [line["first"] for line in lines] == [[bad.pk]]
    assert "RuntimeError" in str(lines)
    assert "Li Lei" not in str(lines)


@pytest.mark.django_db
@pytest.mark.parametrize("evidence", [{"at": NOW}, {"ratio": float("nan")}])
def test_evidence_that_is_no_json_spoils_its_own_order_only(monkeypatch: pytest.MonkeyPatch, evidence: dict) -> None:
    shop = make.shop()
    bad, good = overdue(shop), overdue(shop)
    poison(monkeypatch, bad, Finding("overdue", 2, "Late.", ago(2), evidence=evidence))
    assert sweep_until_idle(now=NOW) == Judged(orders=1, opened=1, failed=1)
    assert Anomaly.objects.get().order == good


@pytest.mark.django_db
def test_a_finding_that_the_database_refuses_spoils_its_own_order_only(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = make.shop()
    orders = [overdue(shop) for _ in range(4)]
    poison(monkeypatch, orders[1], Finding("overdue", 9, "There is no grade 9.", ago(2)))
    assert sweep_until_idle(now=NOW) == Judged(orders=3, opened=3, failed=1)
    assert due_at(orders[1]) == NOW + PUT_OFF


@pytest.mark.django_db
def test_a_shop_whose_limits_nobody_understands_is_judged_by_the_defaults() -> None:
    shop = make.shop()
    DetectorSetting.objects.create(shop=shop, detector="overdue", seconds={"patience": 60})
    overdue(shop)
    assert sweep_until_idle(now=NOW).opened == 1


@contextmanager
def held_elsewhere(shop: Shop, count: int) -> Iterator[list[int]]:
    """Another connection's sweep has claimed `count` due orders and not committed yet."""
    claimed, done = Event(), Event()
    ids: list[int] = []

    def hold() -> None:
        try:
            with transaction.atomic():
                ids.extend(sweep.DUE.claim(shop.pk, NOW, count))
                claimed.set()
                done.wait(20)
                transaction.set_rollback(True)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert claimed.wait(20)
        try:
            yield ids
        finally:
            done.set()
            holding.result()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_share_the_work_without_waiting_for_each_other() -> None:
    shop = make.shop()
    orders = [overdue(shop) for _ in range(6)]
    with held_elsewhere(shop, 2) as held:
        assert sweep_until_idle(now=NOW).orders == 4
    assert {anomaly.order_id for anomaly in Anomaly.objects.all()} == {order.pk for order in orders} - set(held)


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_sweep_had_claimed_is_judged_by_the_next_one() -> None:
    shop = make.shop()
    for _ in range(6):
        overdue(shop)
    with held_elsewhere(shop, 2):
        sweep_until_idle(now=NOW)
    assert sweep_until_idle(now=NOW).orders == 2
    assert Anomaly.objects.count() == AnomalyChange.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_several_sweeps_at_the_same_moment_open_each_anomaly_once() -> None:
    shop = make.shop()
    for _ in range(40):
        overdue(shop)

    def run(_: int) -> Judged:
        try:
            return sweep_until_idle(now=NOW, batch=3)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(run, range(4)))
    assert sum(part.opened for part in parts) == Anomaly.objects.count() == AnomalyChange.objects.count() == 40
