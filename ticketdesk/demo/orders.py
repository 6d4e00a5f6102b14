"""The plan's orders as rows. Parcels are written without scans: those are told later, through the tracking service."""

from collections.abc import Sequence
from datetime import datetime

from orders.finding import number_norm
from orders.models import Carrier, Customer, Order, OrderLine, Payment, Shipment, ShipmentItem, Shop
from orders.projection import Scan
from orders.services.arming import arm, sync_statuses
from orders.services.milestones import sync_milestones
from ticketdesk.accounts.sealed import blind_index, phone_keys
from ticketdesk.demo.buyers import Buyer
from ticketdesk.demo.plan import OrderPlan, ParcelPlan, Plan
from ticketdesk.demo.plots import At

BEFORE_SHIPPING = frozenset({"not_shipped", "unapproved"})
METHODS = {"qinghe": "alipay", "yuanfan": "card", "shanlan": "line_pay"}


def write_orders(plan: Plan, shops: dict[str, Shop], carriers: dict[str, Carrier]) -> list[Shipment]:
    """Write buyers, orders, lines, payments and parcels; the shipments in the order of the plan's parcels."""
    customers = _customers(plan.buyers, shops)
    orders = [_order(each, shops, customers) for each in plan.orders]
    Order.objects.bulk_create(orders, batch_size=200)
    row_of = {id(each): order for each, order in zip(plan.orders, orders, strict=True)}
    lines = _lines(plan.orders, row_of)
    _payments(plan.orders, row_of)
    shipments = [_shipment(parcel, shops, carriers) for parcel in plan.parcels]
    Shipment.objects.bulk_create(shipments)
    items = [
        ShipmentItem(shipment=shipment, order=row_of[id(order)], line=line)
        for parcel, shipment in zip(plan.parcels, shipments, strict=True)
        for order in parcel.orders
        for line in ([None] if parcel.lines is None else [lines[row_of[id(order)].pk, no] for no in parcel.lines])
    ]
    ShipmentItem.objects.bulk_create(items)
    told = {id(order) for parcel in plan.parcels for order in parcel.orders if order.plot not in BEFORE_SHIPPING}
    sync_milestones(order.pk for order in orders)
    # An order whose parcel has a story is judged, and armed, when the story is told.
    arm((row_of[id(each)].pk for each in plan.orders if id(each) not in told), present=plan.orders[0].placed_at)
    return shipments


def settle_statuses(now: datetime) -> None:
    """Bring the words for all orders' statuses in line with the present."""
    sync_statuses(Order.objects.values_list("id", flat=True), present=now)


def scans(chapter: Sequence[At]) -> list[Scan]:
    """A chapter as scans."""
    return [
        Scan(
            occurred_at=at.replace(microsecond=0), status=beat.status, sub_status=beat.sub_status, source="api",
            is_physical=beat.is_physical, text=beat.text, city=beat.city, country=beat.country,
        )
        for at, beat in chapter
    ]  # fmt: skip


def _customers(buyers: Sequence[Buyer], shops: dict[str, Shop]) -> dict[str, Customer]:
    made = {}
    for buyer in buyers:
        exact, last4 = phone_keys(buyer.phone, buyer.place.country)
        made[buyer.number] = Customer(
            shop=shops[buyer.shop], external_id=buyer.number, tier="vip" if buyer.vip else "normal",
            language=buyer.language, name=buyer.name, phone=buyer.phone, email=buyer.email,
            name_key=blind_index("name", buyer.name), phone_key=exact, phone_last4_key=last4,
            email_key=blind_index("email", buyer.email), country=buyer.place.country, region=buyer.place.region,
            city=buyer.place.city, postcode=buyer.place.postcode,
        )  # fmt: skip
    Customer.objects.bulk_create(made.values(), batch_size=200)
    return made


def _order(each: OrderPlan, shops: dict[str, Shop], customers: dict[str, Customer]) -> Order:
    buyer, place = each.buyer, each.buyer.place
    exact, last4 = phone_keys(buyer.phone, place.country)
    return Order(
        shop=shops[each.shop.code], external_no=each.number, customer=customers[buyer.number],
        placed_at=each.placed_at.replace(microsecond=0), paid_at=_whole(each.paid_at),
        shipped_at=_whole(each.shipped_at),
        cancelled_at=_whole(each.cancelled_at), promised_ship_at=_whole(each.promised_ship_at),
        promised_delivery_at=_whole(each.promised_delivery_at), currency=each.shop.currency, total=each.total,
        cross_border=place.country != each.shop.country, dest_country=place.country, dest_region=place.region,
        dest_city=place.city, dest_postcode=place.postcode, ship_name=buyer.name, ship_phone=buyer.phone,
        ship_address=buyer.address, name_key=blind_index("name", buyer.name), phone_key=exact, phone_last4_key=last4,
    )  # fmt: skip


def _lines(plans: Sequence[OrderPlan], row_of: dict[int, Order]) -> dict[tuple[int, int], OrderLine]:
    rows = {
        (row_of[id(each)].pk, line.number): OrderLine(
            order=row_of[id(each)], line_no=line.number, sku=line.sku, name=line.name, qty=line.qty,
            unit_price=line.price, shipped_qty=line.qty if each.shipped_at else 0,
        )
        for each in plans
        for line in each.lines
    }  # fmt: skip
    OrderLine.objects.bulk_create(rows.values())
    return rows


def _payments(plans: Sequence[OrderPlan], row_of: dict[int, Order]) -> None:
    Payment.objects.bulk_create(
        Payment(
            order=row_of[id(each)],
            seq=1,
            method=METHODS[each.shop.code],
            amount=each.total,
            paid_at=_whole(each.paid_at),
        )
        for each in plans
        if each.paid_at is not None
    )


def _shipment(parcel: ParcelPlan, shops: dict[str, Shop], carriers: dict[str, Carrier]) -> Shipment:
    first = parcel.orders[0]
    return Shipment(
        shop=shops[first.shop.code], carrier=carriers[parcel.carrier], number=parcel.number,
        number_norm=number_norm(parcel.number), status="info_received", sub_status="label_created",
        announced_at=_whole(parcel.announced_at), eta_at=_whole(parcel.eta_at), origin_country=first.shop.country,
        dest_country=first.buyer.place.country,
    )  # fmt: skip


def _whole(at: datetime | None) -> datetime | None:
    return None if at is None else at.replace(microsecond=0)
