"""Survival curves in log buckets: Kaplan and Meier's estimate with what is still open as censored. Pure.

A duration is measured against what was expected of it, so 1.0 is "as expected"; the curve says which share of parcels
is still open at each such ratio. Sources: Kaplan and Meier, "Nonparametric estimation from incomplete observations"
(JASA 53, 1958); censored ones count half in their own bucket, as in an actuarial life table (Cutler and Ederer, 1958).
"""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

LOW, HIGH, INNER = -2.5, 2.5, 59
"""The buckets lie evenly in the logarithm of the ratio: below e^-2.5, 59 between, above e^2.5."""
STEP = (HIGH - LOW) / INNER
BUCKETS = INNER + 2
LOWEST = math.exp(LOW)
# What a curve without a parent holds before the first parcel: where nobody has been, nobody is said to end.
PRIOR_ENDED, PRIOR_RISK, HIGHEST = 0.00001, 0.02, 0.999


def bucket(ratio: float) -> int:
    """The number of the bucket that holds this ratio; 0 for everything below the first edge."""
    if ratio <= 0:
        return 0
    return min(max(math.floor((math.log(ratio) - LOW) / STEP) + 1, 0), BUCKETS - 1)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many journeys ended in each bucket, and how many were last seen open in it; each may count less than one."""

    ended: tuple[float, ...] = (0.0,) * BUCKETS
    still_open: tuple[float, ...] = (0.0,) * BUCKETS

    def __add__(self, other: "Counts") -> "Counts":
        """The counts of both groups together."""
        return Counts(
            tuple(a + b for a, b in zip(self.ended, other.ended, strict=True)),
            tuple(a + b for a, b in zip(self.still_open, other.still_open, strict=True)),
        )

    def scaled(self, factor: float) -> "Counts":
        """Every journey weighing `factor` times what it did: how old counts fade."""
        return Counts(tuple(a * factor for a in self.ended), tuple(a * factor for a in self.still_open))

    def with_one(self, ratio: float, *, ended: bool, weight: float = 1.0) -> "Counts":
        """With one more journey."""
        one = [0.0] * BUCKETS
        one[bucket(ratio)] = weight
        nothing = (0.0,) * BUCKETS
        return self + (Counts(tuple(one), nothing) if ended else Counts(nothing, tuple(one)))

    @property
    def weight(self) -> float:
        """How much all journeys weigh together."""
        return sum(self.ended) + sum(self.still_open)


def hazards(counts: Counts, parent: Sequence[float] | None = None, strength: float = 0.0) -> tuple[float, ...]:
    """For each bucket the share that ends in it of those that come to it, drawn towards the `parent` group's.

    The parent weighs like `strength` journeys in every bucket, so a group with few of its own says what its parent says
    (Efron and Morris's shrinkage, "Data analysis using Stein's estimator", JASA 70, 1975).
    """
    found, at_risk = [0.0] * BUCKETS, 0.0
    for number in range(BUCKETS - 1, -1, -1):
        ended, still_open = counts.ended[number], counts.still_open[number]
        at_risk += ended + still_open
        risk = at_risk - still_open / 2
        if parent is None:
            share = (ended + PRIOR_ENDED) / (risk + PRIOR_RISK)
        else:
            share = (ended + strength * parent[number]) / (risk + strength) if risk + strength > 0 else parent[number]
        found[number] = min(max(share, 0.0), HIGHEST)
    return tuple(found)


class Curve:
    """The share still open at each ratio, from hazards; inside a bucket it falls geometrically, after the last never.

    `log_share[i]` is its logarithm at the lower edge of bucket i + 1.
    """

    __slots__ = ("half", "log_share", "lost", "most")

    def __init__(self, shares: Sequence[float]) -> None:
        log_share, sofar = [0.0], 0.0
        for number in range(1, BUCKETS - 1):
            sofar += math.log1p(-shares[number])
            log_share.append(sofar)
        # What ends below the first edge ends at it.
        first = math.log1p(-shares[0])
        self.log_share = [value + first for value in log_share]
        self.lost = [-value for value in self.log_share]  # ascending, to be searched
        self.half, self.most = self.ratio_at(0.5), self.ratio_at(0.1)

    def log_open(self, ratio: float) -> float:
        """The logarithm of the share that is still open at this ratio; 0 at its beginning."""
        if ratio <= 0:
            return 0.0
        place = (math.log(ratio) - LOW) / STEP
        if place < 0:
            return 0.0
        if place >= INNER:
            return self.log_share[INNER]
        number = int(place)
        lower = self.log_share[number]
        return lower + (self.log_share[number + 1] - lower) * (place - number)

    def still_open(self, ratio: float) -> float:
        """The share that is still open at this ratio."""
        return math.exp(self.log_open(ratio))

    def beyond(self, deadline: float, age: float) -> float:
        """P(longer than `deadline` | still open at `age`), both as ratios: S(deadline) / S(age); 1 once it is past."""
        return 1.0 if age >= deadline else math.exp(self.log_open(deadline) - self.log_open(age))

    def age_at(self, deadline: float, chance: float) -> float:
        """The age from which on `beyond(deadline, age)` is at least `chance`; 0 when it is from the beginning."""
        (age,) = self.ages_at(deadline, (math.log(chance),))
        return age

    def ages_at(self, deadline: float, log_chances: Sequence[float]) -> tuple[float, ...]:
        """The same for many chances, told as logarithms."""
        end = self.log_open(deadline)
        return tuple(
            0.0 if end >= log_chance else min(self._at_log(end - log_chance) or deadline, deadline)
            for log_chance in log_chances
        )

    def ratio_at(self, share: float) -> float | None:
        """The ratio at which only this share is still open; None when the curve does not come down to it."""
        return self._at_log(math.log(share))

    def _at_log(self, wanted: float) -> float | None:
        lost, aim = self.lost, -wanted
        if aim > lost[INNER]:
            return None
        if aim <= lost[0]:
            return LOWEST
        high = bisect_left(lost, aim)
        upper, lower = lost[high - 1], lost[high]
        return math.exp(LOW + STEP * (high - 1 + (aim - upper) / (lower - upper)))
