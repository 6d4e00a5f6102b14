from datetime import timedelta
from itertools import pairwise

import pytest

from tests.clock import NOW
from tests.house.test_charts import count, drawn
from ticketdesk.gantt import Plan, Stage, gantt

HOUR = timedelta(hours=1)


def stage(label: str, start: float, end: float, began: float | None = None, ended: float | None = None) -> Stage:
    times = [None if hours is None else NOW + hours * HOUR for hours in (start, end, began, ended)]
    return Stage(label, *times)


def test_only_the_stage_that_ran_over_its_own_plan_is_red():
    late = stage("Paid", -50, -40, -50, -20)
    followers = [stage("Packed", -40, -30, -20, -11), stage("Shipped", -30, -20)]
    svg = gantt("x", [stage("Placed", -60, -50, -60, -50), late, *followers], NOW)
    assert (count(svg, "c-breach"), count(svg, "c-ok"), count(svg, "now")) == (1, 2, 1)


def test_a_finished_plan_has_no_present():
    assert count(gantt("x", [stage("Placed", -9, -8, -9, -8)], NOW), "now") == 0


def test_a_plan_without_any_time_is_nothing():
    assert gantt("x", [Stage("Placed", None, None)], NOW) == ""


@pytest.mark.parametrize("days", [1, 7, 40, 400])
def test_day_names_of_a_plan_never_overlap(days):
    svg = gantt("x", [stage("Placed", 0, 24 * days)], NOW, Plan(width=352))
    places = [float(node.get("x")) for node in drawn(svg).iter("text") if node.get("text-anchor") == "middle"]
    gaps = [after - before for before, after in pairwise(places)]
    assert all(gap >= 34 for gap in gaps)


def test_what_is_to_come_is_outlined_and_red_when_it_comes_after_the_promise():
    steps = [
        stage("Placed", -9, -8, -9, -8),
        Stage("Packed", NOW - 8 * HOUR, NOW + HOUR, NOW - 8 * HOUR, promised_at=NOW + HOUR, forecast_at=NOW + 9 * HOUR),
        Stage("Shipped", NOW + HOUR, NOW + 99 * HOUR, forecast_from=NOW + 9 * HOUR, forecast_at=NOW + 99 * HOUR),
    ]
    svg = gantt("x", steps, NOW)
    assert (count(svg, "fore"), count(svg, "promise"), count(svg, "c-breach")) == (2, 1, 2)


def test_a_tip_names_every_time_that_is_known():
    step = Stage("<Packed>", NOW, NOW + HOUR, NOW, promised_at=NOW + HOUR, forecast_at=NOW + 2 * HOUR)
    tips = [node.get("data-tip") for node in drawn(gantt("x", [step], NOW)).iter() if node.get("data-tip")]
    assert tips == ["<Packed>|Planned=11-23 03:00|Promised=11-23 03:00|Expected=11-23 04:00"]
