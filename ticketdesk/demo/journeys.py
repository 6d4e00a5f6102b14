"""A parcel's way from label to door as its carrier tells it: stages in hours before and after it goes out for delivery.

Pure. Every gap of an untroubled journey is well within the detectors' limits, so an order without a plot stays well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from ticketdesk.demo.catalogue import CARRIERS, HUBS
from ticketdesk.demo.words import words


@dataclass(frozen=True, slots=True)
class Beat:
    """One scan: its stage, the hour relative to going out for delivery, what the carrier says and where."""

    stage: str
    hour: float
    status: str
    sub_status: str
    text: str
    city: str
    country: str
    is_physical: bool = True


@dataclass(frozen=True, slots=True)
class Way:
    """Where from, where to, by whom, told in which language."""

    carrier: str
    language: str
    home: str
    home_country: str
    city: str
    country: str
    district: str = ""

    @property
    def hub(self) -> str:
        """The carrier's centre near the destination."""
        return HUBS[self.city]

    @property
    def carrier_name(self) -> str:
        """The carrier in the language of its scans."""
        name, name_zh, *_ = CARRIERS[self.carrier]
        return name_zh if self.language.startswith("zh") else name


# stage: hour and spread of it, status, sub-status, place: home, hub or city
Stage = tuple[str, float, float, str, str, str]
FAST: Sequence[Stage] = (
    ("label", -44, 1.5, "info_received", "label_created", "home"),
    ("pickup", -40, 1.5, "picked_up", "accepted", "home"),
    ("origin_out", -36.5, 1, "in_transit", "departed_facility", "home"),
    ("hub_in", -20, 3, "in_transit", "arrived_facility", "hub"),
    ("hub_out", -13, 2, "in_transit", "departed_facility", "hub"),
    ("city", -2.5, 0.6, "in_transit", "arrived_city", "city"),
)
ECONOMY: Sequence[Stage] = (
    ("label", -92, 2, "info_received", "label_created", "home"),
    ("pickup", -88, 1.5, "picked_up", "accepted", "home"),
    ("origin_out", -83, 1.5, "in_transit", "departed_facility", "home"),
    ("hub_in", -52, 5, "in_transit", "arrived_facility", "hub"),
    ("hub_out", -40, 3, "in_transit", "departed_facility", "hub"),
    ("city", -4, 1, "in_transit", "arrived_city", "city"),
)
AIR: Sequence[Stage] = (
    ("label", -162, 3, "info_received", "label_created", "home"),
    ("pickup", -148, 3, "picked_up", "accepted", "home"),
    ("origin_out", -140, 2, "in_transit", "departed_facility", "home"),
    ("abroad", -122, 4, "in_transit", "departed_country", "home"),
    ("hub_in", -98, 4, "in_transit", "arrived_country", "hub"),
    ("customs", -91.5, 2, "customs", "processing", "hub"),
    ("released", -64, 8, "customs", "released", "hub"),
    ("hub_out", -46, 4, "in_transit", "departed_facility", "hub"),
    ("city", -5, 2, "in_transit", "arrived_city", "city"),
)
POST: Sequence[Stage] = (
    ("label", -280, 4, "info_received", "label_created", "home"),
    ("pickup", -258, 5, "picked_up", "accepted", "home"),
    ("origin_out", -240, 4, "in_transit", "departed_facility", "home"),
    ("abroad", -198, 8, "in_transit", "departed_country", "home"),
    ("hub_in", -150, 8, "in_transit", "arrived_country", "hub"),
    ("customs", -139, 2, "customs", "presented", "hub"),
    ("released", -104, 10, "customs", "released", "hub"),
    ("hub_out", -64, 6, "in_transit", "departed_facility", "hub"),
    ("city", -8, 3, "in_transit", "arrived_city", "city"),
)
PACE = {
    "sf": FAST, "jd": FAST, "tcat": FAST, "zto": ECONOMY, "yto": ECONOMY, "dhl": AIR, "ups": AIR, "usps": POST,
}  # fmt: skip

ENDINGS = (("delivered", "signed", 6), ("proxy", "proxy", 2), ("locker", "locker", 2))


def scan_text(way: Way, stage: str) -> str:
    """What the carrier writes at this stage, in its language."""
    text = words(way.language).scans[stage]
    return text.format(by=way.carrier_name, at=way.home, hub=way.hub, city=way.city, district=way.district)


def journey(way: Way, rng: Random) -> list[Beat]:
    """An untroubled journey, label to delivery, in order of time. "out" is hour 0, meant for the local morning."""
    where: dict[str, tuple[str, str]] = {
        "home": (way.home, way.home_country), "hub": (way.hub, way.country), "city": (way.city, way.country),
    }  # fmt: skip
    beats = [
        Beat(stage, hour + rng.uniform(-spread, spread), status, sub_status, scan_text(way, stage), *where[place],
             is_physical=stage != "label")
        for stage, hour, spread, status, sub_status, place in PACE[way.carrier]
    ]  # fmt: skip
    beats.append(Beat("out", 0.0, "out_for_delivery", "out", scan_text(way, "out"), *where["city"]))
    stage, sub_status = _ending(rng)
    beats.append(
        Beat("delivered", rng.uniform(1.2, 8.5), "delivered", sub_status, scan_text(way, stage), *where["city"])
    )
    return beats


def _ending(rng: Random) -> tuple[str, str]:
    stage, sub_status, _ = rng.choices(ENDINGS, [weight for *_, weight in ENDINGS])[0]
    return stage, sub_status


def until(beats: Sequence[Beat], stage: str) -> list[Beat]:
    """The beats up to and including a stage."""
    return [*beats[: _index(beats, stage) + 1]]


def after(beats: Sequence[Beat], stage: str) -> list[Beat]:
    """The beats that follow a stage."""
    return [*beats[_index(beats, stage) + 1 :]]


def _index(beats: Sequence[Beat], stage: str) -> int:
    return next(number for number, beat in enumerate(beats) if beat.stage == stage)
