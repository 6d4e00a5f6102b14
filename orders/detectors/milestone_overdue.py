"""Milestone overdue: a step of an order that follows a plan is not done by its time."""

from collections.abc import Iterable
from datetime import datetime

from orders.detectors.base import HOUR, Finding, OrderDetector, gettext_noop, limits, whole_hours
from orders.facts import MilestoneFacts, OrderFacts

WATCHED_ELSEWHERE = frozenset({"order_received", "payment_confirmed", "handed_over", "delivered"})
"""Steps with detectors of their own (unapproved, not_shipped, overdue), which know the plan as well."""


class MilestoneOverdue(OrderDetector):
    """An open step was promised, or else planned, for a time that has passed; the owner of the step is asked.

    The step that is due first speaks for the order. `urgent` later it is P2.
    """

    code = "milestone_overdue"
    title = gettext_noop("Milestone overdue")
    department = "front_line"
    grade = 3
    thresholds = limits(after=0 * HOUR, urgent=72 * HOUR)

    def _watched(self, facts: OrderFacts) -> list[MilestoneFacts]:
        if not facts.milestones or facts.is_over:
            return []
        return [step for step in facts.milestones if step.code not in WATCHED_ELSEWHERE]

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        return [
            step.due_at + self.limit["after"] + more
            for step in self._watched(facts)
            for more in (0 * HOUR, self.limit["urgent"])
        ]

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        first = min(self._watched(facts), key=lambda step: step.due_at, default=None)
        if first is None or now < (since := first.due_at + self.limit["after"]):
            return None
        return Finding(
            self.code,
            2 if now >= since + self.limit["urgent"] else self.grade,
            gettext_noop("“{step}” was due by {due}, {hours} h ago, and is not done."),
            since,
            {"step": first.code, "due": first.due_at.isoformat(), "hours": whole_hours(now - first.due_at)},
            evidence={"step": first.code, "due_at": first.due_at.isoformat()},
            department=first.department,
        )

    def reason(self, facts: OrderFacts) -> str:
        return "step_done"
