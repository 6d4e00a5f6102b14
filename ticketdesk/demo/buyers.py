"""Made-up buyers. Some come back: half of the orders of a shop are from people who have bought before. Pure."""

from dataclasses import dataclass
from random import Random

from ticketdesk.demo.catalogue import FAMILY, GIVEN, PHONES, PLACES, WESTERN, ShopFacts

COME_BACK = 0.3
VIPS = 0.07


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody lives."""

    country: str
    region: str
    city: str
    district: str
    postcode: str
    zone: str
    street: str


@dataclass(frozen=True, slots=True)
class Buyer:
    """One buyer of one shop. `number` is the shop's own."""

    shop: str
    number: str
    name: str
    phone: str
    email: str
    language: str
    vip: bool
    place: Place
    address: str


class Buyers:
    """Gives each order its buyer."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.all: list[Buyer] = []

    def next(self, shop: ShopFacts) -> Buyer:
        """Somebody who has bought in this shop before, or somebody new."""
        known = [buyer for buyer in self.all if buyer.shop == shop.code]
        if known and self.rng.random() < COME_BACK:
            return self.rng.choice(known)
        buyer = self._somebody(shop)
        self.all.append(buyer)
        return buyer

    def _somebody(self, shop: ShopFacts) -> Buyer:
        rng, count = self.rng, len(self.all) + 1
        place = Place(*rng.choice(PLACES[shop.code]))
        name = self._name(shop, place.country)
        digits = count % (1000 if "{d:03d}" in PHONES[place.country] else 10000)
        flat = f" {rng.randint(1, 20)}-{rng.randint(101, 2204)}" if shop.code != "yuanfan" else ""
        return Buyer(
            shop=shop.code,
            number=f"{shop.prefix}-C{count:05d}",
            name=name,
            phone=PHONES[place.country].format(d=digits),
            email=f"buyer{count:04d}@mail.example",
            language=shop.language,
            vip=rng.random() < VIPS,
            place=place,
            address=place.street.format(n=rng.randint(1, 288)) + flat,
        )

    def _name(self, shop: ShopFacts, country: str) -> str:
        if shop.language in FAMILY:
            return self.rng.choice(FAMILY[shop.language]) + self.rng.choice(GIVEN[shop.language])
        given, family = WESTERN[country]
        return f"{self.rng.choice(given)} {self.rng.choice(family)}"
