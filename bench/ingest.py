"""How fast tracking news is taken in: webhooks, lists by API, and how fast workers fold it into parcels.

    python -m bench.ingest [--messages 12000] [--events 200000] [--parcels 1000000] [--folder DIR]

One web process as `manage.py up` serves it, two worker processes, PostgreSQL with flushing to disk. Beside each figure,
in the same run, the bare multi-row INSERT of the same rows by one client. With --parcels, an archive of so many parcels
with ten scans each is loaded by COPY and looked at (see bench.archive).
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from bench.ground import ground
from bench.knocking import Sent, request, send
from bench.scan import columns, execute, one, target

SECRET = "whsec-bench"
PER_CALL = 500
ROWS_PER_INSERT = 500
HOOKS, P99_MS, BULK, FOLDED = 600.0, 100.0, 8000.0, 3000.0
WORKERS = 2
ROOT = Path(__file__).resolve().parent.parent
CODES = ["InTransit_001", "InTransit_003", "InTransit_007", "OutForDelivery_001"]


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.ingest", description=__doc__)
    parser.add_argument("--messages", type=int, default=12_000, help="webhooks, one new scan each")
    parser.add_argument("--events", type=int, default=200_000, help="scans by API, ten for each parcel")
    parser.add_argument("--parcels", type=int, default=0, help="parcels of the archive; 0: none")
    parser.add_argument("--folder", type=Path, help="where the embedded server keeps its data; default: thrown away")
    options = parser.parse_args()
    with ground(folder=options.folder):
        from bench import archive, history

        history.make_house()
        parcels = max(options.messages, options.events // 10)
        history.make_orders(1, parcels * 10 // 6 + 10)
        measure(options.messages, options.events)
        if options.parcels:
            archive.look(options.parcels)


def measure(messages: int, events: int) -> None:
    """Webhooks, then lists, with the web and the workers running; then what the database alone can do."""
    print(f"\n{messages:,} webhooks of one scan each, {events:,} scans by API in lists of {PER_CALL}", flush=True)
    hooks, lists = webhooks(messages), calls(events)
    with web() as port:
        send(port, hooks[:200])  # the first requests load what a web process loads once
        with crew() as pids:
            until_folded()
            busy = cpu_of(pids)
            hooked = send(port, hooks[200:])
            left = one("SELECT COUNT(*) FROM orders_inboundmessage WHERE state = 'waiting'")
            began = time.perf_counter()
            until_folded()
            drained = time.perf_counter() - began
        assert hooked.failed == 0, f"{hooked.failed} webhooks were refused"
        assert one("SELECT COUNT(*) FROM orders_inboundmessage WHERE state <> 'done'") == 0
        scans = one("SELECT COUNT(*) FROM orders_trackingevent")
        assert scans == messages, f"{scans} scans of {messages} messages"
        listed = send(port, lists, connections=4)
        assert listed.failed == 0, f"{listed.failed} lists were refused"
        stored = one("SELECT COUNT(*) FROM orders_trackingevent") - scans
        assert stored == events, f"{stored} of {events} scans stored"
        noted = one("SELECT COUNT(DISTINCT shipment_id) FROM orders_parcelchange")
        began = time.perf_counter()
        with crew():
            started = time.perf_counter() - began
            until_folded()
            folded = time.perf_counter() - began - started
    assert one("SELECT COUNT(*) FROM orders_shipment s WHERE events_count = 0 AND EXISTS (SELECT 1 FROM"
               " orders_trackingevent e WHERE e.shipment_id = s.id)") == 0  # fmt: skip
    report(hooked, left, drained, listed, events, noted, folded)
    print(f"\nCPU of the workers while webhooks came: {busy}", flush=True)


def report(hooked: Sent, left: int, drained: float, listed: Sent, events: int, parcels: int, folded: float) -> None:
    """The table, and for each target whether it is reached."""
    bare_messages = bare_insert("orders_inboundmessage", limit=len(hooked.ms))
    bare_events = bare_insert("orders_trackingevent", limit=events)
    per_second = len(hooked.ms) / hooked.took
    through = len(hooked.ms) / (hooked.took + drained)
    print("\n| what | per second | p50 | p99 | bare INSERT of the rows, per second |\n|---|---|---|---|---|")
    print(f"| webhooks, signature checked, message committed, workers busy | {per_second:,.0f} "
          f"| {hooked.percentile(0.5):.1f} ms | {hooked.percentile(0.99):.1f} ms | {bare_messages:,.0f} |")  # fmt: skip
    print(f"| webhooks until every parcel is folded ({left:,} waited at the end) | {through:,.0f} | | | |")
    print(f"| scans accepted by API | {events / listed.took:,.0f} | {listed.percentile(0.5):.0f} ms "
          f"| {listed.percentile(0.99):.0f} ms (calls) | {bare_events:,.0f} |")  # fmt: skip
    print(f"| scans folded by {WORKERS} workers, orders judged | {events / folded:,.0f} | | | |")
    print(f"| parcels folded by {WORKERS} workers | {parcels / folded:,.0f} | | | |")
    target("webhooks per second", per_second, HOOKS, at_least=True)
    target("webhooks, p99 ms", hooked.percentile(0.99), P99_MS)
    target("scans accepted by API per second", events / listed.took, BULK, at_least=True)
    target("scans folded per second", events / folded, FOLDED, at_least=True)


# --- what is sent -----------------------------------------------------------------------------------------------------
def webhooks(count: int) -> list[bytes]:
    """Signed AfterShip messages, each with one scan of another parcel."""
    from bench.history import PRESENT
    from orders.models import Shop
    from orders.services.endpoints import make_endpoint

    doors = {shop.pk: make_endpoint(shop=shop, source="aftership", secret=SECRET) for shop in Shop.objects.all()}
    made = []
    for number, (tracking, shop_id, slug) in enumerate(parcels(count)):
        at = (PRESENT - timedelta(hours=2, seconds=number % 3600)).isoformat()
        scan = {"created_at": at, "checkpoint_time": at, "city": "Shenzhen", "country_region": "CHN", "state": None,
                "message": f"Arrived at stop {number}", "tag": "InTransit", "subtag": CODES[number % 4]}  # fmt: skip
        body = json.dumps({
            "ts": int(PRESENT.timestamp()), "event": "tracking_update", "event_id": f"e-{number}",
            "is_tracking_first_tag": False,
            "msg": {"id": f"t{number}", "tracking_number": tracking, "slug": slug, "tag": "InTransit",
                    "subtag": scan["subtag"], "checkpoints": [scan], "expected_delivery": "2026-11-27"},
        }).encode()  # fmt: skip
        sign = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        made.append(request(f"/hooks/tracking/aftership/{doors[shop_id].key}/", body, {"aftership-hmac-sha256": sign}))
    return made


def calls(count: int) -> list[bytes]:
    """Lists of scans, ten scans for each parcel."""
    from bench.history import PRESENT
    from ticketdesk.accounts.models import Role, Scope, User
    from ticketdesk.accounts.services import create_key

    admin = User.objects.create(email="admin@bench.test", name="Admin", role=Role.ADMINISTRATOR)
    _, key = create_key(by=admin, user=admin, name="bench", scopes=Scope.values, now=PRESENT)
    events = [
        {"carrier": slug, "tracking_number": tracking, "status": "in_transit.moving", "code": "M1",
         "occurred_at": (PRESENT - timedelta(hours=20 - step, minutes=7)).isoformat(), "city": "Shenzhen",
         "country": "CN", "text": f"Passed stop {step}"}
        for tracking, _, slug in parcels(count // 10) for step in range(10)
    ]  # fmt: skip
    lists = [json.dumps(events[first : first + PER_CALL]).encode() for first in range(0, len(events), PER_CALL)]
    return [request("/api/v1/tracking-events/", body, {"Authorization": f"Bearer {key}"}) for body in lists]


def parcels(count: int) -> list[tuple[str, int, str]]:
    """Number, shop and carrier of so many parcels."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.number, s.shop_id, c.code FROM orders_shipment s JOIN orders_carrier c ON c.id = s.carrier_id
               ORDER BY s.id LIMIT %s""",
            [count],
        )
        return cursor.fetchall()


# --- who is running ---------------------------------------------------------------------------------------------------
@contextmanager
def web() -> Iterator[int]:
    """One web process, with the very words of `manage.py up`; the port it listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    words = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--http", "1"]
    words += ["--no-ws", "--workers", "1", "--blocking-threads", "4", "--log-level", "warning"]
    process = started([*words, "ticketdesk.wsgi:application"])
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline and process.poll() is None, "the web did not start"
                time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@contextmanager
