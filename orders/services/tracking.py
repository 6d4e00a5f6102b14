"""Scans come in: store what is new, fold all of the parcel's scans into its row, let the orders in it follow.

The projection is a function of the set of scans, so arrival order and repetition change nothing.
"""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from django.db import connection, transaction

from orders.models import Shipment, TrackingEvent
from orders.projection import Projection, Scan, fingerprint, project
from orders.services.judging import judge_orders, lock
from orders.services.milestones import sync_milestones
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

# A parcel has ten to thirty scans; one with more than this is a test number or a loop.
MOST_SCANS = 500
STORED = {
    "occurred_at": "timestamptz",
    "time_precision": "text",
    "tz_source": "text",
    "recorded_at": "timestamptz",
    "source": "text",
    "provider_key": "text",
    "seq": "integer",
    "raw_code": "text",
    "raw_status": "text",
    "status": "text",
    "sub_status": "text",
    "reason_party": "text",
    "is_physical": "boolean",
    "text": "text",
    "city": "text",
    "country": "text",
}


@transaction.atomic
def record_scans(*, shipment: Shipment, scans: Sequence[Scan], now: datetime) -> int:
    """Store scans of one parcel and draw the consequences; returns how many were new. `now`: the shop's present.

    Two workers with the same parcel wait for each other on its row.
    """
    parcel = Shipment.objects.select_for_update().get(pk=shipment.pk)
    new = _store(parcel, scans, now)
    if new:
        _reproject(parcel, now)
        order_ids = list(parcel.items.values_list("order_id", flat=True).distinct())
        follow(order_ids=order_ids, shop_id=parcel.shop_id, now=now)
    return new


def _store(parcel: Shipment, scans: Sequence[Scan], now: datetime) -> int:
    inserted = bulk.insert(
        "orders_trackingevent",
        {
            "fingerprint": Column("bytea", [fingerprint(scan) for scan in scans]),
            "received_at": Column("timestamptz", [scan.received_at or now for scan in scans]),
            **{name: Column(type_, [getattr(scan, name) for scan in scans]) for name, type_ in STORED.items()},
        },
        constants={"shipment_id": parcel.pk},
        conflict="(shipment_id, fingerprint) DO NOTHING",
    )
    return len(inserted)


def scans_of(shipment_id: int) -> list[Scan]:
    """All scans of a parcel that were not withdrawn, newest 500; one query."""
    kept = TrackingEvent.objects.filter(shipment_id=shipment_id, withdrawn_at=None).order_by("-occurred_at", "-seq")
    rows = kept.values(*STORED, "received_at")[:MOST_SCANS]
    return [Scan(**row) for row in rows]


def _reproject(parcel: Shipment, now: datetime) -> None:
    seen: Projection = project(scans_of(parcel.pk), now=now)
    changed = []
    for field in fields(Projection):
        if hasattr(parcel, field.name) and getattr(parcel, field.name) != getattr(seen, field.name):
            setattr(parcel, field.name, getattr(seen, field.name))
            changed.append(field.name)
    parcel.events_count = parcel.events.filter(withdrawn_at=None).count()
    parcel.version += 1
    parcel.save(update_fields=[*changed, "events_count", "version"])


FOLLOW = """
    UPDATE orders_order o SET
        shipped_at = COALESCE(o.shipped_at, p.shipped_at),
        delivered_at = COALESCE(o.delivered_at, CASE WHEN p.all_delivered THEN p.delivered_at END),
        status = CASE WHEN o.cancelled_at IS NOT NULL THEN 'cancelled'
                      WHEN o.delivered_at IS NOT NULL OR p.all_delivered THEN 'delivered'
                      WHEN p.any_delivered THEN 'partly_delivered'
                      WHEN o.shipped_at IS NOT NULL OR p.shipped_at IS NOT NULL THEN 'shipped'
                      ELSE o.status END,
        version = o.version + 1, updated_at = now()
    FROM (SELECT i.order_id, MIN(COALESCE(s.picked_up_at, s.first_scan_at)) AS shipped_at,
                 MAX(s.delivered_at) AS delivered_at, BOOL_AND(s.status = 'delivered') AS all_delivered,
                 BOOL_OR(s.status = 'delivered') AS any_delivered
          FROM orders_shipmentitem i JOIN orders_shipment s ON s.id = i.shipment_id
          WHERE i.order_id = ANY(%s) GROUP BY i.order_id) p
    WHERE o.id = p.order_id
"""


def follow(*, order_ids: Sequence[int], shop_id: int, now: datetime) -> None:
    """The orders' own times and status after their parcels moved, then a judgement; constant number of statements."""
    lock(order_ids)
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW, [list(order_ids)])
    sync_milestones(order_ids)
    judge_orders(shop_id, order_ids, now=now)
