"""Shops' business calendars for those who plan: open time forwards and backwards."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db import connection

from sla.calendars import ALWAYS, Calendar, NoOpenTime, TimeOutOfRange
from sla.localtime import DAY_S
from sla.versions import calendar_of


@dataclass(frozen=True)
class Planner:
    """A calendar to plan with. Where it has no open time to plan in, every hour counts."""

    calendar: Calendar

    @cached_property
    def day_s(self) -> int:
        """The open seconds that most weekdays have; a whole day for a calendar without any."""
        days = [sum(hours.closes - hours.opens for hours in day) * 60 for day in self.calendar.weekly]
        usual = Counter(length for length in days if length).most_common(1)
        return usual[0][0] if usual else DAY_S

    def add(self, at: datetime, seconds: int) -> datetime:
        """When `seconds` of open time have passed since `at`."""
        try:
            return self.calendar.add(at, seconds)
        except (NoOpenTime, TimeOutOfRange):
            return at + timedelta(seconds=seconds)

    def back(self, at: datetime, seconds: int) -> datetime:
        """The latest moment with `seconds` of open time between it and `at`."""
        try:
            return self.calendar.back(at, seconds)
        except (NoOpenTime, TimeOutOfRange):
            return at - timedelta(seconds=seconds)


def planners_of(shop_ids: Collection[int]) -> dict[int, Planner]:
    """The newest version of each shop's business calendar, by shop; one query, and each version is read once a process.

    Round the clock for a shop whose calendar does not exist.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.id, (SELECT v.id FROM sla_calendarversion v JOIN sla_calendar c ON c.id = v.calendar_id
                             WHERE c.code = s.calendar_code ORDER BY v.number DESC LIMIT 1)
               FROM orders_shop s WHERE s.id = ANY(%s)""",
            [list(shop_ids)],
        )
        rows = cursor.fetchall()
    return {shop_id: _planner(version_id) for shop_id, version_id in rows}


def _planner(version_id: int | None) -> Planner:
    return Planner(ALWAYS if version_id is None else calendar_of(version_id))
