"""The steps of an order, from order to close, and the plans that come with the desk. Pure.

A plan says which steps an order of some type takes, who owns each, how long it may last and how much slack lies behind
it. Plans that people write (MilestoneTemplate) go before these.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

# Code: its place, and the department that usually owns it. The places leave room for steps that are yet to come.
STEPS: Mapping[str, tuple[int, str]] = {
    "order_received": (10, "front_line"),
    "payment_confirmed": (20, "finance"),
    "risk_cleared": (22, "finance"),
    "order_confirmed": (24, "front_line"),
    "materials_ready": (26, "purchasing"),
    "production_started": (28, "purchasing"),
    "production_done": (30, "purchasing"),
    "qc_passed": (32, "quality"),
    "packed": (34, "warehouse"),
    "booked": (36, "logistics"),
    "handed_over": (40, "warehouse"),
    "export_cleared": (50, "customs"),
    "departed": (55, "logistics"),
    "arrived": (60, "logistics"),
    "import_cleared": (65, "customs"),
    "out_for_delivery": (70, "logistics"),
    "delivered": (80, "logistics"),
    "accepted": (90, "front_line"),
    "closed": (95, "front_line"),
}
ALWAYS_NEEDED = ("order_received", "handed_over", "delivered")
"""What every plan holds: the order's own row tells these, and other detectors watch them."""

LONGEST = 999
STOCK = "stock"


class Unit(StrEnum):
    """What a step's length is counted in; a business day is as long as the calendar's usual open day."""

    BUSINESS_HOURS = "business_hours"
    BUSINESS_DAYS = "business_days"
    HOURS = "hours"


UNITS = frozenset(str(unit) for unit in Unit)


class StepsInvalid(ValueError):
    """These are no steps of a plan; `code` is the step (empty for the plan as a whole), `field` what to correct."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(message)
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True)
class Step:
    """One step: it lasts `amount` of `unit`, and may end `slack` of `unit` late before the next one suffers."""

    code: str
    department: str
    amount: int
    unit: str = Unit.BUSINESS_DAYS
    slack: int = 0
    needed: bool = True

    def __post_init__(self) -> None:
        if self.code not in STEPS:
            raise StepsInvalid(self.code, "code", f"unknown step {self.code!r}; use one of: {', '.join(STEPS)}")
        if self.unit not in UNITS:
            raise StepsInvalid(self.code, "unit", f"unknown unit {self.unit!r}; use one of: {', '.join(Unit)}")
        for name in ("amount", "slack"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LONGEST:
                raise StepsInvalid(self.code, name, f"{name} is not a whole number from 0 to {LONGEST}: {value!r}")
        if not self.department:
            raise StepsInvalid(self.code, "department", "every step has an owner")

    @property
    def seq(self) -> int:
        """Its place among all steps."""
        return STEPS[self.code][0]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """A step from its JSON form, the fields by name. Raises StepsInvalid."""
        try:
            return cls(**data)
        except TypeError as error:
            raise StepsInvalid(str(data.get("code", "")), "", f"not a step: {error}") from error

    def to_data(self) -> dict[str, Any]:
        """The JSON form: `Step.from_data(step.to_data()) == step`."""
        return {**asdict(self), "unit": str(self.unit)}


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps of one plan by place. Raises StepsInvalid for one named twice, or missing that all need."""
    found = tuple(sorted(steps, key=lambda step: step.seq))
    for before, after in pairwise(found):
        if before.code == after.code:
            raise StepsInvalid(after.code, "code", f"{after.code} is named twice")
    needed = {step.code for step in found if step.needed}
    for code in ALWAYS_NEEDED:
        if code not in needed:
            raise StepsInvalid(code, "needed", f"every plan needs {code}")
    return found


def read_steps(data: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """The steps of a plan from their JSON form. Raises StepsInvalid."""
    return in_order(Step.from_data(each) for each in data)


def kind_of(order_type: str) -> str:
    """An order's type as plans name it: "Made-to order" is made_to_order."""
    return order_type.strip().lower().replace("-", "_").replace(" ", "_")


_DAYS, _OPEN, _HOURS = Unit.BUSINESS_DAYS, Unit.BUSINESS_HOURS, Unit.HOURS
# Step: (amount, unit, slack).
_READY: Mapping[str, Mapping[str, tuple[int, Unit, int]]] = {
    STOCK: {
        "order_received": (0, _HOURS, 0), "payment_confirmed": (24, _HOURS, 0), "handed_over": (48, _HOURS, 0),
        "delivered": (72, _HOURS, 0),
    },
    "pre_sale": {
        "order_received": (0, _HOURS, 0), "payment_confirmed": (24, _HOURS, 0), "order_confirmed": (1, _DAYS, 1),
        "materials_ready": (8, _DAYS, 2), "packed": (1, _DAYS, 0), "handed_over": (4, _OPEN, 2),
        "delivered": (72, _HOURS, 0),
    },
    "made_to_order": {
        "order_received": (0, _HOURS, 0), "payment_confirmed": (2, _DAYS, 1), "order_confirmed": (1, _DAYS, 0),
        "materials_ready": (5, _DAYS, 2), "production_started": (1, _DAYS, 0), "production_done": (10, _DAYS, 2),
        "qc_passed": (1, _DAYS, 1), "packed": (1, _DAYS, 0), "handed_over": (1, _DAYS, 0),
        "delivered": (96, _HOURS, 12), "accepted": (168, _HOURS, 0),
    },
    "foreign_trade": {
        "order_received": (0, _HOURS, 0), "payment_confirmed": (3, _DAYS, 1), "risk_cleared": (4, _OPEN, 2),
        "order_confirmed": (1, _DAYS, 0), "materials_ready": (5, _DAYS, 2), "production_started": (1, _DAYS, 0),
        "production_done": (10, _DAYS, 3), "qc_passed": (1, _DAYS, 1), "packed": (1, _DAYS, 0), "booked": (2, _DAYS, 1),
        "handed_over": (1, _DAYS, 0), "export_cleared": (1, _DAYS, 1), "departed": (48, _HOURS, 24),
        "arrived": (288, _HOURS, 48), "import_cleared": (2, _DAYS, 1), "out_for_delivery": (48, _HOURS, 12),
        "delivered": (24, _HOURS, 0), "accepted": (168, _HOURS, 0), "closed": (3, _DAYS, 0),
    },
}  # fmt: skip


def _ready(lengths: Mapping[str, tuple[int, Unit, int]]) -> tuple[Step, ...]:
    """Every step there is, in order; those that the type does not take are there to be switched on."""
    none = (1, Unit.BUSINESS_DAYS, 0)
    return tuple(Step(code, owner, *lengths.get(code, none), code in lengths) for code, (_, owner) in STEPS.items())


READY: Mapping[str, tuple[Step, ...]] = {kind: _ready(lengths) for kind, lengths in _READY.items()}
"""The plans that come with the desk, by order type. Orders of an unknown type are taken for goods in stock."""
