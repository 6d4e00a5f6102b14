"""The pages about detectors: figures, limits in versions, shadow mode."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders.detectors import catalogue
from orders.models import Anomaly, DetectorSetting, Walk
from orders.services.sweep import sweep_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago
from ticketdesk.accounts.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make.shop(present_at=NOW)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make.user(make.team(), role=Role.SUPERVISOR))
    return client


def test_agents_do_not_set_limits(shop):
    agent = Client()
    agent.force_login(make.user(make.team()))
    for address in (reverse("detectors"), reverse("detector", args=["lost"])):
        assert agent.get(address).status_code == 403
    assert agent.post(reverse("detector_shadow", args=["lost"]), {"shop": shop.pk}).status_code == 403


def test_figures_count_the_last_28_days(shop, client):
    for _ in range(4):
        make.order(shop, placed_at=ago(51), paid_at=ago(50))
    sweep_until_idle(now=NOW)
    first, second, third, _ = Anomaly.objects.order_by("id")
    Anomaly.objects.filter(pk__in=[first.pk, second.pk]).update(verdict="real")
    Anomaly.objects.filter(pk=third.pk).update(verdict="false")
    rows = {row.code: row for row, _ in client.get(reverse("detectors")).context["rows"]}
    row = rows["not_shipped"]
    assert (row.rate, row.open_now, row.precision, row.judged) == (1000.0, 4, 67, 3)
    assert rows.keys() == catalogue().keys()


def test_the_list_costs_the_same_however_much_was_found(shop, client):
    costs = []
    for count in (1, 20):
        for _ in range(count):
            make.order(shop, placed_at=ago(51), paid_at=ago(50))
        sweep_until_idle(now=NOW)
        client.get(reverse("detectors"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("detectors"))
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_publishing_limits_makes_a_version_and_arms_the_shops_orders(shop, client):
    told = {"shop": shop.pk, "enabled": "on", "limit_after": "30"}
    assert client.post(reverse("detector", args=["not_shipped"]), told).status_code == 302
    setting = DetectorSetting.objects.get()
    assert (setting.seconds, setting.version, setting.enabled, setting.shadow) == ({"after": 108000}, 1, True, False)
    assert (Walk.objects.get().kind, Walk.objects.get().detector) == ("rearm", "not_shipped")
    page = client.get(reverse("detector", args=["not_shipped"])).content.decode()
    assert "30" in page and "Arming by new limits" in page


@pytest.mark.parametrize(
    ("code", "change", "field"),
    [
        ("not_shipped", {"limit_after": "-1"}, "limit_after"),
        ("not_shipped", {"limit_after": "soon"}, "limit_after"),
        ("not_shipped", {"limit_after": "99999"}, "limit_after"),
        ("no_update", {"lane": "china", "limit_after": "3"}, "lane"),
        ("no_update", {"shop": "999999"}, "shop"),
    ],
)
def test_limits_that_make_no_sense_are_named(shop, client, code, change, field):
    told = {"shop": shop.pk, "enabled": "on"} | change
    reply = client.post(f"{reverse('detector', args=[code])}?shop={shop.pk}", told)
    assert reply.status_code == 422
    assert field in reply.context["form"].errors


def test_the_switch_turns_shadow_on_and_off_and_keeps_the_limits(shop, client):
    DetectorSetting.objects.create(shop=shop, detector="lost", seconds={"domestic": 864000})
    for _ in range(2):
        client.post(reverse("detector_shadow", args=["lost"]), {"shop": shop.pk})
    versions = DetectorSetting.objects.order_by("version").values_list("version", "shadow", "seconds")
    assert list(versions) == [(v, v == 2, {"domestic": 864000}) for v in (1, 2, 3)]


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_detector_has_a_page(shop, client, code):
    assert client.get(reverse("detector", args=[code])).status_code == 200


def test_the_check_can_be_begun_by_hand(shop, client):
    client.post(reverse("detectors_check"), {"shop": shop.pk})
    assert Walk.objects.get().kind == "check"
    assert "Check of the due times" in client.get(reverse("detectors")).content.decode()
