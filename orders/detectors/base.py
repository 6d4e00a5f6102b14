"""What every detector has in common.

A detector is one file in this folder. It says what is wrong with an order or a parcel (`inspect`), when time alone may
change its mind (`moments`) and why an open anomaly no longer holds (`clears`). It never asks for the time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import ClassVar, Literal, NamedTuple, Self

from orders.facts import OrderFacts, ParcelFacts
from orders.statuses import TERMINAL

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NO_SETTINGS: Mapping[str, timedelta] = MappingProxyType({})


def gettext_noop(message: str) -> str:
    """Mark a message for `makemessages`, which looks for this very name, and return it unchanged."""
    return message


def limits(**thresholds: timedelta) -> Mapping[str, timedelta]:
    """A detector's default limits, by the names that a shop's settings use."""
    return MappingProxyType(thresholds)


class Limits(NamedTuple):
    """A shop's own limits for one carrier or lane, and the id of the setting that says so."""

    limits: Mapping[str, timedelta]
    setting: int


Place = tuple[int | None, str]
"""Where limits hold: a carrier's id and a lane, None and "" for every one."""


def whole_hours(span: timedelta) -> int:
    """Full hours in `span`, rounded down."""
    return span // HOUR


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict: something is wrong, with the numbers that show it.

    `why` is an English msgid with {named} places that `params` fills; `since` is the moment from which it was true.
    `params` and `evidence` hold only what JSON can hold. `department` owns it where that is not always the same one.
    """

    code: str
    grade: int
    why: str
    since: datetime
    params: Mapping[str, str | int] = field(default_factory=dict)
    parcel_id: int | None = None
    evidence: Mapping[str, str | int | None] = field(default_factory=dict)
    department: str = ""


class Detector:
    """Code, title, owner, grade (1 urgent to 4 watch) and limits; the shop's own limits replace the defaults.

    Raises ValueError for a limit that this detector does not know or that is negative.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    department: ClassVar[str]
    about: ClassVar[Literal["order", "parcel"]]
    grade: ClassVar[int]
    thresholds: ClassVar[Mapping[str, timedelta]] = NO_SETTINGS
    carrier_reported: ClassVar[bool] = False
    weaker_than: ClassVar[frozenset[str]] = frozenset()
    """Codes that make this one superfluous when they are found on the same parcel."""
    clears_by_scan: ClassVar[bool] = False
    """Whether it is over by a newer physical scan only: a carrier's note or an old scan heard late moves nothing."""
    reportable: ClassVar[bool] = False
    """Whether people and programs report it, because no scan tells of it."""
    shadow: bool = False
    """It finds, and nobody is told."""
    special: Mapping[Place, Limits] = MappingProxyType({})
    """The shop's limits for one carrier or lane only."""
    setting: int | None = None
    """The shop's setting that its own limits come from."""

    def __init__(self, settings: Mapping[str, timedelta] = NO_SETTINGS) -> None:
        for name, limit in settings.items():
            if name not in self.thresholds:
                known = ", ".join(self.thresholds) or "none"
                raise ValueError(f"{self.code} has no limit {name!r}; it knows: {known}")
            if limit < timedelta(0):
                raise ValueError(f"{self.code}: the limit {name!r} must not be negative, got {limit}")
        self.limit: Mapping[str, timedelta] = {**self.thresholds, **settings}
        self.origin: Mapping[str, int | None] = {}
        self._seats: dict[Place, Self] = {}

    def at(self, parcel: ParcelFacts) -> Self:
        """This detector with the limits that hold for the parcel: its carrier's on its lane, its lane's, its carrier's,
        the shop's; each name by itself."""
        if not self.special:
            return self
        place = (parcel.carrier_id, parcel.lane)
        if place not in self._seats:
            self._seats[place] = self._seated(place)
        return self._seats[place]

    def _seated(self, place: Place) -> Self:
        carrier, lane = place
        limits, origin = dict(self.limit), dict(self.origin)
        for key in dict.fromkeys([(carrier, ""), (None, lane), (carrier, lane)]):
            if key in self.special and key != (None, ""):
                limits |= self.special[key].limits
                origin |= dict.fromkeys(self.special[key].limits, self.special[key].setting)
        seat = type(self)(limits)
        seat.origin, seat.shadow = origin, self.shadow
        return seat

    def told_limits(self) -> dict[str, tuple[int, int | None]]:
        """Each limit in seconds, and the setting that it comes from; None for the default."""
        return {name: (int(span.total_seconds()), self.origin.get(name)) for name, span in self.limit.items()}


class OrderDetector(Detector):
    """A detector that looks at the order as a whole."""

    about = "order"

    def moments(self, facts: OrderFacts) -> Iterable[datetime]:
        """Every instant at which the verdict may change although no fact changes."""
        raise NotImplementedError

    def inspect(self, facts: OrderFacts, now: datetime) -> Finding | None:
        """The verdict at `now` on facts already reduced to `now`; None when all is well."""
        raise NotImplementedError

    def due(self, facts: OrderFacts, after: datetime | None = None) -> datetime | None:
        """The earliest moment, later than `after` if that is given."""
        return _earliest(self.moments(facts), after)

    def clears(self, facts: OrderFacts, now: datetime) -> str | None:
        """Why an open anomaly of this code no longer holds; None while it does."""
        if self.inspect(facts, now) is not None:
            return None
        if facts.cancelled_at is not None:
            return "cancelled"
        if facts.delivered_at is not None:
            return "delivered"
        return self.reason(facts)

    def reason(self, facts: OrderFacts) -> str:
        """What ended it on an order that is neither delivered nor cancelled."""
        return "no_longer_true"


