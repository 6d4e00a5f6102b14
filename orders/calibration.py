"""How good predictions turned out to be. Pure.

Brier's score is the mean squared error of a probability (Monthly Weather Review 78, 1950); its skill is what is gained
on always saying the base rate. The reliability bins compare what was said with what came, as weather services do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

BINS = 10


class Outcome(NamedTuple):
    """One prediction and what came: `chance` was said, `late` is true or false."""

    chance: float
    late: bool
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Bin:
    """All predictions from `low` up to `high`: how many, what was said on average, which share came true."""

    low: float
    high: float
    n: int
    weight: float
    said: float
    came: float


def bins_of(outcomes: Iterable[Outcome], count: int = BINS) -> list[Bin]:
    """The bins that hold something, low ones first; a chance of 1 lies in the last."""
    sums = [[0.0, 0.0, 0.0, 0.0] for _ in range(count)]
    for chance, late, weight in outcomes:
        entry = sums[min(int(chance * count), count - 1)]
        for place, value in enumerate((1, weight, weight * chance, weight * late)):
            entry[place] += value
    return [
        Bin(number / count, (number + 1) / count, int(n), weight, said / weight, came / weight)
        for number, (n, weight, said, came) in enumerate(sums)
        if weight > 0
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The mean distance between what was said and what came, each bin weighing what it holds."""
    total = sum(each.weight for each in bins)
    return min(sum(each.weight * abs(each.said - each.came) for each in bins) / total, 1.0) if total else 0.0


def base_rate(outcomes: Sequence[Outcome]) -> float:
    """Which share came true."""
    total = sum(each.weight for each in outcomes)
    return sum(each.weight for each in outcomes if each.late) / total if total else 0.0


def brier(outcomes: Sequence[Outcome]) -> float:
    """Brier's score; 0 is perfect."""
    total = sum(each.weight for each in outcomes)
    return min(sum(each.weight * (each.chance - each.late) ** 2 for each in outcomes) / total, 1.0) if total else 0.0


def brier_skill(outcomes: Sequence[Outcome]) -> float:
    """The share of the base rate's Brier score that is saved; 0 when there is nothing to save."""
    rate = base_rate(outcomes)
    idle = rate * (1 - rate)
    return 1 - brier(outcomes) / idle if idle else 0.0


def auc(outcomes: Iterable[Outcome]) -> float:
    """The chance that a late one was given a higher score than a punctual one, ties counting half; 0.5 without both."""
    late = punctual = above = 0.0
    ranked = sorted(outcomes, key=lambda each: each.chance)
    start = 0
    while start < len(ranked):
        end = start
        tied_late = tied_punctual = 0.0
        while end < len(ranked) and ranked[end].chance == ranked[start].chance:
            if ranked[end].late:
                tied_late += ranked[end].weight
            else:
                tied_punctual += ranked[end].weight
            end += 1
        above += tied_late * (punctual + tied_punctual / 2)
        late, punctual, start = late + tied_late, punctual + tied_punctual, end
    return min(above / (late * punctual), 1.0) if late and punctual else 0.5  # rounding may lead past 1
