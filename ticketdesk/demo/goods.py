"""The demo's stock and trade documents: a few articles run short, a few papers do not agree with their orders.

The orders are written beforehand; what happens to them is told through services while the history is played.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from django.db import transaction

from orders.models import Customer, Order, OrderLine, Shop, Warehouse
from orders.services import documents
from orders.services.documents import Given
from orders.services.judging import judge_orders, lock
from orders.services.milestones import sync_milestones
from orders.services.stocking.settling import settle
from orders.services.stocking.sweep import sweep_until_idle
from orders.services.stocking.telling import Delivery, Told, tell
from ticketdesk.accounts.models import User
from ticketdesk.demo.catalogue import GOODS, SHOP
from ticketdesk.demo.history import History
from ticketdesk.demo.moments import DAY, HOUR, hours

WAREHOUSES = {
    "qinghe": (("HZ-1", "杭州一号仓"), ("CD-1", "成都分仓")), "yuanfan": (("SZ-1", "Shenzhen"), ("NJ-1", "New Jersey")),
    "shanlan": (("TPE", "台北倉"),),
}  # fmt: skip
# What everybody wants at once: (SKU, name, price).
SCARCE = {
    "qinghe": ("QH-XM-118", "圣诞限定香薰礼盒", "268.00"),
    "yuanfan": ("YF-ADV-24", "Advent calendar, 24 gadgets", "79.00"),
    "shanlan": ("SL-HOT-9", "手作陶瓷火鍋組", "1980"),
}  # fmt: skip
STOCK_SINCE = hours(72)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An order for a scarce article, paid so many hours ago."""

    shop: str
    qty: int
    paid_ago: float


@dataclass(frozen=True, slots=True)
class Papers:
    """An order whose documents came so many hours ago: `wrong` by how much, and when a corrected one came."""

    paid_ago: float
    told_ago: float
    wrong: str = ""
    corrected_ago: float | None = None


WANTED = (
    Wanted("qinghe", 4, 30), Wanted("qinghe", 2, 9), Wanted("yuanfan", 1, 3.5), Wanted("yuanfan", 2, 20),
    Wanted("shanlan", 2, 58),
)  # fmt: skip
PAPERS = (
    Papers(26, 11, "quantity"), Papers(14, 6, "amount"), Papers(7, 2, "missing"), Papers(44, 31, "quantity", 9),
    Papers(18, 8),
)  # fmt: skip


