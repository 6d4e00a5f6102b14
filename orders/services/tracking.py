"""Scans come in: store what is new, fold all of the parcel's scans into its row, let the orders in it follow.

The projection is a function of the set of scans, so arrival order and repetition change nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from orders.models import Shipment, ShipmentItem
from orders.projection import Scan, fingerprint, project
from orders.services.batching import follow_parents
from orders.services.judging import judge_orders, lock
from orders.services.milestones import sync_milestones
from orders.services.noticing import notice_milestones
from orders.services.stocking.settling import settle
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
# What the fold of its scans says of a parcel's row; a scan told twice counts once, beyond the newest 500 as often as it
# was told.
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
    "heard_at": "timestamptz",
    "status_heard_at": "timestamptz",
    "place_since": "timestamptz",
    "proven": "jsonb",
    "events_count": "integer",
}
COUNTED = "events_count"


def record_scans(*, shipment: Shipment, scans: Sequence[Scan], now: datetime) -> int:
    """Store scans of one parcel and draw the consequences; returns how many were new. `now`: the shop's present.

    Two workers with the same parcel wait for each other on its row.
    """
    return record_many(shop_id=shipment.shop_id, told={shipment.pk: scans}, now=now)


@transaction.atomic
def record_many(*, shop_id: int, told: Mapping[int, Sequence[Scan]], now: datetime) -> int:
    """The same for many parcels of one shop, by their ids: a constant number of statements for any number of them."""
    parcels = lock_parcels(told)
    stored = store([(parcels[pk], scan) for pk, scans in told.items() if pk in parcels for scan in scans], now)
    moved = {pk for pk, _ in stored}
    if moved:
        refold(shop_id=shop_id, shipment_ids=moved, now=now)
    return len(stored)


def lock_parcels(shipment_ids: Iterable[int]) -> dict[int, Shipment]:
    """These parcels by id, locked lowest id first until the transaction ends, with their shops."""
    rows = Shipment.objects.select_related("shop").select_for_update(of=("self",), no_key=True)
    return {row.pk: row for row in rows.filter(pk__in=list(shipment_ids)).order_by("pk")}


def refold(*, shop_id: int, shipment_ids: Collection[int], now: datetime) -> None:
    """Fold the scans of locked parcels of one shop anew, and let the orders in them follow."""
    fold(scans_of(shipment_ids), now)
    follow_parcels(shop_id=shop_id, shipment_ids=shipment_ids, now=now)


def follow_parcels(*, shop_id: int, shipment_ids: Collection[int], now: datetime) -> None:
    """Let the orders in these parcels follow."""
    follow_parents(shipment_ids, now=now)
    follow(order_ids=orders_in(shipment_ids), shop_id=shop_id, now=now)


def orders_in(shipment_ids: Collection[int]) -> list[int]:
    """Ids of the orders in these parcels."""
    inside = ShipmentItem.objects.filter(shipment__in=list(shipment_ids)).values_list("order_id", flat=True)
    return sorted(set(inside))


def marks_of(rows: Iterable[tuple[Shipment, Scan]]) -> list[tuple[int, bytes]]:
    """(parcel's id, fingerprint) of each of these scans."""
    return [(parcel.pk, fingerprint(scan)) for parcel, scan in rows]


def store(
    rows: Sequence[tuple[Shipment, Scan]], now: datetime, marks: Sequence[tuple[int, bytes]] | None = None
) -> set[tuple[int, bytes]]:
    """Store what is new; the marks (see `marks_of`) of the new scans."""
    marks = marks_of(rows) if marks is None else marks
    named = dict(zip(reversed(marks), reversed(rows), strict=True))
    names = sorted(named)  # in this order two callers wait for each other's rows and never lock up
    rows = [named[name] for name in names]
    inserted = bulk.insert(
        "orders_trackingevent",
        {
            "month": Column("date", [parcel.month for parcel, _ in rows]),
            "shipment_id": Column("bigint", [parcel.pk for parcel, _ in rows]),
            "fingerprint": Column("bytea", [name for _, name in names]),
            "received_at": Column("timestamptz", [scan.received_at or now for _, scan in rows]),
            **{name: Column(type_, [getattr(scan, name) for _, scan in rows]) for name, type_ in STORED.items()},
        },
        conflict="(month, shipment_id, fingerprint) DO NOTHING",
        returning=("shipment_id", "fingerprint"),
    )
    return {(pk, bytes(name)) for pk, name in inserted}


class KnownScan(NamedTuple):
    """A scan as it is stored."""

    scan: Scan
    name: bytes
    is_withdrawn: bool


def known_of(shipment_ids: Collection[int]) -> dict[int, list[KnownScan]]:
    """All scans of these parcels, of each the newest 500; one query."""
    names = [*STORED, "received_at"]
    found: dict[int, list[KnownScan]] = {pk: [] for pk in shipment_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT p.id, e.fingerprint, e.withdrawn_at IS NOT NULL, {", ".join(f"e.{name}" for name in names)}
                FROM orders_shipment p, LATERAL (
                    SELECT * FROM orders_trackingevent t WHERE t.month = p.month AND t.shipment_id = p.id
                    ORDER BY t.occurred_at DESC, t.seq DESC LIMIT %s) e WHERE p.id = ANY(%s)""",
            [MOST_SCANS, list(shipment_ids)],
        )
        for pk, name, is_withdrawn, *row in cursor.fetchall():
            found[pk].append(KnownScan(Scan(**dict(zip(names, row, strict=True))), bytes(name), is_withdrawn))
    return found


def scans_of(shipment_ids: Collection[int]) -> dict[int, list[Scan]]:
    """Those of them that were not withdrawn."""
    known = known_of(shipment_ids)
    return {pk: [each.scan for each in scans if not each.is_withdrawn] for pk, scans in known.items()}


def fold(told: Mapping[int, Sequence[Scan]], now: datetime) -> None:
    """Write what their scans say into the rows of these parcels; one statement."""
    if not told:
        return
    seen = [project(scans, now=now) for scans in told.values()]
    source, parameters = bulk.unnest(
        {
            "id": Column("bigint", list(told)),
            "known": Column("integer", [len(scans) for scans in told.values()]),
            **{name: Column(type_, [getattr(row, name) for row in seen]) for name, type_ in PROJECTED.items()},
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_shipment s SET {", ".join(f"{name} = u.{name}" for name in PROJECTED if name != COUNTED)},
                    version = s.version + 1, events_count = u.events_count + CASE WHEN u.known < {MOST_SCANS} THEN 0
                        ELSE (SELECT COUNT(*) FROM orders_trackingevent e WHERE e.month = s.month
                              AND e.shipment_id = s.id AND e.withdrawn_at IS NULL) - u.known END
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
    if not order_ids:
        return
    lock(order_ids)
    with connection.cursor() as cursor:
        cursor.execute(FOLLOW, [list(order_ids)])
    sync_milestones(order_ids)
    notice_milestones(shop_id, order_ids, now=now)
    settle(shop_id, order_ids, present=now)
    judge_orders(shop_id, order_ids, now=now)
