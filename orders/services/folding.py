"""Folding parcels whose scans came in by the list: callers only add a note (ParcelChange), workers take the notes.

Notes are added and taken, never changed, so nobody waits for anybody: a parcel noted ten times is folded once.
"""

import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import structlog
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from orders.models import Shipment
from orders.services.judging import lock
from orders.services.tracking import lock_parcels, marks_of, orders_in, refold, store
from orders.timeline import Scan
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from ticketdesk.outbox.errors import Raised

BATCH = 2000
TURN_S = 20.0
log = structlog.get_logger("orders.folding")


@transaction.atomic
def store_list(*, told: Sequence[tuple[Shipment, Scan]], now: datetime) -> list[bool]:
    """Store scans of any parcels and leave a note for the workers; which of them were new, in the order given.

    Nothing is locked: two statements for any number of scans. `now` is the desk's clock.
    """
    marks = marks_of(told)
    left = store(told, now, marks)
    parcels = {parcel.pk: parcel for parcel, _ in told}
    note_changes([parcels[pk] for pk in sorted({pk for pk, _ in left})])
    new = []
    for mark in marks:
        new.append(mark in left)
        left.discard(mark)
    return new


def note_changes(parcels: Sequence[Shipment]) -> None:
    """Leave a note that these parcels have new scans; one statement, in the transaction that stored them."""
    columns = {
        "shipment_id": Column("bigint", [parcel.pk for parcel in parcels]),
        "shop_id": Column("bigint", [parcel.shop_id for parcel in parcels]),
    }
    bulk.insert("orders_parcelchange", columns, returning=())


def fold_until_idle(*, now: datetime | None = None, batch: int = BATCH, turn_s: float = TURN_S) -> int:
    """Fold the parcels that are noted; may run anywhere, any number of times, overlapping. Returns how many.

    `now` is the desk's clock; stops after `turn_s` seconds.
    """
    total, size, ends = 0, batch, time.monotonic() + turn_s
    while time.monotonic() < ends:
        taken: set[int] = set()
        try:
            with transaction.atomic():
                taken = _take(size)
                if not taken:
                    break
                _fold(taken, now or timezone.now())
        except (DataError, IntegrityError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            if size > 1:
                size = 1  # one parcel spoils it for all: each stands alone until it is found
                continue
            _give_up(error)
            size = batch
        total += len(taken)
    return total


def _take(limit: int) -> set[int]:
    """The parcels of the oldest notes; the notes are gone when the transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM orders_parcelchange WHERE id IN
                   (SELECT id FROM orders_parcelchange ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
               RETURNING shipment_id""",
            [limit],
        )
        return {row[0] for row in cursor.fetchall()}


def _fold(shipment_ids: Collection[int], now: datetime) -> None:
    parcels = lock_parcels(shipment_ids)
    lock(orders_in(parcels))
    by_shop: dict[int, list[Shipment]] = defaultdict(list)
    for parcel in parcels.values():
        by_shop[parcel.shop_id].append(parcel)
    for shop_id, own in sorted(by_shop.items()):
        refold(shop_id=shop_id, shipment_ids=[parcel.pk for parcel in own], now=own[0].shop.present(now))


def _give_up(error: Exception) -> None:
    """Let the parcel of the oldest note be: its scans are stored, and `manage.py reproject` folds them."""
    with transaction.atomic():
        parcels = _take(1)
    log.error("parcel not folded", parcels=sorted(parcels), **Raised.by(error)._asdict())
