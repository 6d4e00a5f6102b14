"""The calendars and the policy that a new desk starts with."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from sla.calendars import Calendar as Working
from sla.defaults import business, setup_defaults
from sla.models import Calendar, CalendarVersion, PolicyVersion
from sla.versions import calendar_of, current
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_setting_up_twice_makes_nothing_twice() -> None:
    assert len(setup_defaults()) == 6
    assert setup_defaults() == []
    assert (Calendar.objects.count(), CalendarVersion.objects.count(), PolicyVersion.objects.count()) == (5, 5, 1)


def test_an_unedited_calendar_takes_new_holidays_in_a_new_version(promises: None) -> None:
    germany = Calendar.objects.get(code="de_business")
    CalendarVersion.objects.create(calendar=germany, number=2, data={"zone": "Europe/Berlin", "weekly": {}})
    assert setup_defaults() == ["calendar de_business, version 3"]


def test_a_calendar_that_somebody_edited_is_left_alone(promises: None) -> None:
    germany = Calendar.objects.get(code="de_business")
    edited = {"zone": "Europe/Berlin", "weekly": {}}
    CalendarVersion.objects.create(calendar=germany, number=2, data=edited, author=make.user())
    assert setup_defaults() == []


def test_the_command_says_what_it_made(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("setup_defaults")
    call_command("setup_defaults")
    assert "policy default, version 1" in capsys.readouterr().out.splitlines()


def test_new_clocks_follow_the_newest_versions(promises: None) -> None:
    shop, china = make.shop(), Calendar.objects.get(code="cn_business")
    data = {"zone": "Asia/Shanghai", "weekly": {"mon": ["09:00-12:00"]}}
    newest = CalendarVersion.objects.create(calendar=china, number=2, data=data)
    found = current([shop.pk])
    assert found.calendar_id(shop.pk, round_the_clock=False) == newest.pk
    assert calendar_of(found.calendar_id(shop.pk, round_the_clock=True)).always_open
    assert calendar_of(newest.pk) == Working.from_data(data)


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        ("2025-09-28", True),  # a Sunday worked for the holiday
        ("2025-10-01", False),  # National Day
        ("2025-10-08", False),  # the last day off
        ("2025-10-09", True),
        ("2025-10-11", True),  # a Saturday worked
        ("2025-10-12", False),
        ("2026-02-14", True),  # a Saturday worked for the Spring Festival
        ("2026-02-17", False),
    ],
)
def test_chinese_holidays_and_their_make_up_days(day: str, is_open: bool) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert business("Asia/Shanghai", "CN").is_open(noon) is is_open


@pytest.mark.parametrize(
    ("zone", "country", "holiday"),
    [
        ("America/Sao_Paulo", "BR", "2018-09-07"),
        ("Europe/Berlin", "DE", "2026-10-03"),
        ("America/New_York", "US", "2026-11-26"),
    ],
)
def test_other_countries_keep_their_own_holidays(zone: str, country: str, holiday: str) -> None:
    noon = datetime.fromisoformat(f"{holiday}T12:00").replace(tzinfo=ZoneInfo(zone))
    assert not business(zone, country).is_open(noon)
