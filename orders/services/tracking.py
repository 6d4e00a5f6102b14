"""Scans come in: store what is new, fold all of the parcel's scans into its row, let the orders in it follow.

The projection is a function of the set of scans, so arrival order and repetition change nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction

from orders.models import Shipment, ShipmentItem
from orders.projection import Scan, fingerprint, project
from orders.services.judging import judge_orders, lock
from orders.services.milestones import sync_milestones
from orders.services.noticing import notice_milestones
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
# What the fold of its scans says of a parcel's row. How many scans there are is counted, not folded.
PROJECTED = {
    "status": "text",
    "sub_status": "text",
    "leg": "text",
    "flags": "text",
    "attempts": "smallint",
    "picked_up_at": "timestamptz",
    "first_scan_at": "timestamptz",
    "last_scan_at": "timestamptz",
    "last_physical_at": "timestamptz",
    "delivered_at": "timestamptz",
    "returned_at": "timestamptz",
    "status_at": "timestamptz",
    "place": "text",
}


def record_scans(*, shipment: Shipment, scans: Sequence[Scan], now: datetime) -> int:
    """Store scans of one parcel and draw the consequences; returns how many were new. `now`: the shop's present.

    Two workers with the same parcel wait for each other on its row.
    """
    return record_many(shop_id=shipment.shop_id, told={shipment.pk: scans}, now=now)


@transaction.atomic
def record_many(*, shop_id: int, told: Mapping[int, Sequence[Scan]], now: datetime) -> int:
    """The same for many parcels of one shop, by their ids: a constant number of statements for any number of them."""
    parcels = {row.pk: row for row in Shipment.objects.select_for_update().filter(pk__in=told).order_by("pk")}
    stored = _store([(parcels[pk], scan) for pk, scans in told.items() if pk in parcels for scan in scans], now)
    moved = sorted(set(stored))
    if moved:
        _reproject([parcels[pk] for pk in moved], now)
        inside = ShipmentItem.objects.filter(shipment__in=moved).values_list("order_id", flat=True).distinct()
        follow(order_ids=list(inside), shop_id=shop_id, now=now)
    return len(stored)


def _store(rows: Sequence[tuple[Shipment, Scan]], now: datetime) -> list[int]:
    """Store what is new; the parcel's id once for each new scan."""
    inserted = bulk.insert(
        "orders_trackingevent",
        {
            "month": Column("date", [parcel.month for parcel, _ in rows]),
            "shipment_id": Column("bigint", [parcel.pk for parcel, _ in rows]),
            "fingerprint": Column("bytea", [fingerprint(scan) for _, scan in rows]),
            "received_at": Column("timestamptz", [scan.received_at or now for _, scan in rows]),
            **{name: Column(type_, [getattr(scan, name) for _, scan in rows]) for name, type_ in STORED.items()},
        },
        conflict="(month, shipment_id, fingerprint) DO NOTHING",
        returning=("shipment_id",),
    )
    return [row[0] for row in inserted]


def scans_of(shipment_ids: Sequence[int]) -> dict[int, list[Scan]]:
    """All scans of these parcels that were not withdrawn, of each the newest 500; one query."""
    names = [*STORED, "received_at"]
    found: dict[int, list[Scan]] = {pk: [] for pk in shipment_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.id, {", ".join(f"e.{name}" for name in names)}
                FROM orders_shipment p, LATERAL (
                    SELECT * FROM orders_trackingevent t
                    WHERE t.month = p.month AND t.shipment_id = p.id AND t.withdrawn_at IS NULL
                    ORDER BY t.occurred_at DESC, t.seq DESC LIMIT %s) e WHERE p.id = ANY(%s)""",
            [MOST_SCANS, list(shipment_ids)],
        )
        for pk, *row in cursor.fetchall():
            found[pk].append(Scan(**dict(zip(names, row, strict=True))))
    return found


def _reproject(parcels: Sequence[Shipment], now: datetime) -> None:
    known = scans_of([parcel.pk for parcel in parcels])
    seen = [project(known[parcel.pk], now=now) for parcel in parcels]
    source, parameters = bulk.unnest(
        {
            "id": Column("bigint", [parcel.pk for parcel in parcels]),
            **{name: Column(type_, [getattr(row, name) for row in seen]) for name, type_ in PROJECTED.items()},
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_shipment s SET {", ".join(f"{name} = u.{name}" for name in PROJECTED)},
                    version = s.version + 1, events_count = (
                        SELECT COUNT(*) FROM orders_trackingevent e
                        WHERE e.month = s.month AND e.shipment_id = s.id AND e.withdrawn_at IS NULL)
                FROM {source} WHERE s.id = u.id""",
            parameters,
        )


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
    notice_milestones(shop_id, order_ids, now=now)
    judge_orders(shop_id, order_ids, now=now)
