"""An order's steps as a page shows them, at the present of its shop: plan, promise, forecast, and what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from orders import labels
from orders.models import Milestone, Order
from orders.scheduling import Course, forecast
from orders.workdays import workdays_of

DONE, CURRENT, BAD, AHEAD = "done", "cur", "cur bad", ""
STEP_ICONS = {DONE: "check", CURRENT: "truck", BAD: "triangle-alert", AHEAD: ""}
BRIEF = 6
"""So many steps fit side by side on a phone."""
SAID_BY_ITSELF = frozenset({"order_received"})


@dataclass(frozen=True, slots=True)
class Stage:
    """One milestone. `started_at` is when the one before it ended; `forecast_at` is set while it is open.

    The order stands at the newest one that is done; "cur" is the one that follows it.
    """

    code: str
    label: str
    planned_from: datetime | None
    planned_to: datetime | None
    promised_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    forecast_from: datetime | None = None
    forecast_at: datetime | None = None
    state: str = AHEAD
    is_newest: bool = False
    passed_over: bool = False
    department: str = ""
    evidence: str = ""
    done_by: str = ""
    is_stored: bool = True

    @property
    def icon(self) -> str:
        """The icon of its state."""
        return STEP_ICONS[self.state]

    @property
    def due_at(self) -> datetime | None:
        """What it is held to: the promise, else the plan."""
        return self.promised_at or self.planned_to

    @property
    def late_by(self) -> timedelta | None:
        """How much later than due it was done, or is expected to be; None when it is not late."""
        ends = self.ended_at or self.forecast_at
        if ends is None or self.due_at is None or ends - self.due_at < timedelta(minutes=1):
            return None
        return ends - self.due_at

    @property
    def verdict(self) -> str:
        """The same for style sheets: met, missed, late (expected), open, or passed (over)."""
        if self.passed_over:
            return "passed"
        if self.ended_at is not None:
            return "missed" if self.late_by and self.code not in SAID_BY_ITSELF else "met"
        return "late" if self.late_by else "open"

    @property
    def words(self) -> str:
        """The verdict in words, with a gap for the length of time where there is one."""
        return {
            "met": gettext("In time"),
            "missed": gettext("{time} late"),
            "late": gettext("{time} late so far") if self.state in (CURRENT, BAD) else gettext("{time} late expected"),
            "open": gettext("Under way") if self.state in (CURRENT, BAD) else gettext("Ahead"),
            "passed": gettext("Not recorded"),
        }[self.verdict]

    @property
    def can_finish(self) -> bool:
        """Whether somebody may say that it is done."""
        return self.ended_at is None


def stages_of(order: Order, present: datetime, *, troubled: bool) -> list[Stage]:
    """The steps of an order at `present`; one query, and one more for an order that follows a plan."""
    rows = list(order.milestones.select_related("done_by").all()) or own_times(order)
    actual = [_seen(row.actual_at, present) for row in rows]
    expected = _expected(order, rows, actual, present)
    reached = max((number for number, at in enumerate(actual) if at is not None), default=-1)
    stages: list[Stage] = []
    for number, row in enumerate(rows):
        before = rows[number - 1] if number else None
        started = order.placed_at if before is None else actual[number - 1]
        if actual[number] is None and number > reached + 1:
            started = None
        done = actual[number] is not None
        stages.append(
            Stage(
                code=row.code,
                label=labels.milestone_label(row.code),
                planned_from=(before.planned_at if before else order.placed_at),
                planned_to=row.planned_at,
                promised_at=row.promised_at,
                started_at=_seen(started, present),
                ended_at=actual[number],
                forecast_from=expected.get(before.code) if before else None,
                forecast_at=None if done else expected.get(row.code),
                state=_state(number, reached, len(rows), troubled),
                is_newest=number == reached,
                passed_over=not done and number < reached,
                department=row.owner_department,
                evidence=row.evidence if done else "",
                done_by=str(row.done_by) if done and row.done_by else "",
                is_stored=row.pk is not None,
            )
        )
    return stages


def brief(stages: Sequence[Stage]) -> list[Stage]:
    """At most six steps: the first, those around the present one, the hand-over and the delivery, in their order."""
    if len(stages) <= BRIEF:
        return list(stages)
    present = next((number for number, stage in enumerate(stages) if stage.state != DONE), len(stages) - 1)
    wanted = [present, present - 1, present + 1, 0]
    wanted += [number for number, stage in enumerate(stages) if stage.code in ("handed_over", "delivered")]
    wanted += [number for number in range(len(stages)) if stages[number].code in ("payment_confirmed", "departed")]
    kept = list(dict.fromkeys(number for number in wanted if 0 <= number < len(stages)))[:BRIEF]
    return [stages[number] for number in sorted(kept)]


def own_times(order: Order) -> list[Milestone]:
    """Milestones for an order that has none stored, from the times on its own row."""
    code = Milestone.Code
    return [
        Milestone(code=code.ORDER_RECEIVED, seq=1, planned_at=order.placed_at, actual_at=order.placed_at),
        Milestone(code=code.PAYMENT_CONFIRMED, seq=2, actual_at=order.paid_at),
        Milestone(code=code.HANDED_OVER, seq=3, planned_at=order.promised_ship_at, actual_at=order.shipped_at),
        Milestone(code=code.DELIVERED, seq=4, planned_at=order.promised_delivery_at, actual_at=order.delivered_at),
    ]


def _expected(
    order: Order, rows: Sequence[Milestone], actual: Sequence[datetime | None], present: datetime
) -> dict[str, datetime]:
    """When each step ended or is expected to; goods from stock by what is stored, and never in the past."""
    if order.cancelled_at is not None and order.cancelled_at <= present:
        return {}
    if not any(row.is_planned for row in rows):
        stored = {row.code: row.forecast_at or row.promised_at or row.planned_at for row in rows}
        ended = {row.code: at for row, at in zip(rows, actual, strict=True) if at is not None}
        return {code: max(end, present) for code, end in stored.items() if end is not None} | ended
    calendar = workdays_of([order.shop_id])[order.shop_id]
    course = [
        Course(row.code, row.amount or 0, row.unit or "", row.planned_at, row.promised_at, at)
        for row, at in zip(rows, actual, strict=True)
    ]
    return forecast(course, calendar, placed_at=order.placed_at, now=present)


def _seen(at: datetime | None, present: datetime) -> datetime | None:
    return at if at is not None and at <= present else None


def _state(number: int, reached: int, total: int, troubled: bool) -> str:
    if number <= reached:
        return DONE
    if number > reached + 1 or number >= total:
        return AHEAD
    return BAD if troubled else CURRENT
