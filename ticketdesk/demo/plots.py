"""What goes wrong with an order, and when: one plot per kind of anomaly, each ending in a list of told chapters. Pure.

A plot is given the moment at which the anomaly is to begin and, if the trouble is over by now, how long it lasted; it
lays the journey around that moment. A chapter is a run of scans that reaches the desk at once, at its last scan's time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from orders.statuses import TAXONOMY
from ticketdesk.demo.journeys import Beat, Way, after, journey, scan_text, until
from ticketdesk.demo.moments import DAY, HOUR, by_day, hours, last_morning, next_morning

At = tuple[datetime, Beat]
SPLIT_AFTER = hours(44)
"""A chapter is told before its silence could pass for an anomaly of its own."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where the plot plays. `lasted` is None while the trouble goes on."""

    way: Way
    zone: str
    began: datetime
    lasted: timedelta | None
    abroad: bool
    rng: Random

    @property
    def ended(self) -> datetime | None:
        """When the trouble was over."""
        return None if self.lasted is None else self.began + self.lasted

    def journey(self) -> list[Beat]:
        """An untroubled journey to take parts of."""
        return journey(self.way, self.rng)

    def told(self, stage: str, status: str, sub_status: str, place: str = "city") -> Beat:
        """One more scan, in the destination's city unless said otherwise."""
        city, country = {
            "city": (self.way.city, self.way.country), "hub": (self.way.hub, self.way.country),
            "home": (self.way.home, self.way.home_country),
        }[place]  # fmt: skip
        physical = TAXONOMY[status, sub_status].is_physical
        return Beat(stage, 0.0, status, sub_status, scan_text(self.way, stage), city, country, physical)


@dataclass(slots=True)
class Fate:
    """What the plot makes of the order. `chapters` are empty for an order that no carrier has seen."""

    paid_at: datetime | None
    announced_at: datetime | None = None
    placed_at: datetime | None = None
    cancelled_at: datetime | None = None
    chapters: list[list[At]] = field(default_factory=list)
    promise: datetime | None = None


def laid(beats: Sequence[Beat], stage: str, at: datetime) -> list[At]:
    """The beats on the time line, with the one of `stage` at `at`."""
    hour = next(beat.hour for beat in beats if beat.stage == stage)
    return [(at + hours(beat.hour - hour), beat) for beat in beats]


def arrives(scene: Scene, beats: Sequence[Beat], since: datetime) -> list[At]:
    """The rest of a journey from `since` on, its delivery trip on a local morning."""
    if beats[0].stage == "out":
        return laid(beats, "out", next_morning(since, scene.zone, scene.rng))
    way = [(since + hours(beat.hour - beats[0].hour), beat) for beat in until(beats, "city")]
    morning = next_morning(way[-1][0] + HOUR, scene.zone, scene.rng)
    return way + laid(after(beats, "city"), "out", morning)


def home_again(scene: Scene, since: datetime) -> list[list[At]]:
    """Back to the sender."""
    turned = scene.told("back", "returning", "in_transit")
    received = scene.told("home", "returned", "received", "home")
    return [[(since, turned)], [(since + hours(scene.rng.uniform(34, 58)), received)]]


def shipped(scene: Scene, chapters: Iterable[Sequence[At]]) -> Fate:
    """An order that was shipped as it should be, with these chapters."""
    told = [list(chapter) for chapter in chapters if chapter]
    label = told[0][0][0]
    return Fate(paid_at=label - hours(scene.rng.uniform(5, 34)), announced_at=label, chapters=told)


def unapproved(scene: Scene) -> Fate:
    placed = scene.began - DAY
    if scene.ended is None:
        return Fate(None, placed_at=placed)
    if scene.rng.random() < 0.35:
        return Fate(None, placed_at=placed, cancelled_at=scene.ended)
    way = arrives(scene, scene.journey(), scene.ended + hours(scene.rng.uniform(5, 20)))
    return Fate(scene.ended, way[0][0], placed, chapters=[way])


def not_shipped(scene: Scene) -> Fate:
    paid = scene.began - 2 * DAY
    if scene.ended is None:
        return Fate(paid)
    way = arrives(scene, scene.journey(), scene.ended)
    return Fate(paid, scene.ended, chapters=[way[:2], way[2:]])


