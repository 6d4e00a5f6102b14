"""How well late deliveries are predicted: trained before a cut, tested after it, on real parcels and on milestones.

    python -m bench.predict [FOLDER]

FOLDER holds the Olist files (orders, customers, sellers, order_items); a folder `cargo2000` in it or beside it, or one
that FOLDER itself is, is tested by milestones. Without FOLDER, TICKETDESK_DATA or ../shared/data is used. Night by
night, as the desk does it, the model learns what is known by then (what is still on its way as censored) and predicts
the next day's hand-overs: no prediction sees anything later than itself. Ends with 1 when a target is missed.
"""

import argparse
import math
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from bench.cargo_rows import View, milestones_of, views_of
from bench.olist_rows import Parcel, cut_of, day_of, number_of, parcels_of
from orders.calibration import Outcome, auc, base_rate, bins_of, brier_skill, calibration_error
from orders.lanes import DEST, DRIFT_HALF_LIFE, LANE, LONGEST, Journey, Model, fade, learn

ROOT = Path(__file__).resolve().parent.parent
AUC, SKILL, ERROR = 0.79, 0.15, 0.05
FIRE, LEAD, EARLY = 0.7, 0.25, 2.0
"""A warning is given from this chance on and at least six hours ahead; two days ahead is early."""
TRAINED = 0.6
"""Which share of the cases, by their numbers, milestones are learnt from."""

HEAD = """| cut | parcels | late | model: AUC | unweighted | Brier skill | calibration error \
| baseline AUC: slack against the state lane's median | model frozen at the cut: AUC | Brier skill |
|---|---|---|---|---|---|---|---|---|---|"""
LEGS_HEAD = """| seen from | legs | late | AUC | baseline: time left against plan | Brier skill | calibration error |
|---|---|---|---|---|---|---|"""


class Warned(NamedTuple):
    """A parcel that was given up: when, in days."""

    parcel: Parcel
    at: float


class Test(NamedTuple):
    """What was predicted for the parcels handed over after a cut."""

    cut: date
    parcels: list[Parcel]
    chances: dict[int, float]
    """Position of the parcel in `parcels` -> P(late) at hand-over."""
    warned: list[Warned]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.predict", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    named = parser.parse_args().folder
    data = Path(os.environ.get("TICKETDESK_DATA") or ROOT.parent / "shared" / "data")
    folder = named or data / "olist"
    met, something = True, False
    if any(folder.glob("orders.csv*")):
        met, something = predict_orders(folder), True
    for cargo in (folder, folder / "cargo2000", folder.parent / "cargo2000"):
        if any(cargo.glob("milestones.csv*")):
            predict_milestones(cargo)
            something = True
            break
    if not something:
        sys.exit(
            f"{folder} holds neither orders.csv.gz nor milestones.csv.gz. Name the folder, or set TICKETDESK_DATA."
        )
    sys.exit(0 if met else 1)


def predict_orders(folder: Path) -> bool:
    """The tables of the Olist set; whether all targets are met."""
    began, parcels = time.perf_counter(), parcels_of(folder)
    cut = cut_of(parcels)
    others = [other for months in (-2, -1, 1) if (other := _moved(cut, months)) < day_of(parcels[-1].journey.start)]
    test = replay(parcels, min([cut, *others]))
    first, last = (day_of(parcels[number].journey.start) for number in (0, -1))
    took = time.perf_counter() - began
    print(f"{folder}: {len(parcels):,} parcels handed over {first} to {last}; replayed night by night, {took:.0f} s\n")
    print(HEAD)
    for each in sorted({cut, *others}):
        print(line(parcels, test, each, mark=" (chosen)" if each == cut else ""), flush=True)
    print("\nThe cut is the first month with a year of hand-overs behind it; the base rate's Brier skill is 0.")
    outcomes = outcomes_of(test, cut)
    print_bins("P(late) at hand-over", outcomes)
    print_warnings(test, cut)
    skill, error = brier_skill(outcomes), calibration_error(bins_of(outcomes))
    return all(
        [
            target("AUC at hand-over", auc(outcomes), AUC),
            target("Brier skill against the base rate", skill, SKILL),
            target("calibration error", error, ERROR, at_most=True),
        ]
    )


