"""The demo's orders before they are written: who bought what, where it goes, and what goes wrong on the way. Pure.

The same seed and the same present give the same plan.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from ticketdesk.demo.buyers import Buyer, Buyers
from ticketdesk.demo.catalogue import CARRIERS, GOODS, SHOP, SHOPS, ShopFacts
from ticketdesk.demo.journeys import Way, journey
from ticketdesk.demo.moments import DAY, end_of_day, hours, minutes, next_morning
from ticketdesk.demo.plots import PLOTS, At, Fate, Scene, in_chapters

WELL = 270
"""Orders without a plot, at scale 1."""
# Plot: how many go on now (at any scale), how many are over (at scale 1), and how many hours those lasted.
TROUBLES: dict[str, tuple[int, int, tuple[float, float]]] = {
    "not_shipped": (4, 4, (1, 16)), "unapproved": (3, 3, (1, 12)), "no_first_scan": (3, 4, (1, 16)),
    "no_update": (4, 7, (2, 40)), "overdue": (3, 2, (8, 30)), "customs_hold": (4, 4, (12, 60)),
    "delivery_failed": (4, 6, (12, 22)), "unreachable": (3, 3, (14, 26)), "address_error": (3, 2, (8, 36)),
    "refused": (3, 2, (20, 60)), "out_of_area": (3, 2, (8, 30)), "unclaimed": (3, 3, (6, 40)),
    "returning": (3, 1, (20, 50)), "returned": (3, 0, (0, 0)), "lost": (3, 1, (50, 60)), "damaged": (3, 1, (1, 2)),
    "unsigned_overdue": (4, 4, (1, 12)),
}  # fmt: skip
# For how many hours a trouble that goes on has gone on: a desk that works has mostly young ones.
AGES = (0.4, 1.2, 3, 6, 11, 18, 26, 36, 48, 62, 78, 95)
HISTORY = timedelta(days=13.6)
KEPT = 0.94
"""So many troubled orders have a promise that is not broken as well."""
CARRIER_OF = {"US": ("ups", "usps", "dhl"), "DE": ("dhl",), "BR": ("dhl", "ups"), "JP": ("dhl", "ups")}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    number: int
    sku: str
    name: str
    qty: int
    price: Decimal


@dataclass(slots=True)
class OrderPlan:
    """One order; `plot` is empty for one on which nothing goes wrong."""

    shop: ShopFacts
    buyer: Buyer
    placed_at: datetime
    paid_at: datetime | None
    lines: list[Line]
    plot: str = ""
    number: str = ""
    shipped_at: datetime | None = None
    cancelled_at: datetime | None = None
    promised_ship_at: datetime | None = None
    promised_delivery_at: datetime | None = None

    @property
    def total(self) -> Decimal:
        """What the lines come to."""
        return sum((line.price * line.qty for line in self.lines), Decimal(0))


@dataclass(slots=True)
class ParcelPlan:
    """One parcel with its chapters; `lines` are the lines that lie in it, None for all of its orders."""

    carrier: str
    announced_at: datetime
    chapters: list[list[At]]
    orders: list[OrderPlan]
    lines: list[int] | None = None
    number: str = ""
    eta_at: datetime | None = None


@dataclass(slots=True)
class Plan:
    """All of it, orders and parcels by time."""

    now: datetime
    buyers: list[Buyer] = field(default_factory=list)
    orders: list[OrderPlan] = field(default_factory=list)
    parcels: list[ParcelPlan] = field(default_factory=list)


def make_plan(*, seed: int, now: datetime, scale: float = 1.0) -> Plan:
    """The plan for this present; `scale` thins out what is well or over, never what goes on."""
    return _Planner(Random(seed), now.replace(microsecond=0), scale).plan()  # noqa: S311  # a story, not a secret


class _Planner:
    def __init__(self, rng: Random, now: datetime, scale: float) -> None:
        self.rng, self.now, self.scale = rng, now, scale
        self.buyers = Buyers(rng)
        self.orders: list[OrderPlan] = []
        self.combined: set[str] = set()
        self.parcels: list[ParcelPlan] = []

    def plan(self) -> Plan:
        for code, (going_on, over, lasting) in TROUBLES.items():
            for _ in range(going_on):
                self.trouble(code, self.now - hours(self.rng.choice(AGES)), None)
            for _ in range(round(over * self.scale)):
                began = self.now - timedelta(days=1.3) - self.rng.random() * (HISTORY - timedelta(days=1.3))
                self.trouble(code, began, min(hours(self.rng.uniform(*lasting)), (self.now - began) * 0.8))
        for _ in range(round(WELL * self.scale)):
            self.well()
        return self.finish()

    # -- orders ------------------------------------------------------------------------------------------------------

    def trouble(self, code: str, began: datetime, lasted: timedelta | None) -> None:
        shop = SHOP["yuanfan"] if code == "customs_hold" else self.shop()
        buyer = self.buyers.next(shop)
        way = self.way(shop, buyer)
        scene = Scene(way, buyer.place.zone, began, lasted, buyer.place.country != shop.country, self.rng)
        fate = PLOTS[code](scene)
        placed_at = fate.placed_at or (fate.paid_at or began) - minutes(self.rng.uniform(1, 25))
        order = OrderPlan(shop, buyer, placed_at, fate.paid_at, self.lines(shop), code, cancelled_at=fate.cancelled_at)
        self.promise(order, fate, scene)
        self.orders.append(order)
        if fate.announced_at is None:
            return
        order.shipped_at = fate.announced_at
        parcel = ParcelPlan(way.carrier, fate.announced_at, in_chapters(fate.chapters), [order])
        parcel.eta_at = order.promised_delivery_at
        self.parcels.append(parcel)
        if len(order.lines) > 1 and code in {"no_update", "damaged", "lost"}:
            self.split(order, parcel, way)
        elif code in {"damaged", "no_update"} and code not in self.combined:
            self.combined.add(code)
            self.combine(order, parcel)

    def well(self) -> None:
        shop = self.shop()
        buyer = self.buyers.next(shop)
        way = self.way(shop, buyer)
        placed_at = self.now - minutes(20) - self.rng.random() ** 1.15 * timedelta(days=15)
        order = OrderPlan(shop, buyer, placed_at, placed_at + minutes(self.rng.uniform(1, 40)), self.lines(shop))
        if order.paid_at is not None and self.rng.random() < 0.04:
            order.cancelled_at = placed_at + hours(self.rng.uniform(0.5, 9))
            if self.rng.random() < 0.5:
                order.paid_at = None
        self.orders.append(order)
        ready = placed_at + hours(self.rng.uniform(3, 17))
        beats = journey(way, self.rng)
        out = next_morning(ready + hours(-beats[0].hour), buyer.place.zone, self.rng)
        chapter = [(out + hours(beat.hour), beat) for beat in beats]
        order.promised_ship_at = None if shop.code == "yuanfan" else placed_at + hours(48)
        order.promised_delivery_at = end_of_day(out + self.rng.choice((1, 1, 2)) * DAY, buyer.place.zone)
        if order.cancelled_at is not None:
            return
        order.shipped_at = chapter[0][0]
        parcel = ParcelPlan(way.carrier, chapter[0][0], [chapter], [order], eta_at=end_of_day(out, buyer.place.zone))
        self.parcels.append(parcel)
        if len(order.lines) > 1 and self.rng.random() < 0.2:
            self.split(order, parcel, way)
        elif self.rng.random() < 0.04:
            self.combine(order, parcel)

    def split(self, order: OrderPlan, parcel: ParcelPlan, way: Way) -> None:
        """The last line travels in a second parcel, a little later."""
        parcel.lines = [line.number for line in order.lines[:-1]]
        if order.plot:  # both parcels are told from the start, or the second would make the first look forgotten
            first, *rest = parcel.chapters
            parcel.chapters = in_chapters([first[:2], first[2:], *rest])
        beats = journey(way, self.rng)
        out = next_morning(parcel.announced_at + hours(8 - beats[0].hour), order.buyer.place.zone, self.rng)
        told = [(out + hours(beat.hour), beat) for beat in beats]
        chapters = [told] if not order.plot else in_chapters([told[:2], told[2:]])
        second = ParcelPlan(parcel.carrier, told[0][0], chapters, [order], [order.lines[-1].number])
        second.eta_at = end_of_day(out, order.buyer.place.zone)
        order.promised_delivery_at = max(
            order.promised_delivery_at or out, end_of_day(out + DAY, order.buyer.place.zone)
        )
        self.parcels.append(second)

    def combine(self, order: OrderPlan, parcel: ParcelPlan) -> None:
        """The buyer orders again within the hour; both orders travel in one parcel."""
        later = minutes(self.rng.uniform(4, 50))
        twin = replace(order, placed_at=order.placed_at + later, lines=self.lines(order.shop))
        if order.paid_at is not None:
            twin.paid_at = order.paid_at + later
        self.orders.append(twin)
        parcel.orders.append(twin)

    def promise(self, order: OrderPlan, fate: Fate, scene: Scene) -> None:
        """Most troubles are found before the promise is broken, some after."""
        rng, zone = self.rng, order.buyer.place.zone
        if order.paid_at is not None and order.shop.code != "yuanfan" and order.plot != "not_shipped":
            order.promised_ship_at = order.paid_at + hours(48)
        if order.plot == "not_shipped" and order.paid_at is not None and rng.random() < 0.5:
            order.promised_ship_at = order.paid_at + hours(48)
        kept = rng.random() < KEPT
        if fate.promise is not None:
            order.promised_delivery_at = fate.promise
        elif scene.lasted is None:
            wanted = self.now + rng.choice((1, 2, 3)) * DAY if kept else self.now - hours(rng.uniform(1, 9))
            order.promised_delivery_at = max(wanted, scene.began - hours(20)) if not kept else end_of_day(wanted, zone)
        else:
            last = max((chapter[-1][0] for chapter in fate.chapters), default=scene.began + scene.lasted)
            order.promised_delivery_at = end_of_day(last + DAY, zone) if kept else scene.began + scene.lasted * 0.6

    # -- particulars -------------------------------------------------------------------------------------------------

    def shop(self) -> ShopFacts:
        return self.rng.choices(SHOPS, [shop.share for shop in SHOPS])[0]

    def way(self, shop: ShopFacts, buyer: Buyer) -> Way:
        place = buyer.place
        if shop.code == "qinghe":
            carrier = self.rng.choices(("sf", "zto", "yto", "jd"), (40, 25, 20, 15))[0]
        else:
            carrier = self.rng.choice(CARRIER_OF.get(place.country, ("tcat",)))
        return Way(carrier, shop.language, shop.home, shop.country, place.city, place.country, place.district)

    def lines(self, shop: ShopFacts) -> list[Line]:
        goods = self.rng.sample(GOODS[shop.code], self.rng.choices((1, 2, 3), (60, 28, 12))[0])
        return [
            Line(number, sku, name, self.rng.choices((1, 2), (85, 15))[0], Decimal(price))
            for number, (sku, name, price) in enumerate(goods, start=1)
        ]

    # -- the end -----------------------------------------------------------------------------------------------------

    def finish(self) -> Plan:
        """What lies in the future has not happened: drop it, then number what is left by time."""
        now = self.now
        for order in self.orders:
            for name in ("paid_at", "shipped_at", "cancelled_at"):
                at = getattr(order, name)
                if at is not None and at > now:
                    setattr(order, name, None)
        parcels = sorted(
            (each for each in self.parcels if each.announced_at <= now), key=lambda each: each.announced_at
        )
        for parcel in parcels:
            past = [[(at, beat) for at, beat in chapter if at <= now] for chapter in parcel.chapters]
            parcel.chapters = [chapter for chapter in past if chapter]
            parcel.number = self.number(parcel.carrier)
        orders = sorted((each for each in self.orders if each.placed_at <= now), key=lambda each: each.placed_at)
        for count, order in enumerate(orders, start=1):
            order.number = f"{order.shop.prefix}{order.placed_at:%y%m%d}{count:04d}"
        return Plan(now, self.buyers.all, orders, parcels)

    def number(self, carrier: str) -> str:
        *_, prefix, digits = CARRIERS[carrier]
        return prefix + "".join(str(self.rng.randrange(10)) for _ in range(digits))


def told_at_once(parcel: ParcelPlan) -> bool:
    """Whether nothing about this parcel is worth watching: its whole story may be told in the present."""
    return all(not order.plot for order in parcel.orders)
