"""Which promises hold for a ticket: match rules give targets, conditions give the calendar, waiting pauses. Pure.

A policy version is data, read once:

rules   {"targets": [{"name": "chat", "when": {"channel": ["chat"]}, "targets": {"first_response": 60}}, …],
         "round_the_clock": [{"grade": [1]}, …],
         "pauses": {"customer": ["solution"], …}}
ladder  a list of steps, see sla.ladder

For each metric the first rule, from the top, that matches the ticket and names the metric gives the target in open
seconds; null means that no such clock is wanted. A clock counts round the clock if any of those conditions matches,
else by its shop's business hours. `pauses` names, for what a ticket waits for, the metrics that stand still meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

from sla.ladder import LadderInvalid, Step, ladder_from_data

FIRST_RESPONSE: Final = "first_response"
NEXT_RESPONSE: Final = "next_response"
SOLUTION: Final = "solution"
HANDOVER: Final = "handover"
METRICS: Final = (FIRST_RESPONSE, NEXT_RESPONSE, SOLUTION, HANDOVER)
WAITING_FOR: Final = ("customer", "carrier", "department")
LONGEST_S: Final = 366 * 86_400


class PolicyInvalid(ValueError):
    """The data does not describe a policy; the message says which part."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a rule may ask about a ticket."""

    grade: int
    channel: str = ""
    kind: str = ""
    scope: str = ""
    anomaly_code: str = ""
    vip: bool = False
    carrier_reported: bool = False


ASKABLE: Final = frozenset(each.name for each in fields(Facts))


class Target(NamedTuple):
    """What is promised: open seconds, of which calendar, and the name of the rule that says so."""

    seconds: int
    round_the_clock: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact must be one of the values given for it; all facts named must agree. No facts named: always true."""

    wanted: tuple[tuple[str, frozenset[Any]], ...]

    def holds(self, facts: Facts) -> bool:
        """Whether the ticket is one of those meant."""
        return all(getattr(facts, name) in values for name, values in self.wanted)


@dataclass(frozen=True, slots=True)
class Rule:
    """Targets by metric for the tickets that a condition describes; None where no clock is wanted."""

    name: str
    when: Condition
    targets: Mapping[str, int | None]


@dataclass(frozen=True)
class Policy:
    """One version of a policy, ready to be asked."""

    rules: tuple[Rule, ...]
    round_the_clock: tuple[Condition, ...]
    pauses: Mapping[str, frozenset[str]]
    steps: tuple[Step, ...]
    _targets: dict[Facts, dict[str, Target]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _ladders: dict[tuple[str, int], tuple[Step, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def targets(self, facts: Facts) -> dict[str, Target]:
        """The targets by metric; a metric without one has no clock. Remembered: many tickets share their facts."""
        known = self._targets.get(facts)
        if known is None:
            known = self._targets[facts] = self._matched(facts)
        return known

    def pauses_while(self, waiting_for: str, metric: str) -> bool:
        """Whether a clock of that metric stands still while the ticket waits for that party."""
        return metric in self.pauses.get(waiting_for, frozenset())

    def ladder(self, metric: str, grade: int) -> tuple[Step, ...]:
        """The steps that concern such a clock, in the order of the data."""
        known = self._ladders.get((metric, grade))
        if known is None:
            known = tuple(step for step in self.steps if step.concerns(metric, grade))
            self._ladders[metric, grade] = known
        return known

    def _matched(self, facts: Facts) -> dict[str, Target]:
        always = any(condition.holds(facts) for condition in self.round_the_clock)
        first: dict[str, tuple[int | None, str]] = {}
        for rule in self.rules:
            if rule.when.holds(facts):
                for metric, seconds in rule.targets.items():
                    first.setdefault(metric, (seconds, rule.name))
        return {
            metric: Target(seconds, always, name) for metric, (seconds, name) in first.items() if seconds is not None
        }


def policy_from_data(rules: Mapping[str, Any], ladder: Sequence[Mapping[str, Any]]) -> Policy:
    """A policy from its JSON form. Raises PolicyInvalid."""
    try:
        return Policy(
            rules=tuple(_rule(item) for item in rules["targets"]),
            round_the_clock=tuple(_condition(item) for item in rules.get("round_the_clock", ())),
            pauses={party: _metrics(metrics) for party, metrics in _parties(rules.get("pauses", {})).items()},
            steps=ladder_from_data(ladder),
        )
    except LadderInvalid as error:
        raise PolicyInvalid(str(error)) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise PolicyInvalid(f"not a policy: {error!r}") from error


def _rule(item: Mapping[str, Any]) -> Rule:
    name, targets = str(item["name"]), item["targets"]
    _metrics(targets)
    for seconds in targets.values():
        if seconds is not None and not (type(seconds) is int and 0 < seconds <= LONGEST_S):
            raise PolicyInvalid(f"rule {name!r}: a target is 1 second to a year, or null, not {seconds!r}")
    return Rule(name, _condition(item.get("when", {})), dict(targets))


def _condition(item: Mapping[str, Any]) -> Condition:
    if unknown := set(item) - ASKABLE:
        raise PolicyInvalid(f"a rule can ask about {', '.join(sorted(ASKABLE))}; not about {sorted(unknown)}")
    return Condition(
        tuple((name, frozenset(wanted if isinstance(wanted, list) else [wanted])) for name, wanted in item.items())
    )


def _metrics(names: Any) -> frozenset[str]:
    if unknown := set(names) - set(METRICS):
        raise PolicyInvalid(f"unknown metrics: {sorted(unknown)}")
    return frozenset(names)


def _parties(pauses: Mapping[str, Any]) -> Mapping[str, Any]:
    if unknown := set(pauses) - set(WAITING_FOR):
        raise PolicyInvalid(f"a ticket waits for {', '.join(WAITING_FOR)}; not for {sorted(unknown)}")
    return pauses
