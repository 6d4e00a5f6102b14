"""The demo's incident stands by itself: a snowed-in station, a dozen orders, one ticket."""

import pytest

from orders.models import Anomaly
from sla.defaults import setup_defaults
from tests import factories as make
from tests.clock import NOW
from ticketdesk.demo.incident import CARRIER, ORDERS, SHOP, make_incident
from tickets.models import Ticket


@pytest.mark.django_db
def test_a_dozen_orders_behind_one_ticket_with_its_plan_begun() -> None:
    setup_defaults()
    shop, carrier, chief = make.shop(code=SHOP), make.carrier(code=CARRIER), make.user(role="supervisor")
    for number in range(ORDERS):
        make.customer(shop, country="CN", name=f"Buyer {number}", phone="13800000000")
    make_incident({SHOP: shop}, {CARRIER: carrier}, {"supervisor": chief}, NOW)
    parent = Ticket.objects.get(incident__isnull=False)
    assert Ticket.objects.filter(parent=parent, muted=True).count() == parent.incident.affected == ORDERS
    assert parent.events.filter(kind="plan_step", actor=chief).exists()
    assert set(Anomaly.objects.values_list("code", flat=True)) == {"delivery_failed"}
