"""Is it many, or too many? What one hour of a segment says about itself. Pure: counts and times are arguments.

Two questions are asked, because each finds what the other misses (simulated, see bench/surges.py): is this hour a spike
(tail of the negative binomial), and have the last hours drifted (EWMA)? Never "mean plus three sigma": with counts that
scatter more than chance that is hundreds of false alarms a day.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, lgamma, log, log1p, sqrt
from typing import NamedTuple, TypeVar

Key = TypeVar("Key")

TAIL = 1e-4
"""A spike is an hour that chance brings once in so many."""
LAMBDA, LIMIT = 0.1, 5.0
"""Weight of the newest hour, and how many of its own standard deviations the average may stray.
S. W. Roberts, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1 (1959)."""
REMEMBERED = 60
"""Hours that the average looks back on: what is older weighs less than 0.2 %."""
LOUDEST = 5.0
"""One hour counts for no more standard deviations in the average: where one anomaly in ten hours is usual, five in one
hour are a spike to be judged as such, and no drift."""
LEAST, LEAST_ORDERS, TIMES = 5, 5, 2.0
"""Below these nobody is called, however improbable it is: so many anomalies, distinct orders, times the expected."""
WEIGHT = 200
"""How many exposed parcels the parent's experience is worth against a segment's own."""
EXPLAINED = 0.7
FLOOR = 0.05
"""Anomalies per hour below which nothing is believed to be expected: no history is not the same as never."""


class Verdict(NamedTuple):
    """What an hour is, in numbers that go on the incident's page. `cause`: "spike", "shift", or "" when all is well."""

    cause: str
    x: int
    expected: float
    dispersion: float
    tail: float
    drift: float

    @property
    def excess(self) -> float:
        """How many more there are than expected."""
        return max(0.0, self.x - self.expected)


def expected(k: int, n: float, n28: float, p_parent: float, weight: float = WEIGHT) -> float:
    """Anomalies to expect in an hour: exposure `n` times the segment's own rate, shrunk to its parent's.

    `k` anomalies fell on the same hour of the week in the last 28 days, on an exposure of `n28` in all. A segment that
    is hardly known is judged by its parent: (k + 200 p_parent) / (n28 + 200). (Empirical Bayes with a gamma prior of
    that weight; C. Morris, JASA 78 (1983).)
    """
    return n * rate(k, n28, p_parent, weight)


def rate(k: int, n28: float, p_parent: float, weight: float = WEIGHT) -> float:
    """The same per exposed parcel."""
    return (k + weight * p_parent) / (n28 + weight)


def dispersion(counts: Sequence[float], means: Sequence[float]) -> float:
    """How many times more the counts scatter than chance: variance over mean, never below 1 (Poisson).

    Method of moments, sum of squared residuals over sum of means (P. McCullagh and J. A. Nelder, Generalized Linear
    Models (1989), 4.5), with the one worst hour left out: a surge of the past must not hide the next one.
    """
    squares = [(count - mean) ** 2 for count, mean in zip(counts, means, strict=True)]
    of_means = sum(means)
    if len(squares) < 24 or of_means <= 0:
        return 1.0
    worst = max(range(len(squares)), key=squares.__getitem__)
    return max(1.0, (sum(squares) - squares[worst]) / (of_means - means[worst] or 1.0))


def tail(x: int, mu: float, phi: float = 1.0) -> float:
    """P(X >= x) for a negative binomial of mean `mu` and variance `phi` * `mu`; a Poisson for `phi` <= 1.

    With size r = mu / (phi - 1) and success 1 / phi they follow p(k+1) = p(k) (k + r) / (k + 1) (1 - 1 / phi).
    """
    if x <= 0:
        return 1.0
    if mu <= 0:
        return 0.0
    spread = phi - 1.0
    if spread < 1e-6:
        at_x = exp(x * log(mu) - mu - lgamma(x + 1))
        return _sum_up(at_x, lambda k: mu / (k + 1), x, mu)
    r, lost = mu / spread, spread / phi
    at_x = exp(lgamma(x + r) - lgamma(r) - lgamma(x + 1) - r * log(phi) + x * (log1p(-1 / phi)))
    return _sum_up(at_x, lambda k: (k + r) / (k + 1) * lost, x, mu)


