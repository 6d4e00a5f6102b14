"""The calendars and the policy that a new desk starts with. An administrator edits them as data, in new versions."""

from datetime import date
from functools import cache
from typing import Any

import holidays
from django.db import transaction

from sla.calendars import Calendar as Working
from sla.models import Calendar, CalendarVersion, Policy, PolicyVersion
from sla.policies import policy_from_data
from sla.versions import ALWAYS_CODE, DEFAULT_POLICY

MINUTE, HOUR = 60, 3600
WEEK = ("mon", "tue", "wed", "thu", "fri")
YEARS = range(2016, 2031)
HOURS = ["09:00-18:00"]

# code: (name, time zone, country, subdivision)
BUSINESS = {
    "cn_business": ("China, Monday to Friday 9 to 18", "Asia/Shanghai", "CN", None),
    "br_business": ("Brazil, Monday to Friday 9 to 18", "America/Sao_Paulo", "BR", "SP"),
    "de_business": ("Germany, Monday to Friday 9 to 18", "Europe/Berlin", "DE", "BE"),
    "us_business": ("United States (East), Monday to Friday 9 to 18", "America/New_York", "US", None),
}

# For each metric the first rule that matches and names it counts; seconds of open time. P1 and chats run round the
# clock, everything else in the shop's business hours. A "normal" solution, 4 h in the handbooks, is that of P2; a
# working day is 9 h, so P3 has about one and P4 two.
RULES: dict[str, Any] = {
    "targets": [
        # Nobody outside waits for an answer.
        {"name": "internal", "when": {"kind": ["internal"]},
         "targets": {"first_response": None, "next_response": None}},
        {"name": "chat", "when": {"channel": ["chat"]}, "targets": {"first_response": MINUTE, "next_response": MINUTE}},
        {"name": "VIP", "when": {"vip": [True]},
         "targets": {"first_response": 15 * MINUTE, "next_response": 15 * MINUTE, "solution": 4 * HOUR}},
        {"name": "phone note", "when": {"channel": ["phone"]}, "targets": {"first_response": 15 * MINUTE}},
        {"name": "exception reported by the carrier", "when": {"carrier_reported": [True]},
         "targets": {"first_response": 15 * MINUTE}},
        {"name": "P1", "when": {"grade": [1]},
         "targets": {"first_response": 30 * MINUTE, "next_response": 30 * MINUTE, "solution": 4 * HOUR}},
        {"name": "parcel exception", "when": {"kind": ["logistics"]}, "targets": {"solution": 24 * HOUR}},
        {"name": "complaint", "when": {"kind": ["complaint"]}, "targets": {"solution": 48 * HOUR}},
        {"name": "P2", "when": {"grade": [2]},
         "targets": {"first_response": HOUR, "next_response": HOUR, "solution": 4 * HOUR}},
        {"name": "P3", "when": {"grade": [3]},
         "targets": {"first_response": 4 * HOUR, "next_response": 4 * HOUR, "solution": 9 * HOUR}},
        {"name": "P4", "targets": {"first_response": 9 * HOUR, "next_response": 9 * HOUR, "solution": 18 * HOUR}},
    ],
    "round_the_clock": [{"grade": [1]}, {"channel": ["chat"]}],
    # Waiting for our own departments is our own time: the customer's clock goes on.
    "pauses": {"customer": ["solution"], "carrier": ["solution"]},
}  # fmt: skip

LADDER: list[dict[str, Any]] = [
    # Level one: the department head at once, on every channel.
    {"key": "emergency", "percent": 0, "alone": True, "metrics": ["solution"], "grades": [1],
     "actions": [{"do": "notify", "to": "head", "kind": "emergency"}]},
    {"key": "warn", "percent": 75, "tier": 1, "actions": [{"do": "notify", "to": "assignee", "kind": "due_soon"}]},
    {"key": "breach", "percent": 100, "tier": 2, "metrics": ["first_response", "next_response", "solution"],
     "actions": [{"do": "escalate", "tier": 2}, {"do": "notify", "to": "assignee", "kind": "late"},
                 {"do": "notify", "to": "lead", "kind": "late"}]},
    {"key": "handover_late", "percent": 100, "tier": 2, "metrics": ["handover"],
     "actions": [{"do": "notify", "to": "lead", "kind": "late"}]},
    # Nobody answered an emergency: half an hour later, whatever the time of day.
    {"key": "urgent_unanswered", "offset_s": 30 * MINUTE, "elapsed": True, "tier": 3, "metrics": ["first_response"],
     "grades": [1], "actions": [{"do": "escalate", "tier": 3}, {"do": "notify", "to": "head", "kind": "late"}]},
    {"key": "twice_the_time", "percent": 200, "tier": 3, "metrics": ["solution", "handover"],
     "actions": [{"do": "escalate", "tier": 3}, {"do": "notify", "to": "head", "kind": "late"}]},
]  # fmt: skip


@transaction.atomic
def setup_defaults() -> list[str]:
    """Make what is missing; a calendar that nobody edited gets a new version when its holidays have changed.

    Returns one line per thing made. May run any number of times.
    """
    made = []
    always = Working.from_data({"zone": "UTC", "weekly": dict.fromkeys((*WEEK, "sat", "sun"), ["00:00-24:00"])})
    made += _calendar(ALWAYS_CODE, "Round the clock", always)
    for code, (name, zone, country, subdivision) in BUSINESS.items():
        made += _calendar(code, name, business(zone, country, subdivision))
    policy, _ = Policy.objects.get_or_create(code=DEFAULT_POLICY, defaults={"name": "Standard promises"})
    if not policy.versions.exists():
        policy_from_data(RULES, LADDER)  # refuses to publish what can not be read
        PolicyVersion.objects.create(policy=policy, number=1, rules=RULES, ladder=LADDER)
        made.append("policy default, version 1")
    return made


@cache
def business(zone: str, country: str, subdivision: str | None = None) -> Working:
    """Monday to Friday 9 to 18 in that zone, closed on the country's holidays, open on its make-up working days."""
    off = holidays.country_holidays(country, subdiv=subdivision, years=YEARS, language="en_US")
    working: set[date] = {day for day in off.weekend_workdays if day.year in YEARS}
    closed = {day: name for day, name in off.items() if day not in working}
    exceptions = [{"date": day.isoformat(), "name": name, "hours": []} for day, name in closed.items()]
    exceptions += [{"date": day.isoformat(), "name": "Make-up working day", "hours": HOURS} for day in working]
    return Working.from_data({"zone": zone, "weekly": dict.fromkeys(WEEK, HOURS), "exceptions": exceptions})


def _calendar(code: str, name: str, working: Working) -> list[str]:
    calendar, _ = Calendar.objects.get_or_create(code=code, defaults={"name": name})
    newest = calendar.versions.order_by("-number").first()
    data = working.to_data()
    if newest is not None and (newest.data == data or newest.author_id is not None):
        return []
    number = newest.number + 1 if newest else 1
    CalendarVersion.objects.create(calendar=calendar, number=number, data=data)
    return [f"calendar {code}, version {number}"]
