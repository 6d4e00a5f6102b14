"""How grave a ticket is, and why: P1 urgent to P4 watch. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

URGENT, HIGH, NORMAL, WATCH = 1, 2, 3, 4


# Kinds whose severity is another than that of any report: the reader is told which.
SAID_BY_SEVERITY = frozenset({"complaint", "internal"})
# A marketplace fines a late answer; that somebody waits in a chat is for its clock, not for its grade.
PRESSING_CHANNELS = frozenset({"marketplace"})
# More than one order is hit.
WIDE_SCOPES = frozenset({"batch", "systemic"})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a grade depends on. `severity` is the finding's or the kind's own grade, 1 (gravest) to 4."""

    severity: int
    vip: bool = False
    value: Decimal = Decimal(0)
    high_value: Decimal = Decimal("Infinity")
    other_anomalies: int = 0
    promise_broken: bool = False
    kind: str = ""
    channel: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason: its code, by how many steps it raised the grade, and numbers for the sentence."""

    code: str
    steps: int
    params: dict[str, Any]

    def data(self) -> dict[str, Any]:
        """The factor as JSON."""
        return {"code": self.code, "steps": self.steps, "params": self.params}


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade with the factors that led to it."""

    value: int
    factors: tuple[Factor, ...]

    def data(self) -> list[dict[str, Any]]:
        """The factors as JSON."""
        return [factor.data() for factor in self.factors]


def grade(case: Circumstances) -> Grade:
    """Start at the severity, go up one step in all for whatever makes it worse; never above P1.

    One step in all: a VIP's second late parcel is graver than a stranger's first, not two emergencies.
    """
    reasons = tuple(_reasons(case))
    factors = [Factor("severity", 0, {"grade": case.severity})]
    if case.kind in SAID_BY_SEVERITY:
        factors.append(Factor("kind", 0, {"kind": case.kind}))
    factors += [Factor(code, 1 if number == 0 else 0, params) for number, (code, params) in enumerate(reasons)]
    return Grade(max(URGENT, case.severity - (1 if reasons else 0)), tuple(factors))


def _reasons(case: Circumstances) -> Iterator[tuple[str, dict[str, Any]]]:
    if case.vip:
        yield "vip", {}
    if case.value >= case.high_value:
        yield "high_value", {"value": str(case.value), "limit": str(case.high_value)}
    if case.other_anomalies:
        yield "second_anomaly", {"count": case.other_anomalies}
    if case.promise_broken:
        yield "promise_broken", {}
    if case.channel in PRESSING_CHANNELS:
        yield "channel", {"channel": case.channel}
    if case.scope in WIDE_SCOPES:
        yield "scope", {"scope": case.scope}