def _sum_up(first: float, ratio: Callable[[int], float], x: int, mu: float) -> float:
    """The probabilities from x upwards; below the mean those under x are fewer, so they are taken from 1."""
    if x <= mu:
        below, term = 0.0, first
        for k in range(x - 1, -1, -1):
            term /= ratio(k)
            below += term
        return min(1.0, max(0.0, 1.0 - below))
    total, term, k = 0.0, first, x
    while term > total * 1e-12 and k < x + 100_000:
        total += term
        term *= ratio(k)
        k += 1
    return min(1.0, total)


def drift(counts: Sequence[float], means: Sequence[float], phi: float) -> float:
    """The moving average of the last hours' residuals, in units of its own standard deviation; oldest hour first.

    An alarm from `LIMIT` on. The average of t hours has variance (lambda / (2 - lambda)) (1 - (1 - lambda)^2t).
    """
    average, hours = 0.0, 0
    for count, mean in zip(counts[-REMEMBERED:], means[-REMEMBERED:], strict=True):
        scale = sqrt(phi * max(mean, FLOOR))
        average += LAMBDA * (min((count - mean) / scale, LOUDEST) - average)
        hours += 1
    if not hours:
        return 0.0
    return average / sqrt(LAMBDA / (2 - LAMBDA) * (1 - (1 - LAMBDA) ** (2 * hours)))


def judged(
    x: int, orders: int, mu: float, phi: float, *, past: tuple[Sequence[float], Sequence[float]] | None = None
) -> Verdict:
    """The verdict on an hour with `x` anomalies on so many distinct orders where `mu` were to be expected.

    `past`: counts and means of the complete hours up to and with this one, oldest first. Without it the hour is still
    running: only the spike is asked about. That is on the safe side, because a part of an hour holds no more than all.
    """
    mu = max(mu, FLOOR)
    if x < LEAST or orders < LEAST_ORDERS or x < TIMES * mu:
        return Verdict("", x, mu, phi, 1.0, 0.0)
    chance = tail(x, mu, phi)
    strayed = drift(*past, phi) if past else 0.0
    cause = "spike" if chance < TAIL else "shift" if strayed >= LIMIT else ""
    return Verdict(cause, x, mu, phi, chance, strayed)


class Part(NamedTuple):
    """A segment that raised an alarm: how large it is, and how much too many it has."""

    size: float
    excess: float


def smallest(parts: Mapping[Key, Part], share: float = EXPLAINED) -> Key | None:
    """The smallest segment that explains `share` of the largest excess among `parts`; None without parts.

    A fire in a hub shows in its hub, city, lane, carrier and shop: the smallest that still explains it is what to say.
    Of two equally small ones the first: give the narrower kinds first.
    """
    most = max((part.excess for part in parts.values()), default=0.0)
    explaining = [(part.size, number, key) for number, (key, part) in enumerate(parts.items())
                  if part.excess >= share * most]  # fmt: skip
    return min(explaining, key=lambda each: each[:2])[2] if explaining else None