def replay(parcels: Sequence[Parcel], cut: date) -> Test:
    """Predict, day by day from the cut on, what is handed over on that day, and watch what is on its way."""
    journeys = [parcel.journey for parcel in parcels]
    tested = [parcel for parcel in parcels if parcel.journey.start >= number_of(cut)]
    test, awaited, sofar = Test(cut, tested, {}, []), [], 0
    last = max((parcel.journey.end or parcel.journey.start for parcel in tested), default=number_of(cut))
    day = number_of(cut)
    while day <= last and (awaited or sofar < len(tested)):
        model = learn(journeys, day)
        while sofar < len(tested) and tested[sofar].journey.start < day + 1:
            test.chances[sofar] = chance_of(model, tested[sofar])
            awaited.append(tested[sofar])
            sofar += 1
        awaited = [parcel for parcel in awaited if not watched(model, parcel, day, test.warned)]
        day += 1
    return test


def watched(model: Model, parcel: Parcel, day: float, warned: list[Warned]) -> bool:
    """Whether the parcel needs no more watching after this day: arrived, promise past, or a warning given (noted)."""
    start, end = parcel.journey.start, parcel.journey.end
    until = min(day + 1, parcel.promise - LEAD, end or day + 1)
    since = max(day, start)
    if since < until:
        (crosses,) = model.forecast(
            parcel.journey.groups, age=since - start, promise=parcel.slack, log_chances=(math.log(FIRE),)
        ).crosses
        at = max(start + crosses, since)
        if at < until:
            warned.append(Warned(parcel, at))
            return True
    return day + 1 >= parcel.promise - LEAD or (end is not None and end <= day + 1)


def chance_of(model: Model, parcel: Parcel) -> float:
    """P(late) at hand-over."""
    return model.forecast(parcel.journey.groups, age=0.0, promise=parcel.slack).chance


def outcomes_of(test: Test, cut: date, weighted: bool = True) -> list[Outcome]:
    """Predictions at hand-over and what came of them, of parcels handed over after the cut that have arrived."""
    return [
        Outcome(chance, parcel.late, parcel.journey.weight if weighted else 1.0)
        for number, chance in test.chances.items()
        if (parcel := test.parcels[number]).journey.end is not None and parcel.journey.start >= number_of(cut)
    ]


def line(parcels: Sequence[Parcel], test: Test, cut: date, mark: str) -> str:
    """One cut's line of the table."""
    outcomes, plain = outcomes_of(test, cut), outcomes_of(test, cut, weighted=False)
    arrived = [p for p in test.parcels if p.journey.end is not None and p.journey.start >= number_of(cut)]
    middle = medians(parcels, number_of(cut))
    simple = [Outcome(middle(parcel.journey) - parcel.slack, parcel.late, parcel.journey.weight) for parcel in arrived]
    model = learn([parcel.journey for parcel in parcels], number_of(cut))
    frozen = [Outcome(chance_of(model, parcel), parcel.late, parcel.journey.weight) for parcel in arrived]
    return (
        f"| {cut}{mark} | {len(outcomes):,} | {base_rate(outcomes):.1%} | {auc(outcomes):.3f} | {auc(plain):.3f} "
        f"| {brier_skill(outcomes):.1%} | {calibration_error(bins_of(outcomes)) * 100:.1f} points "
        f"| {auc(simple):.3f} | {auc(frozen):.3f} | {brier_skill(frozen):.1%} |"
    )