class ParcelDetector(Detector):
    """A detector that looks at one parcel of the order."""

    about = "parcel"

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        """Every instant at which the verdict may change although no fact changes."""
        raise NotImplementedError

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        """The verdict at `now` on facts already reduced to `now`; None when all is well."""
        raise NotImplementedError

    def due(self, facts: OrderFacts, parcel: ParcelFacts, after: datetime | None = None) -> datetime | None:
        """The earliest moment, later than `after` if that is given."""
        return _earliest(self.moments(facts, parcel), after)

    def clears(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> str | None:
        """Why an open anomaly of this code no longer holds; None while it does."""
        if self.inspect(facts, now, parcel) is not None:
            return None
        if parcel.returned_at is not None:
            return "returned"
        if parcel.delivered_at is not None or facts.delivered_at is not None:
            return "delivered"
        if facts.cancelled_at is not None:
            return "cancelled"
        return self.reason(facts, parcel)

    def reason(self, facts: OrderFacts, parcel: ParcelFacts) -> str:
        """What ended it on a parcel that is still under way."""
        return "no_longer_true"


RESTING = frozenset({"available_for_pickup", "customs"})
"""Statuses in which a parcel lies still for a known reason; silence means nothing there."""


def is_travelling(facts: OrderFacts, parcel: ParcelFacts) -> bool:
    """Whether more scans are expected: not arrived, not back, not ended by its status or by the order's end.

    A parcel on its way back travels on although it, and its order, were delivered once.
    """
    if facts.cancelled_at is not None or parcel.returned_at is not None:
        return False
    if parcel.leg != "return" and (parcel.delivered_at is not None or facts.delivered_at is not None):
        return False
    return (parcel.status, parcel.sub_status) not in TERMINAL


def counted_from(at: datetime, heard_at: datetime | None) -> datetime:
    """Where a clock starts: when it happened, or when we first heard of it if that was later. So a feed that comes late
    opens nothing at once."""
    return at if heard_at is None or heard_at < at else heard_at


def silent_from(parcel: ParcelFacts) -> datetime | None:
    """Where the clock of silence starts; None before the first scan."""
    return None if parcel.last_scan_at is None else counted_from(parcel.last_scan_at, parcel.heard_at)


def began_at(facts: OrderFacts, parcel: ParcelFacts) -> datetime:
    """When the parcel's present status began, or the nearest time that is known."""
    return parcel.status_at or parcel.last_scan_at or parcel.announced_at or facts.placed_at


class StatusDetector(ParcelDetector):
    """A detector that believes the carrier: at once for some statuses, after `limit["after"]` for others.

    Both sentences may name {number}, {carrier} and {attempts}; `why_waiting` also {hours} and {limit}.
    """

    carrier_reported = True
    reported: ClassVar[frozenset[tuple[str, str]]]
    why: ClassVar[str]
    waiting: ClassVar[frozenset[tuple[str, str]]] = frozenset()
    why_waiting: ClassVar[str] = ""

    def applies(self, facts: OrderFacts, parcel: ParcelFacts) -> bool:
        """Whether the parcel's status still matters to anybody."""
        return is_travelling(facts, parcel)

    def sentence(self, parcel: ParcelFacts) -> str:
        """The msgid for a status that is believed at once."""
        return self.why

    def graded(self, parcel: ParcelFacts) -> int:
        """The grade of a finding on this parcel."""
        return self.grade

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        if (parcel.status, parcel.sub_status) in self.waiting and self.applies(facts, parcel):
            return (self._waited_enough(facts, parcel),)
        return ()

    def _waited_enough(self, facts: OrderFacts, parcel: ParcelFacts) -> datetime:
        return counted_from(began_at(facts, parcel), parcel.status_heard_at) + self.limit["after"]

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        status = (parcel.status, parcel.sub_status)
        if status in self.reported:
            since, why = began_at(facts, parcel), self.sentence(parcel)
        elif status in self.waiting:
            since, why = self._waited_enough(facts, parcel), self.why_waiting
        else:
            return None
        if now < since or not self.applies(facts, parcel):
            return None
        params: dict[str, str | int] = {
            "number": parcel.number,
            "carrier": parcel.carrier,
            "attempts": parcel.attempts,
            "hours": whole_hours(now - began_at(facts, parcel)),
        }
        if status in self.waiting:
            params["limit"] = whole_hours(self.limit["after"])
        return Finding(self.code, self.graded(parcel), why, since, params, parcel.id, evidence_of(parcel))

    def reason(self, facts: OrderFacts, parcel: ParcelFacts) -> str:
        return "moved_on"


class ReportedDetector(ParcelDetector):
    """A kind of anomaly that people and programs report. It finds nothing by itself and never ends by itself."""

    reportable = True

    def moments(self, facts: OrderFacts, parcel: ParcelFacts) -> Iterable[datetime]:
        return ()

    def inspect(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> Finding | None:
        return None

    def clears(self, facts: OrderFacts, now: datetime, parcel: ParcelFacts) -> str | None:
        return None


def evidence_of(parcel: ParcelFacts) -> dict[str, str | int | None]:
    """What the carrier last said about the parcel."""
    return {
        "status": f"{parcel.status}.{parcel.sub_status}",
        "status_at": _iso(parcel.status_at),
        "last_scan_at": _iso(parcel.last_scan_at),
        "attempts": parcel.attempts,
        "place": parcel.place,
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _earliest(moments: Iterable[datetime], after: datetime | None) -> datetime | None:
    earliest: datetime | None = None
    for moment in moments:
        if (after is None or moment > after) and (earliest is None or moment < earliest):
            earliest = moment
    return earliest
