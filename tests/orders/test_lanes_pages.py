"""The pages about lanes: for supervisors, in pages, with what predictions turned out to be worth."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.models import LaneStat, LatePrediction
from tests import factories as make
from tests.clock import NOW
from ticketdesk.accounts.models import Role

pytestmark = pytest.mark.django_db


def signed_in(role=Role.SUPERVISOR) -> Client:
    client = Client()
    client.force_login(make.user(make.team(), role=role))
    return client


def stat(shop, level="lane", **columns) -> LaneStat:
    given = {"origin": "SP", "dest": "BA", "n": 212, "half_days": 9.25, "drift": 1.2, "learnt_as_of": NOW}
    return LaneStat.objects.create(shop=shop, level=level, **given | columns)


def predicted(shop, chance, *, late, fired=False) -> None:
    order = make.order(shop, armed=False)
    LatePrediction.objects.create(
        order=order, shop=shop, origin="SP", dest="BA", promise_at=NOW, made_at=NOW - timedelta(days=9),
        chance=chance, late=late, known_at=NOW, fired_at=NOW - timedelta(hours=60) if fired else None,
    )  # fmt: skip


def test_agents_do_not_see_them():
    assert signed_in(Role.AGENT).get(reverse("lanes")).status_code == 403


def test_an_empty_desk_says_what_to_do_next():
    assert "There is no shop yet" in signed_in().get(reverse("lanes")).content.decode()
    make.shop()
    assert "learn_lanes" in signed_in().get(reverse("lanes")).content.decode()


def test_a_lane_is_listed_with_its_numbers():
    shop = make.shop(present_at=NOW)
    stat(shop, "all", origin="", dest="")
    stat(shop, warned=40, warned_rightly=30)

    page = signed_in().get(reverse("lanes")).content.decode()

    assert all(words in page for words in ("SP → BA", "212", "9.2", "+20 %", "75 %"))


def test_pages_follow_each_other_with_a_constant_number_of_queries():
    shop, client = make.shop(present_at=NOW), signed_in()
    stat(shop, "all", origin="", dest="")
    for number in range(3):
        stat(shop, dest=f"D{number}")
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("lanes"))
    for number in range(3, 60):
        stat(shop, dest=f"D{number}", n=number)
    with CaptureQueriesContext(connection) as many:
        first = client.get(reverse("lanes"), {"shop": shop.pk})
    second = client.get(reverse("lanes"), {"shop": shop.pk, "after": first.context["page"].next})

    assert len(few) == len(many)
    assert len(first.context["page"].rows) == 50
    assert [row.n for row in second.context["page"].rows] == list(range(12, 2, -1))


@pytest.mark.parametrize("cursor", ["x", "1_", "1_x", "9" * 30 + "_1"])
def test_a_damaged_address_is_no_page(cursor):
    make.shop()
    assert signed_in().get(reverse("lanes"), {"after": cursor}).status_code == 404


def test_predictions_are_held_against_what_came():
    shop = make.shop(present_at=NOW)
    lane = stat(shop)
    for late in (True, True, True, False):
        predicted(shop, 0.75, late=late, fired=True)
    predicted(shop, 0.0, late=False)
    predicted(shop, 1.0, late=True)

    response = signed_in().get(reverse("lane", args=[lane.pk]))
    quality = response.context["quality"]

    assert (quality.n, quality.warned, quality.precision, quality.lead_hours) == (6, 4, 0.75, 60.0)
    assert quality.brier == pytest.approx((3 * 0.25**2 + 0.75**2) / 6)
    assert quality.error == pytest.approx(0.0)
    assert "data-tip" in response.content.decode()


def test_another_shops_and_another_lanes_predictions_do_not_count():
    shop = make.shop(present_at=NOW)
    predicted(make.shop(present_at=NOW), 0.5, late=True)
    predicted(shop, 0.5, late=True)

    assert signed_in().get(reverse("lanes"), {"shop": shop.pk}).context["quality"].n == 1
    assert signed_in().get(reverse("lane", args=[stat(shop, dest="PR").pk])).context["quality"].n == 0
