"""The list of orders: what it is narrowed to, its pages, and what stands in a row."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from orders import labels
from orders.finding import find_orders
from orders.models import Anomaly, Order, ShipmentItem
from orders.presents import Presents
from orders.showing import stage_of
from ticketdesk.words import in_each_language

PAGE = 50
# What a row shows or is judged by. Nobody's personal data is among it, so a list does not unseal any.
COLUMNS = (
    *("external_no", "status", "total", "currency", "placed_at", "paid_at", "shipped_at", "delivered_at"),
    *("cancelled_at", "promised_delivery_at", "shop__name", "customer__tier"),
)
# What is found in shadow is shown on the pages about detectors only.
OPEN = Q(closed_at__isnull=True) & ~Q(state="suspected")
status_label, stage_label = in_each_language(labels.status_label), in_each_language(labels.stage_label)


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """What the list is narrowed to; empty means everything."""

    text: str = ""
    shop: int | None = None
    stage: str = ""
    anomaly: str = ""
    """A detector's code, or "any"."""
    late: bool = False

    def narrow(self, orders: QuerySet[Order], presents: Presents) -> QuerySet[Order]:
        """The orders that fit, of those that exist at the present of their shop."""
        orders = orders.filter(presents.at_or_before("placed_at"))
        if self.text.strip():
            orders = orders.filter(pk__in=find_orders(self.text))
        if self.shop:
            orders = orders.filter(shop=self.shop)
        if self.stage:
            orders = orders.filter(_at_stage(self.stage, presents))
        if self.anomaly:
            found = Anomaly.objects.filter(OPEN, order=OuterRef("pk"))
            orders = orders.filter(Exists(found if self.anomaly == "any" else found.filter(code=self.anomaly)))
        if self.late:
            orders = orders.filter(presents.at_or_before("promised_delivery_at") & _going_on(presents))
        return orders


def _going_on(presents: Presents) -> Q:
    """Neither delivered nor cancelled; where no history is replayed, as the index order_open_newest has it."""
    if not presents.replayed:
        return Q(delivered_at__isnull=True, cancelled_at__isnull=True)
    return ~(presents.at_or_before("delivered_at") | presents.at_or_before("cancelled_at"))


def _at_stage(stage: str, presents: Presents) -> Q:
    reached = {
        "cancelled": presents.at_or_before("cancelled_at"),
        "delivered": presents.at_or_before("delivered_at"),
        "shipped": presents.at_or_before("shipped_at"),
        "paid": presents.at_or_before("paid_at"),
    }
    condition = Q()
    for later, times in reached.items():
        if later == stage:
            return condition & times
        condition &= ~times
    return condition


@dataclass(slots=True)
class OrderRow:
    """One line of the list."""

    order: Order
    stage: str
    late: bool
    parcels: list[dict[str, Any]] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)

    @property
    def stage_label(self) -> str:
        """The stage in words."""
        return stage_label(self.stage)


class BadCursor(ValueError):
    """A list was asked to go on from a place that it never gave out."""

    def __init__(self) -> None:
        super().__init__("This page's address is damaged. Start again from the first page.")


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of the list, and the cursor of the next one ("" on the last)."""

    rows: list[OrderRow]
    next: str


def page(orders: QuerySet[Order], presents: Presents, *, cursor: str = "", limit: int = PAGE) -> OrderPage:
    """One page, newest first; three queries. Raises BadCursor for a cursor that this list never gave out."""
    orders = orders.select_related("shop", "customer").only(*COLUMNS).order_by("-placed_at", "-id")
    if cursor:
        # A row comparison is an index condition; the same written with OR would be a filter from the start.
        after = "(orders_order.placed_at, orders_order.id) < (%s, %s)"
        orders = orders.filter(RawSQL(after, _read(cursor), output_field=BooleanField()))
    found = list(orders[: limit + 1])
    last = found[limit - 1] if len(found) > limit else None
    return OrderPage(_rows(found[:limit], presents), f"{last.placed_at.isoformat()}_{last.pk}" if last else "")


def _read(cursor: str) -> tuple[datetime, int]:
    placed_at, _, last_id = cursor.rpartition("_")
    try:
        return datetime.fromisoformat(placed_at), int(last_id)
    except ValueError:
        raise BadCursor from None


def _rows(orders: Sequence[Order], presents: Presents) -> list[OrderRow]:
    ids = [order.pk for order in orders]
    anomalies: dict[int, list[Anomaly]] = defaultdict(list)
    wrong = Anomaly.objects.filter(OPEN, order__in=ids).order_by("grade", "since")
    for anomaly in wrong.only("order", "code", "grade"):
        anomalies[anomaly.order_id].append(anomaly)
    parcels: dict[int, list[dict[str, Any]]] = defaultdict(list)
    items = ShipmentItem.objects.filter(order__in=ids).order_by("shipment_id").values(
        "order_id", "shipment_id", "shipment__number", "shipment__carrier__name", "shipment__status",
        "shipment__sub_status", "shipment__status_at", "shipment__announced_at",
    )  # fmt: skip
    shops = {order.pk: order.shop_id for order in orders}
    for item in items.distinct():
        present = presents.of(shops[item["order_id"]])
        if (announced := item["shipment__announced_at"]) is None or announced <= present:
            parcels[item["order_id"]].append(_parcel(item, present))
    return [
        OrderRow(order, stage_of(order, present), _is_late(order, present), parcels[order.pk], anomalies[order.pk])
        for order in orders
        for present in (presents.of(order.shop_id),)
    ]


def _parcel(item: Any, present: datetime) -> dict[str, Any]:
    status_at = item["shipment__status_at"]
    known = status_at is None or status_at <= present
    status, sub_status = (item["shipment__status"], item["shipment__sub_status"]) if known else ("in_transit", "moving")
    return {
        "number": item["shipment__number"],
        "carrier": item["shipment__carrier__name"],
        "status": status,
        "label": status_label(status, sub_status),
    }


def _is_late(order: Order, present: datetime) -> bool:
    if order.promised_delivery_at is None or (order.cancelled_at and order.cancelled_at <= present):
        return False
    arrived = order.delivered_at if order.delivered_at and order.delivered_at <= present else present
    return arrived >= order.promised_delivery_at