def crew() -> Iterator[list[int]]:
    """Worker processes that run every sweep of the desk."""
    members = [started(["manage.py", "tick", "--loop", "--force", "--every", "0.2"]) for _ in range(WORKERS)]
    time.sleep(4)  # they are loaded
    try:
        yield [member.pid for member in members]
    finally:
        for member in members:
            member.send_signal(signal.SIGTERM)
        for member in members:
            member.wait(60)


def started(words: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A Python process of the desk, quiet."""
    env = os.environ | {"API_RATE": "1000000/min", "CONN_MAX_AGE": "300"}
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)


def until_folded() -> None:
    """Wait until nothing waits."""
    while one("SELECT EXISTS (SELECT 1 FROM orders_inboundmessage WHERE state = 'waiting')"
              " OR EXISTS (SELECT 1 FROM orders_parcelchange)"):  # fmt: skip
        time.sleep(0.02)


def cpu_of(pids: Sequence[int]) -> Any:
    """Seconds of CPU that these processes have used."""
    ticks = os.sysconf("SC_CLK_TCK")
    parts = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return [round((int(part[11]) + int(part[12])) / ticks, 1) for part in parts]


# --- what the database alone can do -----------------------------------------------------------------------------------
def bare_insert(table: str, limit: int) -> float:
    """Rows per second when one client writes the newest of these very rows again, so many in a statement, each
    statement flushed to disk."""
    names = ", ".join(name for name in columns(table) if name != "id")
    execute(f"DROP TABLE IF EXISTS saved_{table}")
    execute(f"CREATE UNLOGGED TABLE saved_{table} AS SELECT row_number() OVER () AS n, {names} FROM"
            f" (SELECT * FROM {table} ORDER BY id DESC LIMIT {limit}) newest")  # fmt: skip
    execute(f"CREATE INDEX ON saved_{table} (n)")
    count = one(f"SELECT COUNT(*) FROM saved_{table}")
    execute(f"TRUNCATE {table}")
    execute("CHECKPOINT")
    began = time.perf_counter()
    for first in range(1, count + 1, ROWS_PER_INSERT):
        execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM saved_{table}"
                f" WHERE n BETWEEN {first} AND {first + ROWS_PER_INSERT - 1}")  # fmt: skip
    return count / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
