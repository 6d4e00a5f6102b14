import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from sla.models import Clock
from tests import factories as make
from tests.clock import NOW
from tickets import services
from tickets.services import NewTicket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket():
    call_command("setup_defaults", verbosity=0)
    shop = make.shop(present_at=NOW)
    new = NewTicket(shop=shop, kind="complaint", channel="phone", subject="Broken", team=make.team())
    return services.open_ticket(new=new, by=None, now=NOW)


def seen_by(user, clock):
    client = Client()
    client.force_login(user)
    return client.get(reverse("clock", args=[clock.pk]))


def test_a_deadline_is_explained_step_by_step_to_whoever_sees_the_ticket(ticket):
    clock = Clock.objects.filter(ticket=ticket).first()
    text = seen_by(make.user(ticket.team), clock).content.decode()
    assert "The clock starts" in text
    assert clock.calendar_version.calendar.name in text
    assert clock.calendar_version.data["zone"] in text
    assert seen_by(make.user(make.team()), clock).status_code == 404


def test_the_ticket_page_leads_to_its_clocks(ticket):
    client = Client()
    client.force_login(make.user(ticket.team))
    text = client.get(reverse("ticket", args=[ticket.pk])).content.decode()
    assert all(reverse("clock", args=[clock.pk]) in text for clock in Clock.objects.filter(ticket=ticket))
