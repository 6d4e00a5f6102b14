from datetime import timedelta

import pytest

from orders.detectors.milestone_overdue import MilestoneOverdue
from orders.facts import MilestoneFacts
from tests.orders.detectors.conftest import PLACED

HOUR = timedelta(hours=1)
DUE = PLACED + 100 * HOUR
QC = MilestoneFacts("qc_passed", DUE + 9 * HOUR, "quality")
MADE = MilestoneFacts("production_done", DUE, "purchasing")


def test_the_step_due_first_speaks_and_its_owner_is_asked(order):
    found = MilestoneOverdue().inspect(order(milestones=(QC, MADE)), DUE + 20 * HOUR)
    assert (found.params["step"], found.department, found.since, found.params["hours"]) == (
        "production_done", "purchasing", DUE, 20,
    )  # fmt: skip
    assert MilestoneOverdue().inspect(order(milestones=(QC, MADE)), DUE - HOUR) is None


def test_it_wakes_when_each_step_is_due_and_is_graver_after_three_days(order):
    known = order(milestones=(MADE,))
    assert MilestoneOverdue().due(known) == DUE
    assert MilestoneOverdue().due(known, after=DUE) == DUE + 72 * HOUR
    assert MilestoneOverdue().inspect(known, DUE + 71 * HOUR).grade == 3
    assert MilestoneOverdue().inspect(known, DUE + 72 * HOUR).grade == 2


@pytest.mark.parametrize("code", ["payment_confirmed", "handed_over", "delivered"])
def test_steps_that_others_watch_are_left_to_them(order, code):
    assert MilestoneOverdue().inspect(order(milestones=(MilestoneFacts(code, DUE, "x"),)), DUE + HOUR) is None


def test_it_clears_when_the_step_is_done_or_the_order_is_over(order):
    assert MilestoneOverdue().clears(order(), DUE + HOUR) == "step_done"
    assert MilestoneOverdue().clears(order(milestones=(MADE,), cancelled_at=DUE), DUE + HOUR) == "cancelled"
    assert MilestoneOverdue().clears(order(milestones=(MADE,)), DUE + HOUR) is None
