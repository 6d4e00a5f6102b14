"""What a page says about one parcel, at the present of its shop: every scan, also those that do not count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from orders import access, labels
from orders.carriers.zones import zone_of
from orders.models import Anomaly, Order, Shipment, TrackingEvent
from orders.statuses import TAXONOMY
from orders.timeline import Scan, timeline
from ticketdesk.accounts.models import User

MOST_SCANS = 500
ZONE_SOURCES = {
    "explicit": _("the carrier's own offset"),
    "provider": _("the source's UTC time"),
    "location": _("by the place"),
    "carrier": _("the carrier's usual zone"),
    "shop": _("the shop's zone"),
}
FLAGS = {"E": _("Exception"), "A": _("Somebody must act"), "T": _("No further scan is expected")}
LEGS = {"outbound": _("Outbound"), "return": _("On its way back")}
COUNTED, WITHDRAWN, DOUBLE = "", "withdrawn", "double"
FOLDED = (
    "occurred_at", "time_precision", "tz_source", "recorded_at", "source", "provider_key", "seq", "raw_code",
    "raw_status", "status", "sub_status", "reason_party", "is_physical", "text", "city", "country", "received_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ToldScan:
    """One stored scan. `apart` says why it does not count: withdrawn or double; empty when it does."""

    event: TrackingEvent
    label: str
    zone: ZoneInfo | None
    bad: bool
    good: bool
    apart: str

    @property
    def local(self) -> str:
        """The clock of the place; empty when its zone is not known."""
        return f"{self.event.occurred_at.astimezone(self.zone):%m-%d %H:%M}" if self.zone else ""

    @property
    def zone_source(self) -> str:
        """Where the time's zone was taken from, in words."""
        return str(ZONE_SOURCES.get(self.event.tz_source, self.event.tz_source))


@dataclass(frozen=True, slots=True)
class ParcelPage:
    """A parcel with everything its page shows."""

    shipment: Shipment
    present: datetime
    label: str
    orders: list[Order]
    hidden_orders: int
    family: list[Shipment]
    anomalies: list[Anomaly]
    scans: list[ToldScan]

    @property
    def flags(self) -> list[str]:
        """The flags in words."""
        return [str(FLAGS[flag]) for flag in self.shipment.flags if flag in FLAGS]

    @property
    def leg(self) -> str:
        """Which way it travels."""
        return str(LEGS.get(self.shipment.leg, self.shipment.leg))

    @property
    def tracking_url(self) -> str:
        """The carrier's own page of the parcel; only an https address is offered."""
        url = self.shipment.carrier.tracking_url.replace("{number}", self.shipment.number)
        return url if url.startswith("https://") else ""

    @property
    def counting(self) -> int:
        """How many scans count."""
        return sum(not scan.apart for scan in self.scans)


def parcel_page(shipment: Shipment, user: User, now: datetime) -> ParcelPage:
    """Everything about a parcel; five queries. `shop`, `carrier` and `parent` must be loaded."""
    present = shipment.shop.present(now)
    visible = set(access.visible_to(user).filter(shipments=shipment).values_list("pk", flat=True))
    orders = {order.pk: order for order in shipment.orders.select_related("shop").order_by("placed_at", "pk")}
    around = Q(parent=shipment)
    if shipment.parent_id:
        around |= Q(pk=shipment.parent_id) | Q(parent=shipment.parent_id)
    family = Shipment.objects.filter(around).exclude(pk=shipment.pk).select_related("carrier").order_by("pk")[:100]
    events = (
        TrackingEvent.objects.filter(month=shipment.month, shipment=shipment, occurred_at__lte=present)
        .order_by("-occurred_at", "-seq", "-id")[:MOST_SCANS]
    )  # fmt: skip
    return ParcelPage(
        shipment=shipment,
        present=present,
        label=labels.status_label(shipment.status, shipment.sub_status),
        orders=[order for pk, order in orders.items() if pk in visible],
        hidden_orders=len(orders.keys() - visible),
        family=list(family),
        anomalies=[
            anomaly
            for anomaly in shipment.anomalies.filter(opened_at__lte=present).order_by("grade", "-opened_at")
            if (anomaly.closed_at is None or anomaly.closed_at > present) and anomaly.state != "suspected"
        ],
        scans=_told(list(events), present),
    )


def _told(events: Sequence[TrackingEvent], present: datetime) -> list[ToldScan]:
    doubles = _doubles([event for event in events if event.withdrawn_at is None], present)
    return [_scan(event, doubles) for event in events]


def _scan(event: TrackingEvent, doubles: set[int]) -> ToldScan:
    entry = TAXONOMY.get((event.status, event.sub_status))
    apart = WITHDRAWN if event.withdrawn_at else DOUBLE if event.pk in doubles else COUNTED
    return ToldScan(
        event=event,
        label=labels.status_label(event.status, event.sub_status),
        zone=zone_of(event.country, "", event.city) if event.country or event.city else None,
        bad=bool(entry and entry.is_exception),
        good=event.status == "delivered",
        apart=apart,
    )


def _doubles(events: Sequence[TrackingEvent], present: datetime) -> set[int]:
    """Scans that the fold leaves out because another one says the same."""
    scans = [(event.pk, Scan(**{name: getattr(event, name) for name in FOLDED})) for event in events]
    counting = timeline((scan for _, scan in scans), now=present)
    kept: set[int] = set()
    by_identity = {_identity(scan): pk for pk, scan in reversed(scans)}
    by_words = {_identity(scan)[:-2]: pk for pk, scan in reversed(scans)}
    for scan in counting:  # a scan that took its place from another one is known by its words
        kept.add(by_identity.get(_identity(scan)) or by_words[_identity(scan)[:-2]])
    return {pk for pk, _ in scans} - kept


def _identity(scan: Scan) -> tuple[object, ...]:
    return (
        scan.source, scan.provider_key, scan.occurred_at, scan.raw_code, scan.raw_status, scan.text, scan.city,
        scan.country,
    )  # fmt: skip
