"""The demo's incident: a delivery station snowed in, and a dozen orders behind it as one ticket."""

from datetime import datetime

from orders import surges
from orders.finding import number_norm
from orders.models import Carrier, Customer, Order, OrderLine, Shipment, ShipmentItem, Shop
from orders.projection import Scan
from orders.services import incidents as of_orders
from orders.services.tracking import record_many
from ticketdesk.accounts.models import User
from ticketdesk.demo.catalogue import GOODS
from ticketdesk.demo.moments import hours, minutes
from tickets import incidents, intake, services

SHOP, CARRIER, STATION = "qinghe", "yto", "哈尔滨南岗营业部"
ORDERS, USUAL, SCATTER = 13, 0.4, 1.3
TEXT = "大雪封路,派送失败,改日再派"
STORY = (
    (70.0, "picked_up", "accepted", "杭州市", "已揽收"),
    (50.0, "in_transit", "departed_facility", "杭州转运中心", "离开杭州转运中心"),
    (16.0, "in_transit", "arrived_facility", STATION, "到达哈尔滨南岗营业部"),
)


def make_incident(shops: dict[str, Shop], carriers: dict[str, Carrier], people: dict[str, User], now: datetime) -> None:
    """Orders whose delivery failed at one station within the last hour, the incident they make, and its first steps."""
    shop = shops[SHOP]
    buyers = list(Customer.objects.filter(shop=shop, country="CN").order_by("id")[:ORDERS])
    told = {}
    for number, buyer in enumerate(buyers):
        parcel = _parcel(shop, carriers[CARRIER], buyer, number, now)
        told[parcel.pk] = [_scan(now - hours(ago), *rest) for ago, *rest in STORY]
        told[parcel.pk].append(_scan(now - minutes(8 + 3 * number), "attempt_failed", "other", STATION, TEXT))
    at = now - minutes(5)
    record_many(shop_id=shop.pk, told=told, now=at)
    place = Shipment.objects.filter(pk__in=told).order_by("pk").values_list("place", flat=True).first()
    began = now - hours(1)
    verdict = surges.judged(len(buyers), len(buyers), USUAL, SCATTER)
    made = of_orders.open_incident(
        shop_id=shop.pk, kind="hub", key=place or STATION, label=STATION, code="delivery_failed",
        cause=verdict.cause or "spike",
        started_at=began, present=at,
        evidence={
            "x": verdict.x, "orders": len(buyers), "expected": USUAL, "hour": began.isoformat(), "tail": verdict.tail,
            "dispersion": SCATTER, "drift": 0.0, "segments": [],
        },
    )  # fmt: skip
    if made is None:
        return
    usual = [int(n % 5 == 0) for n in range(24)]
    made.series = [[(began - hours(24 - n)).isoformat(), x, USUAL] for n, x in enumerate(usual)]
    made.series.append([began.isoformat(), len(buyers), USUAL])
    made.save(update_fields=["series"])
    of_orders.take_new(shop.pk, present=at)
    incidents.take_in()
    intake.take_in()
    made.refresh_from_db()
    services.tick(ticket=made.ticket, by=people["supervisor"], now=now - minutes(2), step="lead", done=True)


def _parcel(shop: Shop, carrier: Carrier, buyer: Customer, number: int, now: datetime) -> Shipment:
    sku, name, price = GOODS[SHOP][number % len(GOODS[SHOP])]
    placed = (now - hours(80) - minutes(31 * number)).replace(microsecond=0)
    order = Order.objects.create(
        shop=shop, external_no=f"QH{placed:%y%m%d}S{number:03d}", customer=buyer, placed_at=placed,
        paid_at=placed + minutes(2), shipped_at=now - hours(70), promised_delivery_at=now + hours(30 + number),
        currency=shop.currency, total=price, dest_country="CN", dest_region="黑龙江", dest_city="哈尔滨",
        dest_postcode="150000", ship_name=buyer.name, ship_phone=buyer.phone,
        ship_address=f"南岗区西大直街 {100 + number} 号", name_key=buyer.name_key, phone_key=buyer.phone_key,
        phone_last4_key=buyer.phone_last4_key, status="shipped",
    )  # fmt: skip
    line = OrderLine.objects.create(order=order, line_no=1, sku=sku, name=name, qty=1, unit_price=price, shipped_qty=1)
    text = f"YT88{number:011d}"
    parcel = Shipment.objects.create(
        shop=shop, carrier=carrier, number=text, number_norm=number_norm(text), status="info_received",
        sub_status="label_created", announced_at=now - hours(71), origin_country="CN", dest_country="CN",
    )  # fmt: skip
    ShipmentItem.objects.create(shipment=parcel, order=order, line=line)
    return parcel


def _scan(at: datetime, status: str, sub_status: str, city: str, text: str) -> Scan:
    return Scan(
        occurred_at=at.replace(microsecond=0), status=status, sub_status=sub_status, source="api", is_physical=True,
        text=text, city=city, country="CN",
    )  # fmt: skip
