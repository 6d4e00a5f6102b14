"""The Cargo 2000 set's legs, seen from each of their milestones: how long the rest took against what was planned."""

import math
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from bench.olist_rows import found, rows
from orders.lanes import Groups, Lane, groups

BOOKED = "booked"
"""The beginning of a leg, before its first milestone."""
LEAST_MINUTES = 60.0
"""A plan shorter than this says nothing about the time that is left."""


class View(NamedTuple):
    """A leg as it stands when `milestone` is reached; times as multiples of the time that was planned for the rest."""

    case: int
    milestone: str
    groups: Groups
    took: float
    slack: float
    late: bool


def views_of(folder: Path) -> list[View]:
    """Every leg from each of its milestones but the last, in order of the cases' numbers."""
    made: list[View] = []
    for (case, leg), steps in groupby(rows(found(folder, "milestones")), lambda row: (row["case_id"], row["leg"])):
        made.extend(_views(int(case), leg, sorted(steps, key=lambda row: int(row["seq"]))))
    return sorted(made, key=lambda view: view.case)


def milestones_of(views: Sequence[View]) -> list[str]:
    """The milestones in the order in which they first come."""
    return list(dict.fromkeys(view.milestone for view in views))


def _views(case: int, leg: str, steps: Sequence[dict[str, str]]) -> list[View]:
    if len(steps) < 2 or any(not step["planned_min"] or not step["effective_min"] for step in steps):
        return []
    airports = [step["airport"] for step in steps if step["airport"]]
    ends = (airports[0], airports[-1]) if airports else ("", "")
    planned, took = [float(step["planned_min"]) for step in steps], [float(step["effective_min"]) for step in steps]
    names, seen = [BOOKED, *(step["milestone"] for step in steps[:-1])], []
    for number, name in enumerate(names):
        rest, spent = max(sum(planned[number:]), LEAST_MINUTES), sum(took[:number])
        left = sum(planned) - spent
        again = names[:number].count(name)  # a leg over several airports departs several times
        title = f"{name} {again + 1}" if again else name
        lane = Lane(leg[:1], *ends, _size(spent), _size(rest))
        seen.append(
            View(case, title, groups(lane, 0), sum(took[number:]) / rest, left / rest, sum(took) > sum(planned))
        )
    return seen


def _size(minutes: float) -> str:
    """Durations of about the same length have the same size."""
    return str(round(2 * math.log2(max(minutes, LEAST_MINUTES) / LEAST_MINUTES)))
