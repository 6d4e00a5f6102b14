from datetime import timedelta

import pytest

from sla.calendars import Calendar
from sla.defaults import setup_defaults
from sla.planning import Planner, planners_of
from tests import factories as make
from tests.clock import NOW

HOUR = timedelta(hours=1)


def closed() -> Planner:
    return Planner(Calendar("UTC", ((),) * 7))


def test_a_business_day_is_as_long_as_most_open_days():
    hours = dict.fromkeys(["mon", "tue", "wed"], ["09:00-12:00", "13:00-18:00"]) | {"sat": ["10:00-12:00"]}
    assert Planner(Calendar.from_data({"zone": "UTC", "weekly": hours})).day_s == 8 * 3600
    assert closed().day_s == 24 * 3600


def test_a_calendar_that_never_opens_counts_every_hour():
    assert closed().add(NOW, 3600) == NOW + HOUR
    assert closed().back(NOW, 3600) == NOW - HOUR


@pytest.mark.django_db
def test_each_shop_has_its_calendar_and_one_without_works_round_the_clock(django_assert_max_num_queries):
    setup_defaults()
    chinese, odd = make.shop(calendar_code="cn_business"), make.shop(calendar_code="nowhere")
    planners_of([chinese.pk])  # a version is read once a process
    with django_assert_max_num_queries(1):
        found = planners_of([chinese.pk, odd.pk])
    assert found[chinese.pk].day_s == 9 * 3600
    assert found[odd.pk].add(NOW, 3600 * 100) == NOW + 100 * HOUR
