"""The times of one order: what its source's final word proves, and which times cannot be in this order. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from orders.importing.values import Moment

# (what comes first, what comes later)
SEQUENCES = (
    ("placed_at", "paid_at"),
    ("placed_at", "shipped_at"),
    ("placed_at", "delivered_at"),
    ("shipped_at", "delivered_at"),
    ("placed_at", "cancelled_at"),
    ("placed_at", "promised_ship_at"),
    ("placed_at", "promised_delivery_at"),
)
# Shops do ship on credit, and parcels do arrive after a cancellation: counted, never rejected.
ODD_SEQUENCES = (("paid_at", "shipped_at"),)
HAPPENED = ("placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at")
UNKNOWN = " (time unknown)"


@dataclass(slots=True)
class Steps:
    """The order's values with plain times, codes of what to count, and pairs (first, later) that contradict."""

    values: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def judge_steps(told: Mapping[str, Any], statuses: Mapping[str, str], now: datetime) -> Steps:
    """Judge the order's times, and give a final word its time where the source has none.

    A cancellation is dated at the last known time. A delivery without a date is dated at the promise, or at the last
    known time if that is later, so that it never looks overdue; `status_word` then says that the time is not known.
    """
    wrong = [pair for pair in SEQUENCES if _contradict(told, *pair)]
    steps = Steps({name: value.at if isinstance(value, Moment) else value for name, value in told.items()}, wrong=wrong)
    steps.warnings += [
        f"{later}_before_{before}" for before, later in ODD_SEQUENCES if _contradict(told, before, later)
    ]
    _apply_word(steps, statuses, now)
    if steps.values.get("cancelled_at") and steps.values.get("delivered_at"):
        steps.warnings.append("cancelled_and_delivered")
    return steps


def _apply_word(steps: Steps, statuses: Mapping[str, str], now: datetime) -> None:
    values = steps.values
    word = values.get("status_word") or ""
    meaning = statuses.get(word.casefold())
    if meaning is None:
        return
    known = [values[name] for name in HAPPENED if values.get(name) is not None]
    over = values.get("delivered_at") or values.get("cancelled_at")
    if not known:
        return
    if meaning == "cancelled" and not values.get("cancelled_at"):
        values["cancelled_at"] = max(known)
    elif meaning == "delivered" and not over:
        promise = values.get("promised_delivery_at")
        values["delivered_at"] = max(*known, promise) if promise is not None and promise <= now else max(known)
    elif meaning == "shipped" and not over and not values.get("shipped_at"):
        values["shipped_at"] = max(known)
    else:
        return
    values["status_word"] = word + UNKNOWN
    steps.warnings.append(f"{meaning}_without_time")


def _contradict(told: Mapping[str, Any], before: str, later: str) -> bool:
    first, second = told.get(before), told.get(later)
    if first is None or second is None:
        return False
    start = first.at if isinstance(first, Moment) else first
    if isinstance(second, Moment):
        return (second.at + timedelta(days=1) if second.day_only else second.at) < start
    return bool(second < start)