def medians(parcels: Sequence[Parcel], cut: float) -> Callable[[Journey], float]:
    """The median days in transit of what had arrived by the cut: per lane of states, else per state, else of all."""
    took: dict[object, list[float]] = defaultdict(list)
    for of, start, end, _ in (parcel.journey for parcel in parcels):
        if end is not None and end <= cut:
            for key in (of[LANE], of[DEST], None):
                took[key].append(end - start)
    middle = {key: statistics.median(days) for key, days in took.items()}

    def of_its_lane(journey: Journey) -> float:
        return next(middle[key] for key in (journey.groups[LANE], journey.groups[DEST], None) if key in middle)

    return of_its_lane


def print_bins(title: str, outcomes: Sequence[Outcome]) -> None:
    """The reliability table."""
    print(f"\n| {title} | parcels | said | came |\n|---|---|---|---|")
    for each in bins_of(outcomes):
        print(f"| {each.low:.0%} to {each.high:.0%} | {each.n:,} | {each.said:.1%} | {each.came:.1%} |")


def print_warnings(test: Test, cut: date) -> None:
    """How right and how early the warnings are."""
    known = [each for each in test.warned if each.parcel.journey.end and each.parcel.journey.start >= number_of(cut)]
    late = [p for p in test.parcels if p.late and p.journey.start >= number_of(cut)]
    if not known:
        print(f"\nNo parcel reached P >= {FIRE:.0%} six hours ahead.")
        return
    right = [each for each in known if each.parcel.late]
    leads = sorted(each.parcel.promise - each.at for each in known)
    print(
        f"\nWarnings at P >= {FIRE:.0%}, at least {LEAD * 24:.0f} h ahead: {len(known):,}; precision "
        f"{len(right) / len(known):.1%}; {len(right) / max(len(late), 1):.1%} of the late ones were warned of; "
        f"lead median {statistics.median(leads) * 24:.0f} h, {sum(lead >= EARLY for lead in leads) / len(leads):.0%} "
        f"at least 48 h."
    )


def predict_milestones(folder: Path) -> None:
    """The table of the Cargo 2000 set: P(the leg is delivered after its plan), seen from each milestone."""
    views = views_of(folder)
    cases = sorted({view.case for view in views})
    last = cases[int(len(cases) * TRAINED) - 1]
    print(f"\n{folder}: {len(cases):,} cases, learnt from those up to number {last}\n\n{LEGS_HEAD}")
    for milestone in milestones_of(views):
        seen = [view for view in views if view.milestone == milestone]
        outcomes, simple = _seen_from([v for v in seen if v.case <= last], [v for v in seen if v.case > last])
        if outcomes:
            print(
                f"| {milestone} | {len(outcomes):,} | {base_rate(outcomes):.1%} | {auc(outcomes):.3f} "
                f"| {auc(simple):.3f} | {brier_skill(outcomes):.1%} "
                f"| {calibration_error(bins_of(outcomes)) * 100:.1f} points |"
            )


def _seen_from(before: Sequence[View], after: Sequence[View]) -> tuple[list[Outcome], list[Outcome]]:
    one = 1 / fade(LONGEST, DRIFT_HALF_LIFE)  # the set has no dates, so nothing fades
    model = learn([Journey(view.groups, 0.0, min(view.took, LONGEST), one) for view in before], LONGEST)
    outcomes = [Outcome(model.forecast(v.groups, age=0.0, promise=v.slack).chance, v.late) for v in after]
    return outcomes, [Outcome(-view.slack, view.late) for view in after]


def _moved(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 + months
    return day.replace(year=month // 12, month=month % 12 + 1, day=1)


def target(what: str, measured: float, wanted: float, *, at_most: bool = False) -> bool:
    """Print one line: reached or missed."""
    reached = measured <= wanted if at_most else measured >= wanted
    print(f"{'PASS' if reached else 'MISS'}  {what}: {measured:.3f}, target {'<=' if at_most else '>='} {wanted:g}")
    return reached


if __name__ == "__main__":
    main()
