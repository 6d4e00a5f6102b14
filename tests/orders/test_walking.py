"""Walks over orders: limits that change arm everything anew, in steps, and the check finds nothing wrong after it."""

from datetime import timedelta

import pytest

from orders.models import Anomaly, AnomalyChange, DetectorSetting, OrderDue, Walk
from orders.services import thresholds, walking
from orders.services.sweep import sweep_until_idle
from tests import factories as make
from tests.clock import NOW
from tests.factories import ago, ahead

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def shop():
    """A shop with five orders paid twenty hours ago, all judged and armed."""
    shop = make.shop()
    for _ in range(5):
        make.order(shop, placed_at=ago(21), paid_at=ago(20))
    sweep_until_idle(now=NOW)
    return shop


def published(shop, **given):
    told = {"code": "not_shipped", "limits": {"after": 30 * HOUR}, "by": None} | given
    return thresholds.publish(shop=shop, now=NOW, **told)


def test_a_stricter_limit_arms_every_order_for_its_new_time_and_the_check_agrees(shop) -> None:
    published(shop)
    assert walking.walk_until_idle(now=NOW) == 5
    assert set(OrderDue.objects.values_list("due_at", flat=True)) == {ago(20) + 30 * HOUR}
    walking.begin(shop=shop, kind=Walk.Kind.CHECK)
    walking.walk_until_idle(now=NOW)
    checked = Walk.objects.get(kind="check")
    assert (checked.done, checked.differences, checked.percent) == (5, 0, 100)


def test_a_limit_that_has_passed_opens_what_it_finds(shop) -> None:
    published(shop, limits={"after": HOUR})
    walking.walk_until_idle(now=NOW)
    assert Anomaly.objects.filter(code="not_shipped").count() == 5


def test_a_walk_goes_on_where_it_was(shop) -> None:
    published(shop)
    assert walking.step(now=NOW, limit=2) == 2
    walk = Walk.objects.get()
    assert (walk.done, walk.ended_at, walk.percent) == (2, None, 40)
    assert walking.walk_until_idle(now=NOW) == 3
    assert Walk.objects.get().ended_at is not None


def test_the_check_finds_an_order_armed_too_late_and_mends_it(shop) -> None:
    late, lost = OrderDue.objects.order_by("pk")[:2]
    OrderDue.objects.filter(pk=late.pk).update(due_at=ahead(900))
    lost.delete()
    walking.begin(shop=shop, kind=Walk.Kind.CHECK)
    walking.walk_until_idle(now=NOW)
    assert Walk.objects.get().differences == 2
    assert set(OrderDue.objects.filter(pk__in=[late.pk, lost.pk]).values_list("due_at", flat=True)) == {NOW}


def test_an_order_armed_early_is_no_mistake(shop) -> None:
    OrderDue.objects.update(due_at=ahead(1))
    walking.begin(shop=shop, kind=Walk.Kind.CHECK)
    walking.walk_until_idle(now=NOW)
    assert Walk.objects.get().differences == 0


def test_the_check_begins_once_a_night_and_leaves_replayed_shops_alone(shop) -> None:
    make.shop(present_at=ago(9000))
    assert walking.check_nightly(now=NOW) == 1
    Walk.objects.update(started_at=NOW)
    assert walking.check_nightly(now=NOW + HOUR) == 0


def test_leaving_shadow_tells_of_what_was_suspected(shop) -> None:
    published(shop, limits={"after": HOUR}, shadow=True)
    walking.walk_until_idle(now=NOW)
    assert set(Anomaly.objects.values_list("state", flat=True)) == {"suspected"}
    published(shop, limits={"after": HOUR})
    walking.walk_until_idle(now=NOW)
    assert set(Anomaly.objects.values_list("state", flat=True)) == {"open"}
    assert AnomalyChange.objects.filter(kind="opened").count() == 5


def test_each_place_has_versions_of_its_own(shop) -> None:
    published(shop), published(shop)
    published(shop, code="no_update", lane="CN-US")
    versions = DetectorSetting.objects.values_list("detector", "lane", "version")
    assert sorted(versions) == [("no_update", "CN-US", 1), ("not_shipped", "", 1), ("not_shipped", "", 2)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"limits": {"aftr": HOUR}}, "limits"),
        ({"limits": {"after": -HOUR}}, "after"),
        ({"lane": "CN-US"}, "carrier"),
        ({"code": "no_update", "lane": "china"}, "lane"),
        ({"code": "no_update", "lane": "CN-US", "limits": {}}, "limits"),
        ({"version": 7}, "version"),
    ],
)
def test_a_setting_that_makes_no_sense_names_the_field(shop, given, field) -> None:
    with pytest.raises(thresholds.Refused) as refused:
        published(shop, **given)
    assert refused.value.field == field
