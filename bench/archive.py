"""An archive of a million parcels with ten scans each, loaded by COPY: what looking at one of them costs."""

import io
import logging
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from django.db import connection

from bench.history import CARRIERS, PRESENT, SHOPS
from bench.scan import execute, one, target

PAGE_MS, REPROJECT_MS = 100.0, 20.0
LOOKS = 100
CHUNK = 50_000
FIRST = 100_000_000  # far above every parcel of the other benchmarks
MONTHS = 6
STEPS = [("picked_up", "accepted"), *[("in_transit", "arrived_facility"), ("in_transit", "departed_facility")] * 3,
         ("in_transit", "arrived_city"), ("out_for_delivery", "out"), ("delivered", "signed")]  # fmt: skip
EVENT = ("month, shipment_id, fingerprint, occurred_at, time_precision, tz_source, received_at, source, provider_key,"
         " seq, raw_code, raw_status, status, sub_status, reason_party, is_physical, text, city, country")  # fmt: skip
PARCELS = """
    INSERT INTO orders_shipment (id, shop_id, carrier_id, number, number_norm, generation, leg, status, sub_status,
        flags, status_at, announced_at, picked_up_at, first_scan_at, last_scan_at, last_physical_at, delivered_at,
        attempts, place, origin_country, dest_country, events_count, version, month, created_at)
    SELECT %(first)s + i, 1 + i %% {shops}, 1 + i %% {carriers}, 'AR' || i, 'AR' || i, 1, 'outbound', 'delivered',
        'signed', 'T', b.at + interval '90 h', b.at, b.at, b.at, b.at + interval '90 h', b.at + interval '90 h',
        b.at + interval '90 h', 0, 'Stop 9, CN', 'CN', 'CN', 10, 2, date_trunc('month', b.at)::date, b.at
    FROM generate_series(%(low)s::bigint, %(high)s::bigint) i,
         LATERAL (SELECT %(since)s + make_interval(secs => (i * 15 %% %(span)s)::int) AS at) b
"""


