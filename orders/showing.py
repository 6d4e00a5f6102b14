"""What a page says about one order, at the present of its shop: nothing that a replayed shop cannot know yet."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q

from orders import labels
from orders.models import Anomaly, Order, Shipment, TrackingEvent
from orders.stages import Stage, brief, stages_of
from orders.statuses import TAXONOMY


@dataclass(frozen=True, slots=True)
class Scan:
    """One line of a parcel's story."""

    at: datetime
    text: str
    place: str
    label: str
    bad: bool
    good: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel with its scans, newest first."""

    shipment: Shipment
    status: str
    label: str
    bad: bool
    last_at: datetime | None
    scans: list[Scan] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Shown:
    """An order as its page shows it."""

    order: Order
    present: datetime
    stage: str
    stages: list[Stage]
    parcels: list[Parcel]
    anomalies: list[Anomaly]
    open_anomalies: list[Anomaly]
    promised_at: datetime | None
    delivered_at: datetime | None
    eta_at: datetime | None

    @property
    def steps(self) -> list[Stage]:
        """The few steps that a bar has room for."""
        return brief(self.stages)

    @property
    def has_milestones(self) -> bool:
        """Whether its steps are stored, so that something can be said about them."""
        return any(stage.is_stored for stage in self.stages)

    @property
    def stage_label(self) -> str:
        """The stage in words."""
        return labels.stage_label(self.stage)

    @property
    def late_by(self) -> timedelta | None:
        """How much later than promised: arrived, expected, or already so at this present; None when not late."""
        if self.promised_at is None or self.stage == "cancelled":
            return None
        arrives = self.delivered_at or max(self.eta_at or self.present, self.present)
        return arrives - self.promised_at if arrives > self.promised_at else None

    @property
    def is_overdue(self) -> bool:
        """The promise has passed and nothing was delivered."""
        return self.delivered_at is None and self.stage != "cancelled" and _past(self.promised_at, self.present)

    @property
    def is_eta_over(self) -> bool:
        """The carrier's estimate has passed as well; a page must not call it new."""
        return _past(self.eta_at, self.present)

    @property
    def worst(self) -> Anomaly | None:
        """The gravest open anomaly."""
        return min(self.open_anomalies, key=lambda anomaly: (anomaly.grade, anomaly.since), default=None)

    @property
    def carrier(self) -> str:
        """The carrier of the first parcel."""
        return self.parcels[0].shipment.carrier.name if self.parcels else ""


def stage_of(order: Order, present: datetime) -> str:
    """Where an order stands at `present`, by its times; a source's later word counts only in a shop that lives now."""
    if _past(order.cancelled_at, present):
        return "cancelled"
    if _past(order.delivered_at, present):
        return "delivered"
    if order.status == Order.Status.PARTLY_DELIVERED and order.delivered_at is None:
        return "partly_delivered"
    if _past(order.shipped_at, present):
        return "shipped"
    return "paid" if _past(order.paid_at, present) else "placed"


def show(order: Order, now: datetime) -> Shown:
    """Everything the page and the card beside a ticket need; four queries. `order.shop` must be loaded."""
    present = order.shop.present(now)
    told = order.anomalies.filter(opened_at__lte=present).exclude(state=Anomaly.State.SUSPECTED)
    anomalies = list(told.select_related("shipment").order_by("-opened_at"))
    still_open = [anomaly for anomaly in anomalies if not _past(anomaly.closed_at, present)]
    stages = stages_of(order, present, troubled=bool(still_open))
    parcels = _parcels(order, present)
    etas = [parcel.shipment.eta_at for parcel in parcels if parcel.shipment.eta_at and parcel.status != "delivered"]
    return Shown(
        order=order,
        present=present,
        stage=stage_of(order, present),
        stages=stages,
        parcels=parcels,
        anomalies=anomalies,
        open_anomalies=still_open,
        promised_at=order.promised_delivery_at,
        delivered_at=_seen(order.delivered_at, present),
        eta_at=max(etas, default=None),
    )


def _past(at: datetime | None, present: datetime) -> bool:
    return at is not None and at <= present


def _seen(at: datetime | None, present: datetime) -> datetime | None:
    return at if _past(at, present) else None


def _parcels(order: Order, present: datetime) -> list[Parcel]:
    shipments = list(
        Shipment.objects.filter(Q(announced_at__isnull=True) | Q(announced_at__lte=present), items__order=order)
        .select_related("carrier")
        .order_by("id")
        .distinct()
    )
    events = TrackingEvent.objects.filter(
        month__in={shipment.month for shipment in shipments},
        shipment__in=[shipment.pk for shipment in shipments],
        occurred_at__lte=present,
        withdrawn_at__isnull=True,
    ).order_by("-occurred_at", "-seq", "-id")
    by_parcel: dict[int, list[TrackingEvent]] = {shipment.pk: [] for shipment in shipments}
    for event in events:
        by_parcel[event.shipment_id].append(event)
    return [_parcel(shipment, by_parcel[shipment.pk], present) for shipment in shipments]


def _parcel(shipment: Shipment, events: Sequence[TrackingEvent], present: datetime) -> Parcel:
    latest = events[0] if events else None
    status, sub_status = shipment.status, shipment.sub_status
    if shipment.status_at is not None and shipment.status_at > present:
        # The row tells of a replayed shop's future; what is known yet is the newest scan, or the pick-up.
        if latest is not None:
            status, sub_status = latest.status, latest.sub_status
        elif _past(shipment.picked_up_at or shipment.first_scan_at, present):
            status, sub_status = "in_transit", "moving"
        else:
            status, sub_status = "info_received", "label_created"
    entry = TAXONOMY.get((status, sub_status))
    return Parcel(
        shipment=shipment,
        status=status,
        label=labels.status_label(status, sub_status),
        bad=bool(entry and entry.is_exception),
        last_at=latest.occurred_at if latest else _seen(shipment.last_scan_at, present),
        scans=[_scan(event) for event in events],
    )


def _scan(event: TrackingEvent) -> Scan:
    entry = TAXONOMY.get((event.status, event.sub_status))
    return Scan(
        at=event.occurred_at,
        text=event.text,
        place=event.city or event.country,
        label=labels.status_label(event.status, event.sub_status),
        bad=bool(entry and entry.is_exception),
        good=event.status == "delivered",
    )
