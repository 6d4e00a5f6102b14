"""Orders that are followed for weeks: made to order, sold before they are made, shipped overseas. Some of them slip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from orders.models import Customer, Milestone, Order, OrderLine, Promise, Shop
from orders.scheduling import earlier, lay
from orders.services.arming import arm
from orders.services.milestones import sync_milestones
from orders.services.planning import FACTS
from orders.services.promising import promise
from orders.steps import READY
from orders.workdays import workdays_of
from ticketdesk.accounts.models import User
from ticketdesk.demo.catalogue import GOODS, SHOP
from ticketdesk.demo.moments import DAY, hours

WATCHED_FOR = timedelta(days=3)
"""The sweeps look at them from then on."""


@dataclass(frozen=True, slots=True)
class Followed:
    """One order: its open step is due in so many hours (before now when negative); `slipped` was done days late."""

    shop: str
    kind: str
    step: str
    due_in: float
    slipped: str = ""
    by_days: int = 0
    promised: bool = False


ORDERS = (
    Followed("yuanfan", "foreign_trade", "production_done", 60),
    Followed("yuanfan", "foreign_trade", "production_done", -30, promised=True),
    Followed("yuanfan", "foreign_trade", "qc_passed", -8, "production_done", 5),
    Followed("yuanfan", "foreign_trade", "import_cleared", 20),
    Followed("yuanfan", "foreign_trade", "payment_confirmed", 30),
    Followed("qinghe", "made_to_order", "materials_ready", -50),
    Followed("qinghe", "made_to_order", "production_done", 30, "materials_ready", 4),
    Followed("qinghe", "made_to_order", "packed", -3),
    Followed("qinghe", "pre_sale", "materials_ready", 100),
)
EVIDENCE = {
    "risk_cleared": "Score 12", "order_confirmed": "PI countersigned", "materials_ready": "Goods receipt {n}",
    "production_started": "Batch {n}", "production_done": "Batch {n} complete", "qc_passed": "QC report {n}",
    "packed": "Packing list {n}", "booked": "Booking {n}", "export_cleared": "Declaration {n}",
    "departed": "Vessel left Yantian", "arrived": "Vessel at berth",
}  # fmt: skip


def write_followed(shops: dict[str, Shop], people: dict[str, User], *, now: datetime, seed: int) -> None:
    """Write them with their steps up to now; the sweeps find what is overdue."""
    rng = Random(seed)  # noqa: S311  # a story, not a secret
    calendars = workdays_of([shop.pk for shop in shops.values()])
    orders = []
    for number, each in enumerate(ORDERS, start=1):
        shop = shops[each.shop]
        steps = [step for step in READY[each.kind] if step.needed]
        calendar, wanted = calendars[shop.pk], now + hours(each.due_in)
        ends = lay(steps, calendar, placed_at=now - 400 * DAY, deliver_by=now + 60 * DAY)
        deliver_by = now + 60 * DAY - (ends[each.step] - wanted)
        ends = lay(steps, calendar, placed_at=now - 400 * DAY, deliver_by=deliver_by)
        first = steps[1]
        placed_at = earlier(ends[first.code], first.amount, first.unit, calendar) - hours(rng.uniform(2, 9))
        orders.append(_order(each, shop, number, min(placed_at, now - hours(5)), deliver_by, rng))
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(_lines(orders, rng))
    sync_milestones(order.pk for order in orders)
    _tell_steps(orders, people["supervisor"], now, rng)
    sync_milestones(order.pk for order in orders)
    arm((order.pk for order in orders), present=now - WATCHED_FOR)


def promise_anew(people: dict[str, User], *, now: datetime) -> None:
    """The buyer of an order that slipped was told a new time."""
    for number, each in enumerate(ORDERS, start=1):
        if each.promised:
            order = Order.objects.select_related("shop").get(shop__code=each.shop, external_no=_number(each, number))
            assert order.promised_delivery_at is not None
            promise(
                order=order, code=Milestone.Code.DELIVERED, promised_at=order.promised_delivery_at + 6 * DAY,
                reason="The mill delivers the last cartons a week late.", told_to="the buyer",
                channel=Promise.Channel.EMAIL, by=people["supervisor"], now=now,
            )  # fmt: skip


def _number(each: Followed, number: int) -> str:
    return f"{SHOP[each.shop].prefix}-{each.kind.split('_')[0].upper()}-{number:03d}"


def _order(
    each: Followed, shop: Shop, number: int, placed_at: datetime, deliver_by: datetime, rng: Random
) -> Order:  # fmt: skip
    buyers = list(Customer.objects.filter(shop=shop).order_by("pk")[:40])
    buyer = rng.choice(buyers)
    return Order(
        shop=shop, external_no=_number(each, number), order_type=each.kind, customer=buyer,
        placed_at=placed_at.replace(microsecond=0), currency=shop.currency, total=Decimal(0),
        promised_delivery_at=deliver_by.replace(minute=0, second=0, microsecond=0),
        cross_border=buyer.country != shop.country,
        dest_country=buyer.country, dest_region=buyer.region, dest_city=buyer.city, dest_postcode=buyer.postcode,
        ship_name=buyer.name, ship_phone=buyer.phone, name_key=buyer.name_key, phone_key=buyer.phone_key,
    )  # fmt: skip


def _lines(orders: Sequence[Order], rng: Random) -> list[OrderLine]:
    lines = []
    for order in orders:
        for number, (sku, name, price) in enumerate(rng.sample(GOODS[order.shop.code], 2), start=1):
            line = OrderLine(order=order, line_no=number, sku=sku, name=name, qty=rng.choice((40, 60, 120)))
            line.unit_price = Decimal(price)
            order.total += line.unit_price * line.qty
            lines.append(line)
    Order.objects.bulk_update(orders, ["total"])
    return lines


def _tell_steps(orders: Sequence[Order], by: User, now: datetime, rng: Random) -> None:
    """Every step before the open one is done, about when it was planned; one of them may have slipped by days."""
    done: list[Milestone] = []
    for order, each in zip(orders, ORDERS, strict=True):
        for step in order.milestones.all():
            if step.code == each.step:
                break
            planned = step.planned_at or order.placed_at
            late = each.by_days * DAY if step.code == each.slipped else hours(rng.uniform(-6, -0.2))
            at = min(max(planned + late, order.placed_at), now - hours(1)).replace(microsecond=0)
            if step.code in FACTS:
                setattr(order, FACTS[step.code], order.placed_at if step.code == "order_received" else at)
            else:
                step.actual_at, step.done_by = at, by
                step.evidence = EVIDENCE.get(step.code, "").format(n=rng.randrange(1000, 9999))
                done.append(step)
    Order.objects.bulk_update(orders, ["paid_at", "shipped_at", "delivered_at"])
    Milestone.objects.bulk_update(done, ["actual_at", "done_by", "evidence"])