@dataclass(frozen=True, slots=True)
class Habit:
    """What a segment's hours usually look like: by the hour of the day, from up to four weeks of counts."""

    means: tuple[float, ...]
    phi: float

    @classmethod
    def of(cls, counts: Sequence[float], first_hour: int = 0) -> "Habit":
        """From counts of whole hours, oldest first; `first_hour` (0 to 23) is the hour of the day of the oldest."""
        sums, days = [0.0] * 24, [0] * 24
        for number, count in enumerate(counts):
            hour = (first_hour + number) % 24
            sums[hour] += count
            days[hour] += 1
        means = tuple(total / max(number, 1) for total, number in zip(sums, days, strict=True))
        fitted = [means[(first_hour + number) % 24] for number in range(len(counts))]
        # Each mean was fitted to its own days: the residuals are too small by that much.
        freed = len(counts) / max(len(counts) - 24, 1)
        return cls(means, max(1.0, freed * dispersion(counts, fitted)) if len(counts) > 48 else 1.0)


WEEKS, DAYS = 4, 28
OWN_HOURS = 12
"""A segment's own same hour of other days is worth so many of its hours to the estimate for this hour of the week: four
hours alone are too few to know a mean by, and every second alarm would be about that."""
UNSURE = 1.08
"""By how much the mean's own error widens the scatter: 1 + 1 / (4 + 12) and a little."""


@dataclass(slots=True)
class Watched:
    """A segment's counts per hour, oldest first, with those of the whole it is a part of; both begin at the same hour.

    `exposed`, `exposed_above`: parcels on their way in the segment and in the whole. At least a week of hours makes a
    verdict worth having.
    """

    counts: Sequence[int]
    exposed: float
    above: Sequence[int]
    exposed_above: float
    _means: dict[int, float] = field(default_factory=dict)

    def mean(self, hour: int) -> float:
        """What was to be expected in the hour at that place, from the hours before it."""
        if hour not in self._means:
            days = [hour - 24 * ago for ago in range(1, DAYS + 1) if hour >= 24 * ago]
            weeks = [hour - 168 * ago for ago in range(1, WEEKS + 1) if hour >= 168 * ago]
            n, whole = max(self.exposed, 1.0), max(self.exposed_above, self.exposed, 1.0)
            p_whole = sum(self.above[day] for day in days) / (whole * max(len(days), 1))
            p_day = rate(sum(self.counts[day] for day in days), n * len(days), p_whole)
            own = max(WEIGHT, OWN_HOURS * n)
            self._means[hour] = expected(sum(self.counts[week] for week in weeks), n, n * len(weeks), p_day, own)
        return self._means[hour]

    def verdict(self, hour: int, orders: int, *, running: bool = False) -> Verdict:
        """What the hour at that place is; `running`: it is not over yet."""
        x, mu = self.counts[hour], self.mean(hour)
        if x < LEAST or orders < LEAST_ORDERS or x < TIMES * mu:  # most hours end here, and cheaply
            return Verdict("", x, max(mu, FLOOR), 1.0, 1.0, 0.0)
        phi = UNSURE * Habit.of(self.counts[max(0, hour - 24 * DAYS) : hour]).phi
        if running:
            return judged(x, orders, mu, phi)
        hours = range(max(0, hour - REMEMBERED + 1), hour + 1)
        return judged(x, orders, mu, phi, past=([self.counts[h] for h in hours], [self.mean(h) for h in hours]))


def is_repeat_victim(late_in_a_row: int, delayed_now: int) -> bool:
    """Whether a buyer has had more than his share: three late orders in a row, or two delayed at this moment."""
    return late_in_a_row >= 3 or delayed_now >= 2


def late_in_a_row(late: Iterable[bool]) -> int:
    """How many of the newest orders were late without one in time between them; newest first."""
    run = 0
    for each in late:
        if not each:
            break
        run += 1
    return run


def quiet(x: int, mu: float, phi: float) -> bool:
    """Whether a whole hour was ordinary again: fewer than a call would take."""
    return judged(x, LEAST_ORDERS, mu, phi).cause == "" and x < max(TIMES * mu, LEAST)


def is_over(quiet_hours: Collection[bool], windows: int = 3) -> bool:
    """Whether the last `windows` whole hours were all quiet."""
    latest = list(quiet_hours)[-windows:]
    return len(latest) == windows and all(latest)