class Goods:
    """Writes the orders, tells the history what happens to them, and fills the shelves at the end."""

    def __init__(self, shops: dict[str, Shop], people: dict[str, User], *, now: datetime, seed: int) -> None:
        self.shops, self.clerk, self.now = shops, people["supervisor"], now
        self.rng = Random(seed)  # noqa: S311  # a story, not a secret
        self.wanted = [
            (each, self._order(each.shop, each.paid_ago, [(*SCARCE[each.shop], each.qty)])) for each in WANTED
        ]
        self.papers = [(each, self._order("yuanfan", each.paid_ago, self._lines())) for each in PAPERS]
        sync_milestones(order.pk for _, order in (*self.wanted, *self.papers))

    def _lines(self) -> list[tuple[str, str, str, int]]:
        return [(*goods, self.rng.randint(2, 6)) for goods in self.rng.sample(GOODS["yuanfan"], 3)]

    def _order(self, code: str, paid_ago: float, lines: list[tuple[str, str, str, int]]) -> Order:
        shop, paid_at = self.shops[code], (self.now - hours(paid_ago)).replace(microsecond=0)
        buyers = list(Customer.objects.filter(shop=shop).order_by("pk")[:40])
        buyer = self.rng.choice(buyers)
        order = Order.objects.create(
            shop=shop, customer=buyer, placed_at=paid_at - HOUR / 4, paid_at=paid_at,
            external_no=f"{SHOP[code].prefix}{paid_at:%y%m%d}{9000 + self.rng.randrange(900)}",
            # a day that keeps them from being late for any other reason
            promised_ship_at=self.now + hours(self.rng.randint(24, 60)), promised_delivery_at=self.now + 9 * DAY,
            currency=shop.currency, total=sum(Decimal(price) * qty for _, _, price, qty in lines),
            dest_country=buyer.country, dest_region=buyer.region, dest_city=buyer.city,
            cross_border=buyer.country != shop.country,
        )  # fmt: skip
        OrderLine.objects.bulk_create(
            OrderLine(order=order, line_no=no, sku=sku, name=name, qty=qty, unit_price=Decimal(price))
            for no, (sku, name, price, qty) in enumerate(lines, start=1)
        )
        return order

    def tell(self, history: History) -> None:
        """Have all of it happen."""
        history.happen(self.now - STOCK_SINCE, self._first_stock)
        for _, order in self.wanted:
            history.happen(order.paid_at or self.now, partial(self._confirmed, order))
        history.happen(self.now - hours(34), self._comes_in)
        for number, (each, order) in enumerate(self.papers, start=1):
            kinds = ("invoice", "packing_list") if number % 2 else ("invoice",)
            for kind in kinds:
                wrong = each.wrong if kind == kinds[-1] or each.wrong == "amount" else ""
                history.happen(self.now - hours(each.told_ago), partial(self._paper, order, kind, number, wrong))
                if each.corrected_ago is not None:
                    corrected = partial(self._paper, order, kind, number, "")
                    history.happen(self.now - hours(each.corrected_ago), corrected)

    def fill(self) -> None:
        """Ordinary articles lie there in plenty, some of them near the mark at which more is ordered."""
        for code, shop in self.shops.items():
            told = []
            for rank, (place, _) in enumerate(WAREHOUSES[code]):
                for sku, name, _price in GOODS[code][rank:]:
                    many = self.rng.randint(24, 260)
                    low_at = self.rng.choice((10, 20, 30))
                    coming = [self._delivery(self.rng.randint(4, 20), 100)] if many < low_at + 20 else []
                    told.append(Told(place, sku, many, name, low_at, coming))
            tell(shop=shop, told=told, now=self.now)
        sweep_until_idle(now=self.now)

    def _delivery(self, days: int, qty: int) -> Delivery:
        at = (self.now + timedelta(days=days)).replace(hour=2, minute=0, second=0, microsecond=0)
        return Delivery(qty, at, f"PO-{self.rng.randrange(4000, 4999)}")

    # -- what happens ------------------------------------------------------------------------------------------------

    def _first_stock(self, now: datetime) -> None:
        for code, places in WAREHOUSES.items():
            Warehouse.objects.bulk_create(
                Warehouse(shop=self.shops[code], code=place, name=name, rank=10 * rank)
                for rank, (place, name) in enumerate(places, start=1)
            )
            sku, name, _ = SCARCE[code]
            coming = [] if code == "yuanfan" else [self._delivery(3, 60)]
            on_hand = 3 if code == "qinghe" else 0
            tell(shop=self.shops[code], told=[Told(places[0][0], sku, on_hand, name, 5, coming)], now=now)

    def _comes_in(self, now: datetime) -> None:
        tell(shop=self.shops["shanlan"], told=[Told("TPE", SCARCE["shanlan"][0], 40, incoming=[])], now=now)
        sweep_until_idle(now=now)

    @transaction.atomic
    def _confirmed(self, order: Order, now: datetime) -> None:
        lock([order.pk])
        settle(order.shop_id, [order.pk], present=now)
        judge_orders(order.shop_id, [order.pk], now=now)

    def _paper(self, order: Order, kind: str, number: int, wrong: str, now: datetime) -> None:
        lines = []
        for line in order.lines.order_by("line_no"):
            qty, price = line.qty, line.unit_price
            if line.line_no == 1 and wrong == "missing":
                continue
            if line.line_no == 1 and wrong == "quantity":
                qty -= 1
            if line.line_no == 1 and wrong == "amount":
                price += 2
            amount = str(price * qty) if kind == "invoice" else None
            lines.append((line.sku, line.name, qty, amount, None))
        title = {"invoice": "CI", "packing_list": "PL"}[kind]
        given = Given(kind, f"{title}-{self.now:%y%m}{number:02}", currency=order.currency, lines=lines)
        documents.add(order=order, given=given, by=self.clerk, now=now)
