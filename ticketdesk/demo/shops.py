"""The demo's shops with their service hours, and the carriers."""

from datetime import date, datetime
from typing import Any

import holidays

from orders.models import Carrier, Shop
from sla.calendars import Calendar as Hours
from sla.models import Calendar, CalendarVersion
from ticketdesk.demo.catalogue import CARRIERS, SHOPS

CARE = {"en": "Customer care", "zh-hans": "客服中心", "zh-hant": "客服中心"}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def make_shops() -> dict[str, Shop]:
    """Make the shops; by code."""
    made = {
        facts.code: Shop(
            code=facts.code, name=facts.name, time_zone=facts.time_zone, country=facts.country, currency=facts.currency,
            language=facts.language, calendar_code=facts.calendar, high_value=facts.high_value,
            contact_name=CARE[facts.language], contact_email=f"care@{facts.code}.example",
        )
        for facts in SHOPS
    }  # fmt: skip
    Shop.objects.bulk_create(made.values())
    return made


def make_carriers() -> dict[str, Carrier]:
    """Make the carriers that are missing; all of the demo's by code."""
    Carrier.objects.bulk_create(
        (
            Carrier(code=code, name=name, name_zh=name_zh, tracking_url=url)
            for code, (name, name_zh, url, _, _) in CARRIERS.items()
        ),
        ignore_conflicts=True,
    )
    return {carrier.code: carrier for carrier in Carrier.objects.filter(code__in=CARRIERS)}


def make_calendars(now: datetime) -> None:
    """Make the shops' service hours: retail desks answer seven days a week, the Taiwanese one rests on holidays."""
    _calendar("demo_retail", "Retail desk, daily 8 to 24", "Asia/Shanghai", dict.fromkeys(DAYS, ["08:00-24:00"]))
    _calendar("demo_export", "Export desk, daily 8 to 22", "America/New_York", dict.fromkeys(DAYS, ["08:00-22:00"]))
    days_off = holidays.country_holidays("TW", years=range(now.year - 1, now.year + 3), language="en_US")
    closed = [{"date": day.isoformat(), "name": name, "hours": []} for day, name in _sorted(days_off)]
    weekly = dict.fromkeys(DAYS[:5], ["09:00-21:00"]) | {"sat": ["10:00-18:00"]}
    _calendar("demo_taiwan", "Taiwan desk, Monday to Saturday", "Asia/Taipei", weekly, closed)


def _sorted(days_off: "holidays.HolidayBase") -> list[tuple[date, str]]:
    return sorted(days_off.items())


def _calendar(
    code: str, name: str, zone: str, weekly: dict[str, list[str]], exceptions: list[dict[str, Any]] | None = None
) -> None:
    data = Hours.from_data({"zone": zone, "weekly": weekly, "exceptions": exceptions or []}).to_data()
    calendar, _ = Calendar.objects.get_or_create(code=code, defaults={"name": name})
    if not calendar.versions.exists():
        CalendarVersion.objects.create(calendar=calendar, number=1, data=data)
