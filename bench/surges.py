"""How many false incidents surge detection raises, and how soon it finds a real surge; then Black Friday.

    python -m bench.surges [--days 14] [--seeds 3] [--olist FOLDER | --no-olist]

The simulation is the one of TRACKING.md 3.2: 300 segments counted by the hour for weeks, log-normal means, variance
twice the mean, what is expected estimated from the 28 days before, as the desk does. "mean + 3 sigma" and the Poisson
tail are given the same estimates in the same run. Segments are independent there; on a desk one surge shows in many.
"""

import argparse
import math
import os
import random
import statistics
from collections.abc import Callable
from pathlib import Path

from orders import surges
from orders.surges import Watched

SEGMENTS, HISTORY = 300, 28 * 24
PHI, PER_PARCEL = 2.0, 0.01
FALSE_A_DAY, FIND_5, FIND_3 = 1.0, 2.0, 6.0
GAVE_UP = 72
ROOT = Path(__file__).resolve().parent.parent
Rule = Callable[[Watched, int], bool]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.surges", description=__doc__)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=300)
    data = Path(os.environ.get("TICKETDESK_DATA", ROOT.parent / "shared" / "data")) / "olist"
    parser.add_argument("--olist", type=Path, default=data)
    parser.add_argument("--no-olist", action="store_true")
    given = parser.parse_args()
    simulation(given.days, given.seeds, given.trials)
    if not given.no_olist:
        from bench.blackfriday import replay  # needs a database, which the simulation does not

        replay(given.olist)


def ours(watched: Watched, hour: int) -> bool:
    """What the desk does once the hour is over."""
    return bool(watched.verdict(hour, watched.counts[hour]).cause)


def three_sigma(watched: Watched, hour: int) -> bool:
    """Mean plus three sigma of a Poisson."""
    mu = watched.mean(hour)
    return watched.counts[hour] > mu + 3 * math.sqrt(mu)


def poisson_tail(watched: Watched, hour: int) -> bool:
    """A Poisson's tail, at the same probability as ours."""
    return surges.tail(watched.counts[hour], watched.mean(hour), 1.0) < surges.TAIL


RULES: dict[str, Rule] = {
    "ours (NB tail + EWMA)": ours,
    "mean + 3 sigma": three_sigma,
    "Poisson tail 1e-4": poisson_tail,
}


def simulation(days: int, seeds: int, trials: int) -> None:
    """False incidents a day over all segments, hours until a jump is found."""
    print(
        f"{SEGMENTS} segments, {days} days x {seeds} seeds, variance {PHI:g} x mean; "
        f"jumps at 4 an hour, {trials} trials"
    )
    print(f"{'rule':<24}{'false a day':>12}{'x5':>9}{'p90':>6}{'x3':>7}{'p90':>6}{'x2':>7}{'p90':>6}")
    for name, rule in RULES.items():
        false = statistics.mean(false_a_day(rule, days, seed) for seed in range(1, seeds + 1))
        found = [hours_to_find(rule, times, trials) for times in (5, 3, 2)]
        print(f"{name:<24}{false:>12.2f}" + "".join(f"{m:>7.1f} h{p:>5.0f}" for m, p in found), flush=True)
        if rule is ours:
            verdicts = (false, FALSE_A_DAY), (found[0][0], FIND_5), (found[1][0], FIND_3)
    words = ("false incidents a day", "hours to find x5", "hours to find x3")
    for word, (value, target) in zip(words, verdicts, strict=True):
        print(f"{'PASS' if value <= target else 'MISS'}  {word}: {value:.2f} (target {target:g})")


def false_a_day(rule: Rule, days: int, seed: int) -> float:
    """Alarms where nothing happened; one that goes on within three hours is the same incident."""
    rng = random.Random(seed)
    hours = HISTORY + 24 * days
    means = [min(rng.lognormvariate(math.log(2), 1.2), 200.0) for _ in range(SEGMENTS)]
    counts = [[drawn(rng, mean) for _ in range(hours)] for mean in means]
    above = [sum(column) for column in zip(*counts, strict=True)]
    alarms = 0
    for mean, row in zip(means, counts, strict=True):
        watched, open_until = Watched(row, mean / PER_PARCEL, above, sum(means) / PER_PARCEL), -1
        for hour in range(HISTORY, hours):
            if row[hour] and rule(watched, hour):
                alarms += hour > open_until
                open_until = hour + 3
    return alarms / days


def hours_to_find(rule: Rule, times: float, trials: int, mean: float = 4.0) -> tuple[float, float]:
    """Median and ninth decile of the hours after a jump to `times` the mean; the hour itself must be over."""
    rng, took = random.Random(int(times * 10)), []
    for _ in range(trials):
        row = [drawn(rng, mean) for _ in range(HISTORY)] + [drawn(rng, times * mean) for _ in range(GAVE_UP)]
        usual = [round(SEGMENTS * mean)] * len(row)
        watched = Watched(row, mean / PER_PARCEL, usual, SEGMENTS * mean / PER_PARCEL)
        took.append(next((n for n in range(1, GAVE_UP + 1) if rule(watched, HISTORY + n - 1)), GAVE_UP))
    took.sort()
    return statistics.median(took), took[int(0.9 * len(took))]


def drawn(rng: random.Random, mean: float) -> int:
    """A count that scatters `PHI` times more than chance: a Poisson whose own mean is a gamma."""
    mean = rng.gammavariate(mean / (PHI - 1), PHI - 1)
    if mean > 60:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    count, left, stop = 0, rng.random(), math.exp(-mean)
    while left > stop:
        count += 1
        left *= rng.random()
    return count


if __name__ == "__main__":
    main()
