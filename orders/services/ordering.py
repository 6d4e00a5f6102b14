"""Taking in what a shop says about one order: the order itself, and later what happened to it.

Row, milestones, status and anomalies change together. Everybody locks an order's due row before the order's own row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from orders.models import Customer, Order, OrderLine, ShipmentItem, Shop
from orders.services.arming import sync_statuses
from orders.services.judging import judge_orders, lock
from orders.services.milestones import sync_milestones
from orders.services.noticing import notice_milestones
from orders.services.stocking.settling import settle
from orders.services.storing.people import customer_number
from orders.timeline import FUTURE
from ticketdesk.accounts.sealed import blind_index, phone_keys

MOST = Decimal("999999999999.99")
FACTS = ("placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at")
# Pairs of times that cannot come the other way round. Goods may leave before they are paid for.
SEQUENCES = (
    ("placed_at", "paid_at"),
    ("placed_at", "shipped_at"),
    ("placed_at", "delivered_at"),
    ("placed_at", "cancelled_at"),
    ("shipped_at", "delivered_at"),
    ("placed_at", "promised_ship_at"),
    ("placed_at", "promised_delivery_at"),
    ("promised_ship_at", "promised_delivery_at"),
)


class Refused(ValueError):
    """What was said cannot be true or does not fit; `fields` are what to correct."""

    def __init__(self, fields: Sequence[str], message: str) -> None:
        super().__init__(message)
        self.fields = tuple(fields)


class Stale(ValueError):
    """The order changed after the caller had looked at it."""

    def __init__(self, order: Order, seen: int) -> None:
        super().__init__(f"The order has changed (version {order.version}, you saw {seen}). Look again, then repeat.")
        self.order = order


@dataclass(frozen=True, slots=True)
class Told:
    """What a shop says of an order: columns of the order, and what hangs on it; None says nothing."""

    columns: Mapping[str, Any]
    customer: Mapping[str, Any] | None = None
    lines: Sequence[Mapping[str, Any]] | None = None


@transaction.atomic
def record_order(*, shop: Shop, channel: str, external_no: str, told: Told, now: datetime) -> tuple[Order, bool]:
    """Store an order of the shop, or change the one known by this channel and number; the order, and whether it is new.

    `told.columns` holds `placed_at`. `now` is the desk's clock; the order is judged at the shop's own present. Raises
    Refused for times in an impossible sequence and for lines that lie in a parcel but are not named any more.
    """
    order, created = _claimed(shop, channel, external_no, told.columns["placed_at"])
    columns = dict(told.columns)
    if told.customer is not None:
        columns["customer"] = _customer(shop, told.customer)
    if "cross_border" not in columns and columns.get("dest_country"):
        columns["cross_border"] = columns["dest_country"] != shop.country
    lines_changed = told.lines is not None and _write_lines(order, told.lines)
    if created:
        columns.setdefault("total", _worth(told.lines or ()))
        columns.setdefault("currency", shop.currency)
    if _change(order, columns, now) or lines_changed or created:
        order.version += 0 if created else 1
        _follow(order, now)
    return order, created


@transaction.atomic
def record_facts(
    *, order: Order, facts: Mapping[str, datetime | None], now: datetime, version: int | None = None
) -> Order:
    """Change what is known or promised of an order; None takes a time back. `now` is the desk's clock.

    Raises Refused for times in an impossible sequence, Stale when `version` is not the order's present one.
    """
    lock([order.pk])
    locked = Order.objects.select_for_update(of=("self",), no_key=True).select_related("shop").get(pk=order.pk)
    if version is not None and version != locked.version:
        raise Stale(locked, version)
    if _change(locked, facts, now):
        locked.version += 1
        _follow(locked, now)
    return locked


def _claimed(shop: Shop, channel: str, external_no: str, placed_at: datetime) -> tuple[Order, bool]:
    known = Order.objects.filter(shop=shop, channel=channel, external_no=external_no)
    pk = known.values_list("pk", flat=True).first()
    if pk is None:
        try:
            with transaction.atomic():
                order = Order(shop=shop, channel=channel, external_no=external_no, placed_at=placed_at)
                order.save(force_insert=True)
                return order, True
        except IntegrityError:  # somebody else told of it at the same moment
            pk = known.values_list("pk", flat=True).get()
    lock([pk])
    return Order.objects.select_for_update(of=("self",), no_key=True).select_related("shop").get(pk=pk), False


def _change(order: Order, columns: Mapping[str, Any], now: datetime) -> list[str]:
    changed = [name for name, value in columns.items() if getattr(order, name) != value]
    for name in changed:
        setattr(order, name, columns[name])
    if {"ship_name", "ship_phone"} & set(changed):
        _index(order)
    _check_times(order, max(now, order.shop.present(now)))
    return changed


def _check_times(order: Order, now: datetime) -> None:
    for name in FACTS:
        at = getattr(order, name)
        if at is not None and at > now + FUTURE:
            raise Refused([name], f"{name} lies in the future. Send it once it has happened.")
    for earlier, later in SEQUENCES:
        first, second = getattr(order, earlier), getattr(order, later)
        if first is not None and second is not None and second < first:
            raise Refused([earlier, later], f"{later} is earlier than {earlier}. Correct one of them.")


def _follow(order: Order, now: datetime) -> None:
    order.updated_at = Now()
    order.save()
    present = order.shop.present(now)
    sync_statuses([order.pk], present=present)
    sync_milestones([order.pk])
    notice_milestones(order.shop_id, [order.pk], now=present)
    settle(order.shop_id, [order.pk], present=present)
    judge_orders(order.shop_id, [order.pk], now=present)
    order.refresh_from_db(fields=["status", "updated_at"])


def _index(order: Order) -> None:
    region = order.dest_country or order.shop.country
    order.name_key = blind_index("name", order.ship_name) if order.ship_name else None
    exact, last4 = phone_keys(order.ship_phone or "", region)
    order.phone_key, order.phone_last4_key = exact or None, last4 or None


def _customer(shop: Shop, told: Mapping[str, Any]) -> Customer:
    number = customer_number(told, shop.country)
    if not number:
        raise Refused(["customer.phone"], "This phone number has no digits. Give external_id, phone or email.")
    columns = {name: value for name, value in told.items() if name != "external_id"}
    if told.get("name"):
        columns["name_key"] = blind_index("name", told["name"])
    if told.get("phone"):
        exact, last4 = phone_keys(told["phone"], told.get("country") or shop.country)
        columns["phone_key"], columns["phone_last4_key"] = exact or None, last4 or None
    if told.get("email"):
        columns["email_key"] = blind_index("email", told["email"])
    customer, created = Customer.objects.get_or_create(shop=shop, external_id=number, defaults=columns)
    if not created and (changed := [name for name, value in columns.items() if _differs(customer, name, value)]):
        for name in changed:
            setattr(customer, name, columns[name])
        customer.save(update_fields=changed)
    return customer


def _differs(customer: Customer, name: str, value: Any) -> bool:
    stored = getattr(customer, name)
    return bool((bytes(stored) if isinstance(stored, memoryview) else stored) != value)


def _worth(lines: Sequence[Mapping[str, Any]]) -> Decimal:
    total = Decimal(0)
    for line in lines:
        total += line.get("unit_price", Decimal(0)) * line.get("qty", 1) + line.get("freight", Decimal(0))
    if total > MOST:
        raise Refused(["lines"], f"The lines add up to more than {MOST}. Correct qty and unit_price.")
    return total


def _write_lines(order: Order, lines: Sequence[Mapping[str, Any]]) -> bool:
    """Make the order's lines these; whether anything changed. A line that lies in a parcel is never dropped."""
    known = {line.line_no: line for line in order.lines.all()}
    dropped = [known[number].pk for number in known.keys() - {line["line_no"] for line in lines}]
    if ShipmentItem.objects.filter(line__in=dropped).exists():
        raise Refused(["lines"], "A line that lies in a parcel is missing. Send it as well.")
    OrderLine.objects.filter(pk__in=dropped).delete()
    fresh, changed = [], []
    for told in lines:
        line = known.get(told["line_no"])
        if line is None:
            fresh.append(OrderLine(order=order, **told))
        elif any(getattr(line, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(line, name, value)
            if line.shipped_qty > line.qty:
                raise Refused(["lines"], f"Of line {line.line_no} more is shipped than ordered. Correct its qty.")
            changed.append(line)
    OrderLine.objects.bulk_create(fresh)
    columns = ["sku", "name", "qty", "shipped_qty", "unit_price", "freight", "ship_limit_at"]
    OrderLine.objects.bulk_update(changed, columns)
    return bool(dropped or fresh or changed)