def look(parcels: int) -> None:
    """Load the archive, look at parcels, fold parcels anew, and print sizes."""
    since = datetime(PRESENT.year, PRESENT.month, 1, tzinfo=UTC) - timedelta(days=30 * MONTHS)
    began = time.perf_counter()
    load(parcels, since)
    execute("VACUUM (ANALYZE) orders_shipment, orders_trackingevent")
    print(f"\n{parcels:,} parcels with {parcels * len(STEPS):,} scans loaded ({time.perf_counter() - began:.0f} s)")
    ids = [FIRST + 1 + number * (parcels // LOOKS) for number in range(LOOKS)]
    logging.disable(logging.WARNING)
    pages, folds, rebuilt = look_at(ids), fold_anew(ids), rebuild_anew(ids)
    print("\n| among so many | median | slowest |\n|---|---|---|")
    print(f"| a parcel with its scans by API | {statistics.median(pages):.1f} ms | {max(pages):.1f} ms |")
    print(f"| a parcel folded anew from its scans | {statistics.median(folds):.1f} ms | {max(folds):.1f} ms |")
    print(
        f"| the same by manage.py reproject, compared | {statistics.median(rebuilt):.1f} ms | {max(rebuilt):.1f} ms |"
    )
    sizes()
    target("parcel with its scans, median ms", statistics.median(pages), PAGE_MS)
    target("parcel folded anew, median ms", statistics.median(folds), REPROJECT_MS)


def load(parcels: int, since: datetime) -> None:
    """Parcels by one statement, their scans by COPY, month by month as they were made."""
    from ticketdesk.outbox import partitions

    partitions.ensure("orders_trackingevent", since=since.date(), until=PRESENT.date(), unit="month")
    span = int((PRESENT - since - timedelta(days=5)).total_seconds())
    for low in range(1, parcels + 1, CHUNK):
        high = min(parcels, low + CHUNK - 1)
        with connection.cursor() as cursor:
            cursor.execute(
                PARCELS.format(shops=SHOPS, carriers=CARRIERS),
                {"first": FIRST, "low": low, "high": high, "since": since, "span": span},
            )
            text = io.StringIO("".join(line for number in range(low, high + 1) for line in lines(number, since, span)))
            cursor.copy_expert(f"COPY orders_trackingevent ({EVENT}) FROM STDIN", text)


def lines(number: int, since: datetime, span: int) -> list[str]:
    """The scans of one parcel as COPY reads them."""
    begins = since + timedelta(seconds=number * 15 % span)
    month, key = f"{begins:%Y-%m}-01", FIRST + number
    return [
        f"{month}\t{key}\t\\\\x{blake2b(b'%d %d' % (number, step), digest_size=16).hexdigest()}"
        f"\t{begins + timedelta(hours=10 * step)}\tsecond\texplicit\t{begins + timedelta(hours=10 * step, minutes=9)}"
        f"\tarchive\t\t{step + 1}\tC{step}\t\t{status}\t{sub_status}\t\tt\tPassed stop {step}\tStop {step}\tCN\n"
        for step, (status, sub_status) in enumerate(STEPS)
    ]


def look_at(ids: list[int]) -> list[float]:
    """Milliseconds for each of these parcels with its scans, through all of Django."""
    from django.test import Client

    from ticketdesk.accounts.models import User

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.filter(role="administrator").first() or _administrator())
    took = []
    for number, pk in enumerate([ids[0], *ids]):
        began = time.perf_counter()
        parcel = client.get(f"/api/v1/shipments/{pk}/")
        scans = client.get("/api/v1/tracking-events/", {"shipment": pk})
        if number:  # the first one loads what is loaded once
            took.append((time.perf_counter() - began) * 1000)
        assert parcel.status_code == 200 and len(scans.json()["results"]) == len(STEPS)
    return took


def _administrator() -> object:
    from ticketdesk.accounts.models import User

    return User.objects.create(email="archive@bench.test", name="Archive", role="administrator")


def fold_anew(ids: list[int]) -> list[float]:
    """Milliseconds for each of these parcels: lock it, read its scans, write its row."""
    from django.db import transaction

    from orders.services.tracking import lock_parcels, refold

    def work(pk: int) -> None:
        with transaction.atomic():
            parcel = lock_parcels([pk])[pk]
            refold(shop_id=parcel.shop_id, shipment_ids=[pk], now=PRESENT)

    return timed(work, ids)


def rebuild_anew(ids: list[int]) -> list[float]:
    """Milliseconds for each of these parcels with raw messages sought and rows compared before and after."""
    from orders.services.reprojecting import rebuild

    return timed(lambda pk: rebuild(shipment_ids=[pk], check=False), ids)


def timed(work: Callable[[int], object], ids: list[int]) -> list[float]:
    """Milliseconds that the work on each of these takes, after a first time that is not counted."""
    work(ids[0])
    took = []
    for pk in ids:
        began = time.perf_counter()
        work(pk)
        took.append((time.perf_counter() - began) * 1000)
    return took


def sizes() -> None:
    """What lies on the disk, piece by piece."""
    print("\n| table | rows | heap | indexes |\n|---|---|---|---|")
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, c.reltuples::bigint, pg_size_pretty(pg_table_size(c.oid)),
                      pg_size_pretty(pg_indexes_size(c.oid))
               FROM pg_class c WHERE c.relkind = 'r' AND (c.relname LIKE 'orders_trackingevent%' OR c.relname IN
                   ('orders_shipment', 'orders_parcelfeed')) ORDER BY c.relname"""
        )
        for name, rows, heap, indexes in cursor.fetchall():
            print(f"| {name} | {max(rows, 0):,} | {heap} | {indexes} |")
    print(f"Database: {one('SELECT pg_size_pretty(pg_database_size(current_database()))')}")
