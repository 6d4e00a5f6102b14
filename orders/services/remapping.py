"""Reading stored scans again after their code got a meaning: in the background, some parcels at a time.

Each step is a transaction that moves the cursor on, so a worker that dies leaves the rest to the next.
"""

import time
from collections import defaultdict
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone

from orders.models import CodeMap, Remap, UnknownCode
from orders.services.codes import meaning, relabel
from orders.services.judging import lock
from orders.services.tracking import STORED, lock_parcels, orders_in, refold
from orders.statuses import Canonical
from orders.timeline import Scan

CHUNK = 200
# A code that was read before is found by no index: so many parcels are looked through at a time.
RANGE = 20_000
TURN_S = 20.0
NEVER_READ = "AND status = 'unknown'"


def remap_until_idle(*, now: datetime | None = None, turn_s: float = TURN_S) -> int:
    """Go on with every remap that is not done; how many parcels were read again. Overlapping calls share the work."""
    total, ends = 0, time.monotonic() + turn_s
    while time.monotonic() < ends:
        with transaction.atomic():
            remap = (
                Remap.objects.select_for_update(skip_locked=True, of=("self",)).select_related("code_map")
                .filter(ended_at=None).order_by("id").first()
            )  # fmt: skip
            if remap is None:
                break
            total += _step(remap, now or timezone.now())
    return total


def _step(remap: Remap, now: datetime) -> int:
    code = remap.code_map
    fresh = code.version == 1 and UnknownCode.objects.filter(source=code.source, raw_code=code.raw_code).exists()
    narrow = NEVER_READ if fresh else ""
    if remap.cursor == 0:
        remap.total = _count(code.source, code.raw_code, narrow)
    found, last = _next(remap, narrow, fresh)
    if found:
        _read_again(found, remap, now)
    remap.done += len(found)
    remap.total = max(remap.total, remap.done)  # some came in with the old meaning while we read
    remap.cursor = last if last is not None else remap.cursor
    if last is None:
        remap.ended_at = now
    remap.save(update_fields=["total", "done", "cursor", "ended_at"])
    return len(found)


def _count(source: str, raw_code: str, narrow: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT COUNT(DISTINCT shipment_id) FROM orders_trackingevent
                WHERE source = %s AND raw_code = %s {narrow}""",
            [source, raw_code],
        )
        return int(cursor.fetchone()[0])


def _next(remap: Remap, narrow: str, fresh: bool) -> tuple[list[int], int | None]:
    """The next parcels that hold the code, and up to which parcel everything was looked at; None at the end."""
    code = remap.code_map
    top = 2**62 if fresh else remap.cursor + RANGE
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT shipment_id FROM orders_trackingevent WHERE source = %s AND raw_code = %s {narrow}
                AND shipment_id > %s AND shipment_id <= %s ORDER BY 1 LIMIT %s""",
            [code.source, code.raw_code, remap.cursor, top, CHUNK],
        )
        found = [row[0] for row in cursor.fetchall()]
        if len(found) == CHUNK:
            return found, found[-1]
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM orders_shipment")
        return found, None if fresh or top >= cursor.fetchone()[0] else top


def _read_again(shipment_ids: list[int], remap: Remap, now: datetime) -> None:
    code = remap.code_map
    canonical = Canonical(code.status, code.sub_status)
    parcels = lock_parcels(shipment_ids)
    lock(orders_in(parcels))
    relabel([(pk, month, meaning(scan, canonical)) for pk, month, scan in _scans(shipment_ids, code)])
    by_shop: dict[int, list[int]] = defaultdict(list)
    for parcel in parcels.values():
        by_shop[parcel.shop_id].append(parcel.pk)
    for shop_id, own in sorted(by_shop.items()):
        refold(shop_id=shop_id, shipment_ids=own, now=parcels[own[0]].shop.present(now))


def _scans(shipment_ids: list[int], code: CodeMap) -> list[tuple[int, date, Scan]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT id, month, {", ".join(STORED)} FROM orders_trackingevent
                WHERE shipment_id = ANY(%s) AND source = %s AND raw_code = %s""",
            [shipment_ids, code.source, code.raw_code],
        )
        return [(pk, month, Scan(**dict(zip(STORED, row, strict=True)))) for pk, month, *row in cursor.fetchall()]
