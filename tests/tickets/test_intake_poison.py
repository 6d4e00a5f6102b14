"""A change that cannot be taken in rests by itself; the others become tickets."""

import pytest
from django.db import OperationalError
from django.db.models.functions import Now
from structlog.testing import capture_logs

from orders.models import Anomaly, AnomalyChange, Order, Shop
from orders.services.sweep import sweep_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from tickets import intake
from tickets.models import Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def found(of: Shop, count: int) -> list[Order]:
    """Orders on which something was found that nobody has taken in yet."""
    orders = [make.order(of, placed_at=ago(60), paid_at=ago(50)) for _ in range(count)]
    sweep_until_idle(now=NOW)
    return orders


def poison(monkeypatch: pytest.MonkeyPatch, order: Order, error: Exception) -> None:
    """Make whoever listens to tickets raise for this order's."""

    def listen(pairs: list) -> None:
        if any(ticket.order_id == order.pk for ticket, _ in pairs):
            raise error

    monkeypatch.setattr(intake, "tell", listen)


def test_one_change_that_cannot_be_taken_in_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    first, bad, last = found(make.shop(), 3)
    poison(monkeypatch, bad, RuntimeError("Li Lei, 13800138000"))
    assert intake.sweep_until_idle() == 2
    assert {ticket.order for ticket in Ticket.objects.all()} == {first, last}
    assert TicketEvent.objects.count() == 2
    assert AnomalyChange.objects.get().anomaly.order == bad


def test_it_rests_for_an_hour_and_is_then_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    (bad,) = found(make.shop(), 1)
    poison(monkeypatch, bad, RuntimeError())
    intake.sweep_until_idle()
    monkeypatch.undo()
    assert intake.sweep_until_idle() == 0
    AnomalyChange.objects.update(not_before=Now())
    assert intake.sweep_until_idle() == 1
    assert Ticket.objects.get().order == bad


def test_a_later_change_of_the_same_anomaly_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    (bad,) = found(make.shop(), 1)
    poison(monkeypatch, bad, RuntimeError())
    intake.sweep_until_idle()
    AnomalyChange.objects.create(anomaly=Anomaly.objects.get(), kind="cleared", at=NOW)
    assert intake.sweep_until_idle() == 0
    assert [change.kind for change in AnomalyChange.objects.order_by("id")] == ["opened", "cleared"]


def test_the_log_says_which_anomaly_and_where_but_quotes_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    (bad,) = found(make.shop(), 1)
    poison(monkeypatch, bad, RuntimeError("Li Lei"))
    with capture_logs() as lines:
        intake.sweep_until_idle()
    assert [(line["error"], line["anomalies"]) for line in lines] == [("RuntimeError", [Anomaly.objects.get().pk])]
    assert "Li Lei" not in str(lines)


def test_a_database_in_trouble_puts_nothing_off(monkeypatch: pytest.MonkeyPatch) -> None:
    (bad,) = found(make.shop(), 1)
    poison(monkeypatch, bad, OperationalError("the server closed the connection"))
    with pytest.raises(OperationalError):
        intake.sweep_until_idle()
    assert AnomalyChange.objects.get().not_before is None
