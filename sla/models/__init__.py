"""Time: calendars and policies in immutable versions, clocks, what happened to them, which steps acted."""

from sla.models.calendar import Calendar, CalendarVersion
from sla.models.clock import Clock, ClockEvent, Metric, State
from sla.models.fire import Fire
from sla.models.policy import Policy, PolicyVersion

__all__ = [
    "Calendar",
    "CalendarVersion",
    "Clock",
    "ClockEvent",
    "Fire",
    "Metric",
    "Policy",
    "PolicyVersion",
    "State",
]
