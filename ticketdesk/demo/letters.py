"""Which buyers write or call, when, and about which of the plan's orders. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from ticketdesk.demo.catalogue import SHOPS
from ticketdesk.demo.moments import by_day, minutes
from ticketdesk.demo.plan import HISTORY, OrderPlan, Plan
from ticketdesk.demo.scripts import Step
from ticketdesk.demo.words import Letter, words

LETTERS = 20
"""How many letters and calls there are at scale 1."""


@dataclass(frozen=True, slots=True)
class Post:
    """A letter that arrives at a moment. With `steps` that is all that follows; None: the desk decides."""

    at: datetime
    order: OrderPlan
    letter: Letter
    grade: int | None = None
    steps: tuple[tuple[datetime, Step], ...] | None = None


# The last hours before the present: (minutes ago, kind, channel, grade, steps with their minutes ago).
SCENES: Sequence[tuple[float, str, str, int | None, tuple[tuple[float, Step], ...]]] = (
    (222, "complaint", "phone", 1, ((216, Step("reply", "complaint")), (200, Step("note")))),
    (207, "complaint", "email", 1, ((195, Step("accept")), (186, Step("reply", "complaint")),
                                    (150, Step("hand_over", "logistics")))),
    (96, "consultation", "email", None, ()),
    (71, "after_sale", "web", 2, ((60, Step("accept")),)),
    (47, "after_sale", "marketplace", 2, ()),
    (36, "complaint", "web", 1, ()),
    (28, "order_change", "phone", None, ((19, Step("reply", "order_change")),)),
    (22, "complaint", "marketplace", 1, ((15, Step("accept")),)),
    (11, "complaint", "email", 1, ()),
    (6, "consultation", "chat", None, ((5.4, Step("reply", "consultation")),)),
    (0.6, "consultation", "chat", None, ()),
)  # fmt: skip


def post(plan: Plan, seed: int, scale: float) -> Iterator[Post]:
    """All letters and calls, in no order."""
    rng = Random(f"{seed}:post")  # noqa: S311  # a story, not a secret
    ended = _delivered_at(plan)
    for _ in range(round(LETTERS * scale)):
        shop = rng.choices(SHOPS, [shop.share for shop in SHOPS])[0]
        letter = rng.choice(words(shop.language).letters)
        at = by_day(plan.now - minutes(260) - rng.random() * (HISTORY - timedelta(hours=5)), shop.time_zone, rng)
        order = _fitting(plan.orders, shop.code, letter.about, at, ended, rng)
        if order is not None:
            yield Post(at, order, letter)
    yield from _scenes(plan, ended, rng)


def _scenes(plan: Plan, ended: dict[int, datetime], rng: Random) -> Iterator[Post]:
    told: list[Letter] = []
    for ago, kind, channel, grade, steps in SCENES:
        shop = rng.choice(SHOPS)
        letters = [letter for letter in words(shop.language).letters if letter.kind == kind]
        if not letters:
            shop = SHOPS[0]
            letters = [letter for letter in words(shop.language).letters if letter.kind == kind]
        fresh = [letter for letter in letters if letter not in told]
        found = rng.choice(fresh or letters)
        told.append(found)
        at = plan.now - minutes(ago)
        order = _fitting(plan.orders, shop.code, found.about, at, ended, rng) or plan.orders[0]
        letter = Letter(kind, channel, found.about, found.subject, found.body)
        yield Post(at, order, letter, grade, tuple((plan.now - minutes(each), step) for each, step in steps))


def _delivered_at(plan: Plan) -> dict[int, datetime]:
    """When each order's last parcel arrived, by the id of its plan."""
    ended: dict[int, datetime] = {}
    for parcel in plan.parcels:
        at, beat = parcel.chapters[-1][-1]
        for order in parcel.orders:
            if beat.status == "delivered":
                ended[id(order)] = max(at, ended.get(id(order), at))
    return ended


def _fitting(
    orders: Sequence[OrderPlan], shop: str, about: str, at: datetime, ended: dict[int, datetime], rng: Random
) -> OrderPlan | None:
    """An order of the shop that stands as the letter says at that moment."""
    placed = [each for each in orders if each.shop.code == shop and each.placed_at < at and each.cancelled_at is None]
    fits = [each for each in placed if _stands(each, at, ended.get(id(each))) == about]
    return rng.choice(fits or placed) if placed else None


def _stands(order: OrderPlan, at: datetime, delivered_at: datetime | None) -> str:
    if delivered_at is not None and delivered_at <= at:
        return "delivered"
    if order.promised_delivery_at is not None and order.promised_delivery_at <= at:
        return "late"
    return "moving" if order.shipped_at is not None and order.shipped_at <= at else "unshipped"