def no_first_scan(scene: Scene) -> Fate:
    beats = scene.journey()
    announced = scene.began - hours(72 if scene.abroad else 24)
    chapters = [laid(until(beats, "label"), "label", announced)]
    if scene.ended is not None:
        rest = arrives(scene, after(beats, "label"), scene.ended)
        chapters += [rest[:1], rest[1:]]
    return shipped(scene, chapters)


def no_update(scene: Scene) -> Fate:
    beats = scene.journey()
    stage = scene.rng.choice(["origin_out", "hub_in", "hub_out"] if not scene.abroad else ["origin_out", "hub_out"])
    chapters = [laid(until(beats, stage), stage, scene.began - hours(72))]
    if scene.ended is not None:
        rest = arrives(scene, after(beats, stage), scene.ended)
        chapters += [rest[:1], rest[1:]]
    return shipped(scene, chapters)


def lost(scene: Scene) -> Fate:
    beats = scene.journey()
    if scene.lasted is None and not scene.abroad and scene.rng.random() < 0.34:  # nobody says so; the silence does
        return shipped(scene, [laid(until(beats, "hub_in"), "hub_in", scene.began - 15 * DAY)])
    way = laid(until(beats, "hub_out"), "hub_out", scene.began - hours(scene.rng.uniform(40, 68)))
    chapters = [way, [(scene.began, scene.told("lost", "exception", "lost", "hub"))]]
    if scene.ended is not None:
        found = scene.told("found", "in_transit", "resumed", "hub")
        chapters += [[(scene.ended, found)], arrives(scene, after(beats, "hub_out"), scene.ended + hours(9))]
    return shipped(scene, chapters)


def overdue(scene: Scene) -> Fate:
    beats = scene.journey()
    way = laid(until(beats, "hub_out"), "hub_out", scene.began - hours(scene.rng.uniform(8, 20)))
    delayed = scene.told("delayed", "exception", "delayed_weather", "hub")
    late = [[(scene.began + hours(hour), delayed)] for hour in (-2, 38)]
    if scene.ended is None:
        fate = shipped(scene, [way, *late])
    else:
        rest = laid(after(beats, "hub_out"), "delivered", by_day(scene.ended, scene.zone, scene.rng))
        fate = shipped(scene, [way, *[part for part in late if part[0][0] < rest[0][0]], rest])
    fate.promise = scene.began
    return fate


def customs_hold(scene: Scene) -> Fate:
    beats = scene.journey()
    word = scene.rng.choice(["processing", "held", "info_required", "duty_unpaid"])
    if word == "processing":
        chapters = [laid(until(beats, "customs"), "customs", scene.began - hours(72))]
    else:
        way = laid(until(beats, "customs"), "customs", scene.began - hours(scene.rng.uniform(5, 40)))
        chapters = [way, [(scene.began, scene.told(word, "customs", word, "hub"))]]
    if scene.ended is not None:
        rest = arrives(scene, after(beats, "customs"), scene.ended)
        chapters += [rest[:1], rest[1:]]
    return shipped(scene, chapters)


def damaged(scene: Scene) -> Fate:
    way = laid(until(scene.journey(), "hub_in"), "hub_in", scene.began - hours(scene.rng.uniform(2, 10)))
    return shipped(scene, [way, [(scene.began, scene.told("damaged", "exception", "damaged", "hub"))]])


def out_of_area(scene: Scene) -> Fate:
    beats = scene.journey()
    way = laid(until(beats, "city"), "city", scene.began - hours(scene.rng.uniform(1, 6)))
    chapters = [way, [(scene.began, scene.told("out_of_area", "exception", "out_of_area"))]]
    if scene.ended is not None:
        moved = scene.told("moved", "in_transit", "handed_over")
        chapters += [[(scene.ended, moved)], arrives(scene, after(beats, "city"), scene.ended + HOUR)]
    return shipped(scene, chapters)


def address_error(scene: Scene) -> Fate:
    fate = _attempt(scene, "address_error", "attempt_failed", "address")
    if scene.ended is not None:
        corrected = scene.told("corrected", "in_transit", "rerouted")
        fate.chapters.insert(-1, [(scene.ended, corrected)])
    return fate


