"""Tickets are valued when they are opened, and again when something about them changes."""

from decimal import Decimal

import pytest
from django.core.management import call_command

from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from tickets import services, valuing
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_a_reported_ticket_is_valued_when_it_is_opened_and_again_when_it_is_regraded() -> None:
    shop, boss = make.shop(), make.user(role="supervisor")
    order = make.order(shop, total=1000, promised_delivery_at=ago(1), customer=make.customer(shop, tier="vip"))
    new = services.NewTicket(shop, "complaint", "phone", "Where is it?", order=order)
    ticket = services.open_ticket(new=new, by=None, now=NOW)
    assert ticket.expected_loss == Ticket.objects.get().expected_loss == Decimal(300)  # 0.5 x 200 x 2 x 1.5
    order.total = 2000
    order.save()
    services.regrade(ticket=ticket, by=boss, now=NOW, grade=1, why="He called")
    assert Ticket.objects.get().expected_loss == 600


def test_what_was_opened_without_a_value_is_valued_by_the_sweep_once() -> None:
    shop = make.shop()
    made = [make.ticket(shop, order=make.order(shop, total=total), kind="complaint") for total in (100, 5000)]
    assert valuing.sweep_until_idle(now=NOW) == 2
    assert valuing.sweep_until_idle(now=NOW) == 0
    cheap, dear = Ticket.objects.filter(pk__in=[t.pk for t in made]).order_by("expected_loss")
    assert (cheap.expected_loss, dear.expected_loss) == (Decimal(10), Decimal(500))
    assert dear.version == 1


def test_the_ticket_of_an_incident_is_worth_what_its_muted_children_are() -> None:
    shop = make.shop()
    parent = make.ticket(shop)
    for amount in (100, 250):
        make.ticket(shop, parent=parent, muted=True, expected_loss=amount)
    assert valuing.losses_of([parent.pk], NOW)[parent.pk].amount == 350


def test_a_repeat_victims_ticket_weighs_more() -> None:
    shop = make.shop()
    buyer = make.customer(shop)
    ticket = make.ticket(shop, order=make.order(shop, total=1000), customer=buyer, kind="complaint")
    make.ticket(shop, customer=buyer, anomaly_code="repeat_victim")
    assert valuing.losses_of([ticket.pk], NOW)[ticket.pk].amount == 150


@pytest.mark.parametrize("number", [1, 40])
def test_any_number_of_tickets_is_valued_by_the_same_statements(number, django_assert_num_queries) -> None:
    shop = make.shop()
    made = [make.ticket(shop, order=make.order(shop)).pk for _ in range(number)]
    with django_assert_num_queries(6):  # with the savepoint
        assert valuing.revalue(made, NOW) == number


def test_new_figures_reach_the_open_tickets_by_a_command(tmp_path, settings, capsys) -> None:
    shop = make.shop()
    ticket = make.ticket(shop, order=make.order(shop, total=1000), kind="complaint", expected_loss=1)
    own = tmp_path / "own.toml"
    own.write_text('[kinds]\ncomplaint = { p = 1.0, stake = "late" }\n')
    settings.LOSSES_FILE = str(own)
    valuing.table.cache_clear()
    try:
        call_command("value_tickets")
    finally:
        valuing.table.cache_clear()
    assert capsys.readouterr().out == "1 tickets valued, in CNY.\n"
    assert Ticket.objects.get(pk=ticket.pk).expected_loss == 200
