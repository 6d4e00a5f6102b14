"""The whole line: an order goes wrong, its ticket opens, its clocks run, the sweep raises it, the parcel moves."""

import pytest

from orders.models import Order
from orders.services.judging import judge_orders
from orders.services.sweep import sweep_until_idle as scan
from sla.models import Clock
from sla.services import sweep_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead
from tests.sla.looking import clock_of
from tickets import intake
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_an_order_not_shipped_is_raised_and_let_go_by_itself(promises: None) -> None:
    make.team("warehouse")
    order = make.order(make.shop(calendar_code="always"), placed_at=ago(60), paid_at=ago(50))
    scan(now=NOW)
    intake.sweep_until_idle()
    ticket = Ticket.objects.get()
    assert (ticket.grade, ticket.respond_by, ticket.resolve_by) == (2, ahead(1), ahead(24))

    judge_orders(order.shop_id, [order.pk], now=ahead(22))  # 72 h unshipped: urgent
    intake.sweep_until_idle()
    assert (clock_of(ticket, "solution").rule, clock_of(ticket, "solution").due_at) == ("P1", ahead(22.25))
    assert clock_of(ticket, "first_response").breached_at == ahead(1)
    sweep_until_idle(now=ahead(22.25))
    ticket.refresh_from_db()
    assert ticket.tier == 3  # urgent, and nobody has answered for 21 h

    Order.objects.filter(pk=order.pk).update(shipped_at=ahead(23))
    judge_orders(order.shop_id, [order.pk], now=ahead(23))
    intake.sweep_until_idle()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.due_by) == ("closed", None)
    assert set(Clock.objects.values_list("state", flat=True)) == {"cancelled"}
    assert sweep_until_idle(now=ahead(999)).clocks == 0