def delivery_failed(scene: Scene) -> Fate:
    return _attempt(scene, "delivery_failed", "attempt_failed", "no_one", twice=scene.rng.random() < 0.35)


def unreachable(scene: Scene) -> Fate:
    return _attempt(scene, "unreachable", "attempt_failed", "unreachable", twice=scene.rng.random() < 0.3)


def refused(scene: Scene) -> Fate:
    return _turned_back(scene, _attempt(scene, "refused", "attempt_failed", "refused", ends=False), scene.ended)


def returning(scene: Scene) -> Fate:
    before = Scene(scene.way, scene.zone, scene.began - hours(30), None, scene.abroad, scene.rng)
    fate = _attempt(before, "unreachable", "attempt_failed", "unreachable", ends=False)
    if scene.ended is not None:
        return _turned_back(scene, fate, scene.began)
    fate.chapters.append(home_again(scene, scene.began)[0])
    return fate


def returned(scene: Scene) -> Fate:
    before = Scene(scene.way, scene.zone, scene.began - hours(70), None, scene.abroad, scene.rng)
    fate = _attempt(before, "refused", "attempt_failed", "refused", ends=False)
    turned, received = home_again(scene, scene.began - hours(46))
    fate.chapters += [turned, [(scene.began, received[0][1])]]
    return fate


def unclaimed(scene: Scene) -> Fate:
    beats = scene.journey()
    waits = scene.told("waits", "available_for_pickup", scene.rng.choice(["ready", "locker"]))
    at = by_day(scene.began - hours(72), scene.zone, scene.rng)
    chapters = [[*laid(until(beats, "out"), "out", at - 3 * HOUR), (at, waits)]]
    if scene.ended is not None:
        collected = scene.told("collected", "delivered", "self_pickup")
        chapters.append([(by_day(scene.ended, scene.zone, scene.rng), collected)])
    return shipped(scene, chapters)


def unsigned_overdue(scene: Scene) -> Fate:
    beats = scene.journey()
    out = last_morning(scene.began - DAY, scene.zone, scene.rng)
    chapters = [laid(until(beats, "out"), "out", out)]
    if scene.ended is not None:
        chapters.append([(by_day(max(scene.ended, out + hours(26)), scene.zone, scene.rng), beats[-1])])
    return shipped(scene, chapters)


def _attempt(scene: Scene, words: str, status: str, sub_status: str, *, twice: bool = False, ends: bool = True) -> Fate:
    """Out for delivery and back, once or on two days; then, if the trouble has ended, out again and delivered."""
    beats = scene.journey()
    began = by_day(scene.began, scene.zone, scene.rng)
    failed, again = scene.told(words, status, sub_status), beats[-2]
    first = began - DAY if twice else began
    chapters = [laid(until(beats, "out"), "out", first - hours(scene.rng.uniform(0.6, 2.5))), [(first, failed)]]
    if twice:
        chapters += [[(began - hours(2), again), (began, failed)]]
    if ends and scene.ended is not None:
        chapters.append(laid(beats[-2:], "out", next_morning(scene.ended + HOUR, scene.zone, scene.rng)))
    return shipped(scene, chapters)


def _turned_back(scene: Scene, fate: Fate, since: datetime | None) -> Fate:
    """The parcel goes home, and the order is cancelled when the refund is paid."""
    if since is not None:
        back = home_again(scene, since)
        fate.chapters += back
        fate.cancelled_at = back[-1][-1][0] + hours(scene.rng.uniform(5, 20))
    return fate


PLOTS: dict[str, Callable[[Scene], Fate]] = {
    plot.__name__: plot
    for plot in (
        address_error, customs_hold, damaged, delivery_failed, lost, no_first_scan, no_update, not_shipped, out_of_area,
        overdue, refused, returned, returning, unapproved, unclaimed, unreachable, unsigned_overdue,
    )
}  # fmt: skip


def in_chapters(chapters: Iterable[Sequence[At]]) -> list[list[At]]:
    """The chapters, none but the first of which keeps the desk without news for longer than `SPLIT_AFTER`."""
    told: list[list[At]] = []
    for chapter in chapters:
        for number, (at, beat) in enumerate(chapter):
            if number == 0 or (len(told) > 1 and at - told[-2][-1][0] > SPLIT_AFTER):
                told.append([])
            told[-1].append((at, beat))
    return told
