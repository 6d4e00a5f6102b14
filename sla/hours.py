"""Opening hours of a day and their JSON form. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sla.localtime import DAY_MIN

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(\d{2}):(\d{2})-(\d{2}):(\d{2})")


class CalendarInvalid(ValueError):
    """The data does not describe a calendar; the message says which part."""


class Hours(NamedTuple):
    """Opening hours in minutes of the local day on which they begin; `closes` may pass 1,440 (into the next day)."""

    opens: int
    closes: int

    @property
    def possible(self) -> bool:
        """Begins within its day and lasts less than a day; or the whole day, midnight to midnight."""
        return self == (0, DAY_MIN) or (0 <= self.opens < DAY_MIN and 0 < self.closes - self.opens < DAY_MIN)

    def __str__(self) -> str:
        closes = self.closes if self.closes <= DAY_MIN else self.closes - DAY_MIN
        return f"{self.opens // 60:02}:{self.opens % 60:02}-{closes // 60:02}:{closes % 60:02}"


class ExceptionDay(NamedTuple):
    """A date on which other hours hold: none (a holiday), fewer (a half day) or any at all (a make-up working day)."""

    day: date
    name: str
    hours: tuple[Hours, ...]


def parse_hours(texts: Iterable[str]) -> tuple[Hours, ...]:
    """Sorted hours from texts like "09:00-18:00"; "22:00-06:00" runs into the next day. Raises CalendarInvalid."""
    if isinstance(texts, str):
        raise CalendarInvalid(f"hours are a list, not a text: {texts!r}")
    return tuple(sorted(_one(text) for text in texts))


def _one(text: str) -> Hours:
    match = _HOURS.fullmatch(text)
    if match is None:
        raise CalendarInvalid(f"hours look like 09:00-18:00, not {text!r}")
    from_h, from_m, to_h, to_m = map(int, match.groups())
    opens, closes = from_h * 60 + from_m, to_h * 60 + to_m
    if from_m > 59 or to_m > 59 or opens >= DAY_MIN or closes > DAY_MIN or opens == closes:
        raise CalendarInvalid(f"impossible hours: {text!r}")
    return Hours(opens, closes if closes > opens else closes + DAY_MIN)
