"""How long a parcel of a lane travels, learnt from those before it, and how likely it comes too late. Pure.

The shape of a lane has a long memory: what is expected of a parcel is the mean of log durations, moved by the weekday
of its hand-over, its carrier, origin, destination, lane, and the areas at both ends, each only as far as its own
parcels prove. Drift has a short memory: survival curves (orders/survival.py) of duration over expectation, parcels
still on their way as censored, for all, per destination and per lane, the narrower drawn towards the wider. So
P(late | still open at age a) = S(promise / expected) / S(a / expected). Old journeys fade by exponential half-lives.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from orders.survival import BUCKETS, Counts, Curve, bucket, hazards

SHAPE_HALF_LIFE, DRIFT_HALF_LIFE = 120.0, 60.0
"""Days after which a journey weighs half."""
WINDOW = 400.0
"""Days after which one is forgotten: it would weigh a tenth in the shape and a hundredth in the drift."""
SHORTEST, LONGEST = 0.1, 90.0
"""Days; what took less or more counts as this: a stamp set afterwards, a parcel found again."""
STRENGTH = {"weekday": 40.0, "carrier": 40.0, "origin": 40.0, "dest": 40.0, "lane": 40.0}
AREA_STRENGTH = {"origin_area": 60.0, "dest_area": 80.0}
LEVELS = {**STRENGTH, **AREA_STRENGTH}
"""Level -> how many journeys it must show before its own mean weighs half; learnt in this order, wide to narrow."""
DRIFT_STRENGTH = 100.0
ENOUGH = 30
"""A lane with fewer journeys speaks in its destination's name, that one in everybody's."""
LEAST = 200
"""With fewer journeys in all, nothing is predicted."""


class Lane(NamedTuple):
    """From where to where and by whom, as wide and as narrow as it is known; "" is unknown."""

    carrier: str = ""
    origin: str = ""
    dest: str = ""
    origin_area: str = ""
    dest_area: str = ""


class Key(NamedTuple):
    """One group of journeys; the places that its level does not look at are ""."""

    level: str
    carrier: str = ""
    origin: str = ""
    dest: str = ""


ALL = Key("all")


Groups = tuple[Key, ...]
"""The groups that a journey belongs to, in the order of LEVELS."""
DEST, LANE = 3, 4
"""Where in Groups the destination and the lane stand."""


@lru_cache(maxsize=8192)
def groups(lane: Lane, weekday: int) -> Groups:
    """The groups of a parcel of this lane that is handed over on this weekday (0 is Monday)."""
    carrier, origin, dest, origin_area, dest_area = lane
    return (
        Key("weekday", "", "", str(weekday)),
        Key("carrier", carrier),
        Key("origin", "", origin),
        Key("dest", "", "", dest),
        Key("lane", carrier, origin, dest),
        Key("origin_area", "", f"{origin} {origin_area}"),
        Key("dest_area", "", "", f"{dest} {dest_area}"),
    )


class Cell(NamedTuple):
    """Ended journeys of the same groups: their weight, and the weighted sum of log days."""

    groups: Groups
    weight: float
    log_days: float


class Journey(NamedTuple):
    """One parcel: days on any one time line; `end` is None while it is on its way."""

    groups: Groups
    start: float
    end: float | None
    weight: float = 1.0


class Forecast(NamedTuple):
    """What is to be expected of one parcel. `half` and `most` are the days since its hand-over by which half and nine
    tenths of its kind have arrived, None when that is not known; `n` parcels of the group `key` are the witnesses."""

    chance: float
    half: float | None
    most: float | None
    n: int
    key: Key
    crosses: tuple[float, ...]


def log_days(days: float) -> float:
    """The logarithm of a duration, within what is believed."""
    return math.log(min(max(days, SHORTEST), LONGEST))


def fade(days: float, half_life: float) -> float:
    """What a journey weighs that began so many days ago."""
    return math.pow(0.5, days / half_life)


def shape_of(cells: Callable[[], Iterable[Cell]]) -> dict[Key, float]:
    """How much each group moves the mean of log days; ALL holds the mean itself. Reads the cells once per level.

    Each level explains what the wider ones before it left over, shrunk to 0 by its strength.
    """
    effects: dict[Key, float] = {}
    mass = total = 0.0
    for _, weight, log_sum in cells():
        mass, total = mass + weight, total + log_sum
    if mass <= 0:
        return effects
    mean = effects[ALL] = total / mass
    for number, strength in enumerate(LEVELS.values()):
        sums: dict[Key, list[float]] = {}
        for of, weight, log_sum in cells():
            told = mean
            for key in of[:number]:
                told += effects[key]
            entry = sums.setdefault(of[number], [0.0, 0.0])
            entry[0] += weight
            entry[1] += log_sum - told * weight
        effects.update({key: left / (weight + strength) for key, (weight, left) in sums.items()})
    return effects


@dataclass(slots=True)
class Model:
    """What one shop has learnt. `effects`: Key -> log factor; `counts`: ALL, dest and lane keys -> drift counts;
    `n`: the same keys -> how many journeys ended there."""

    effects: Mapping[Key, float]
    counts: Mapping[Key, Counts]
    n: Mapping[Key, int]
    faded: float = 1.0
    """What the counts have lost since they were counted."""
    curves: dict[Key, Curve] = field(default_factory=dict)
    shares: dict[Key, tuple[float, ...]] = field(default_factory=dict)

    def expected(self, of: Groups) -> float:
        """How many days a parcel of these groups takes when all is as it has long been."""
        effects = self.effects
        told = effects.get(ALL, 0.0)
        for key in of:
            told += effects.get(key, 0.0)
        return math.exp(told)

    def curve(self, of: Groups) -> Curve:
        """How the lane does at present: its own counts, drawn towards its destination's, those towards everybody's."""
        counts = self.counts
        key = of[LANE] if of[LANE] in counts else of[DEST] if of[DEST] in counts else ALL
        if key not in self.curves:
            self.curves[key] = Curve(self._hazards(key))
        return self.curves[key]

    def witness(self, of: Groups) -> Key:
        """The narrowest group with enough journeys to be named."""
        for key in (of[LANE], of[DEST]):
            if self.n.get(key, 0) >= ENOUGH:
                return key
        return ALL

    def forecast(self, of: Groups, *, age: float, promise: float, log_chances: tuple[float, ...] = ()) -> Forecast:
        """The outlook of a parcel that is `age` days old and promised at `promise` days, both since its hand-over.

        `crosses` holds, for each of `log_chances` (logarithms), the age at which P(late) comes to it if nothing
        arrives.
        """
        expected, curve, key = self.expected(of), self.curve(of), self.witness(of)
        end = promise / expected
        half, most = curve.half, curve.most
        half, most = None if half is None else half * expected, None if most is None else most * expected
        if promise <= 0:
            return Forecast(1.0, half, most, self.n.get(key, 0), key, (0.0,) * len(log_chances))
        crosses = tuple([ratio * expected for ratio in curve.ages_at(end, log_chances)]) if log_chances else ()
        return Forecast(curve.beyond(end, age / expected), half, most, self.n.get(key, 0), key, crosses)

    def _hazards(self, key: Key) -> tuple[float, ...]:
        found = self.shares.get(key)
        if found is None:
            counts = self.counts.get(key, Counts())
            counts = counts.scaled(self.faded) if self.faded != 1 else counts
            if key == ALL:
                found = hazards(counts)
            else:
                parent = ALL if key.level == "dest" else Key("dest", "", "", key.dest)
                found = hazards(counts, self._hazards(parent), DRIFT_STRENGTH)
            self.shares[key] = found
        return found


def learn(journeys: Iterable[Journey], now: float) -> Model:
    """A model of what is known at `now`: later journeys are not looked at, later ends count as still open.

    Keeps all journeys in memory: for benches and tests. orders/services/learning.py learns the same by the database.
    """
    known = [
        each if each.end is None or each.end <= now else each._replace(end=None)
        for each in journeys
        if now - WINDOW <= each.start < now
    ]
    cells = []
    for of, start, end, weight in known:
        if end is not None:
            heft = weight * fade(now - start, SHAPE_HALF_LIFE)
            cells.append(Cell(of, heft, heft * log_days(end - start)))
    model = Model(shape_of(lambda: cells), {}, {})
    return Model(model.effects, *_drift(model, known, now))


def _drift(model: Model, known: Iterable[Journey], now: float) -> tuple[dict[Key, Counts], dict[Key, int]]:
    sums: dict[Key, tuple[list[float], list[float]]] = {}
    n: dict[Key, int] = {}
    for of, start, end, weight in known:
        took = math.exp(log_days((now if end is None else end) - start))
        place = bucket(took / model.expected(of))
        heft = weight * fade(now - start, DRIFT_HALF_LIFE)
        for key in (ALL, of[DEST], of[LANE]):
            if key not in sums:
                sums[key], n[key] = ([0.0] * BUCKETS, [0.0] * BUCKETS), 0
            sums[key][end is None][place] += heft
            n[key] += end is not None
    return {key: Counts(tuple(ended), tuple(still_open)) for key, (ended, still_open) in sums.items()}, n
