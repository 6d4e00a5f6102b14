"""How fast the lists are while several people work on a desk that holds a million tickets.

    python -m bench.lists [--tickets 1000000] [--open 80000] [--users 8] [--seconds 60] [--pause 1]

The pages are served as `manage.py up` serves them (granian, two processes of four threads). Each user looks at every
page for a second, many times faster than a person works; then all ask without a pause, which shows the desk's limit.
"""

import argparse
import gzip
import html
import http.client
import itertools
import math
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.ground import ground
from ticketdesk.children import end, spawn, tail

HOST = "127.0.0.1"
TARGET_MS = 300.0
NEXT = re.compile(rb'href="\?([^"]*after=[^"]+)"')
NEXT_PAGE = "what follows on the page before"
# What each user does in turn.
PAGES = (
    ("board", "/tickets/"),
    ("board, page 2", NEXT_PAGE),
    ("board: mine", "/tickets/?view=mine"),
    ("board: unassigned", "/tickets/?view=unassigned"),
    ("counts of the views", "/tickets/pulse/?view=open&since=999990"),
    ("board: late", "/tickets/?view=late"),
    ("board: due within 1 h", "/tickets/?view=soon"),
    ("board: newest", "/tickets/?view=open&sort=new"),
    ("board: by expected loss", "/tickets/?view=open&sort=loss"),
    ("board: by expected loss, page 2", NEXT_PAGE),
    ("board: solved", "/tickets/?view=solved"),
    ("board: solved, page 2", NEXT_PAGE),
    ("board: P2", "/tickets/?view=open&grade=2"),
    ("board: one reason, in progress", "/tickets/?view=open&anomaly=overdue&status=in_progress"),
    ("board: one carrier", "/tickets/?view=open&carrier=carrier-2"),
    ("orders", "/orders/"),
    ("orders, page 2", NEXT_PAGE),
    ("orders: shipped", "/orders/?stage=shipped"),
    ("orders: late", "/orders/?late=on"),
    ("orders: one anomaly", "/orders/?anomaly=overdue"),
    ("search by order number", "/search/?q=SO000500000"),
    ("wall", "/wall/"),
)
# django-helpdesk with 100,000 tickets on the same kind of machine, gunicorn with two processes: BASELINE, 8 clients.
HELPDESK = (("ticket list, 25 rows", 11_076), ("search", 6_357), ("dashboard", 20_612))


@dataclass
class Walk:
    """What one user has seen: milliseconds by page, and answers that were not a page."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)


def main() -> None:
    """Make the desk, serve it, walk through it, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.lists", description=__doc__)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=80_000)
    parser.add_argument("--users", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between an answer and the next page")
    parser.add_argument("--folder", type=Path, help="where the embedded server keeps its data; default: thrown away")
    parser.add_argument("--keep", action="store_true", help="use the desk that an earlier run has left in --folder")
    options = parser.parse_args()
    with ground(folder=options.folder, keep=options.keep):
        made(options.tickets, options.open)
        cookies = signed_in(options.users)
        with served() as port:
            walk(port, cookies, seconds=10.0)  # every process has opened its connections and read its templates
            walks = walk(port, cookies, options.seconds, options.pause)
            hurried = walk(port, cookies, options.seconds / 2)
    report(walks, options)
    everything = [took for each in hurried for milliseconds in each.took.values() for took in milliseconds]
    print(
        f"Without a pause: {len(everything) / options.seconds * 2:.0f} pages/s, p95 {percentile(everything, 95):.0f} ms"
    )


def made(tickets: int, open_: int) -> None:
    """The desk, unless it is there."""
    from django.utils import timezone

    from bench import desk, history
    from orders.models import Shop

    if Shop.objects.exists():
        return
    began = time.perf_counter()
    history.make_house(present=None)
    desk.Year(tickets, open_, timezone.now().replace(microsecond=0)).make()
    print(f"{tickets:,} orders and tickets made, {open_:,} open ({time.perf_counter() - began:.0f} s)", flush=True)


def signed_in(users: int) -> list[str]:
    """Session cookies of so many people: agents of different teams, every fourth a supervisor."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from ticketdesk.accounts.models import User

    people = list(User.objects.order_by("id")[:: max(1, User.objects.count() // users)][:users])
    cookies = []
    for number, person in enumerate(people):
        person.role = "supervisor" if number % 4 == 3 else "agent"
        person.save()
        session = SessionStore()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(person.pk), settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        cookies.append(f"{settings.SESSION_COOKIE_NAME}={session.session_key}")
    return cookies


@contextmanager
def served() -> Iterator[int]:
    """The web server, as `manage.py up` starts it, on a free port."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        env = os.environ | {"STATIC_ROOT": folder}
        quiet = ["collectstatic", "--noinput", "--verbosity", "0"]
        subprocess.run([sys.executable, "manage.py", *quiet], env=env, check=True)
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        web = ["granian", "--interface", "wsgi", "--host", HOST, "--port", str(port), "--http", "1", "--no-ws"]
        web += ["--workers", "2", "--blocking-threads", "4", "--log-level", "warning", "ticketdesk.wsgi:application"]
        log = Path(folder, "web.log")
        process = spawn([sys.executable, "-m", *web], log=log, env=env)
        try:
            deadline = time.monotonic() + 60
            while not answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"The web server does not answer.\n{tail(log)}")
                time.sleep(0.1)
            yield port
        finally:
            end([process], first=signal.SIGTERM, grace_s=5.0)


def answers(port: int) -> bool:
    """Whether somebody listens there."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def walk(port: int, cookies: Sequence[str], seconds: float, pause: float = 0.0) -> list[Walk]:
    """Let all users walk through the pages for so long, each beginning somewhere else."""
    ends = time.monotonic() + seconds
    walks = [Walk() for _ in cookies]
    users = [
        threading.Thread(target=stroll, args=(port, cookie, number, ends, pause, seen))
        for number, (cookie, seen) in enumerate(zip(cookies, walks, strict=True))
    ]
    for user in users:
        user.start()
    for user in users:
        user.join()
    return walks


def stroll(port: int, cookie: str, number: int, ends: float, pause: float, seen: Walk) -> None:
    """One user on one connection, until the time is over; who cannot go on is on record."""
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
    starts = [place for place, (_, address) in enumerate(PAGES) if address != NEXT_PAGE]
    for name, address in itertools.islice(itertools.cycle(PAGES), starts[number * 2 % len(starts)], None):
        if time.monotonic() > ends:
            return
        if address != NEXT_PAGE:
            path, following = address, b""
        elif found := NEXT.search(following):
            path = path.partition("?")[0] + "?" + html.unescape(found[1].decode())
        else:
            seen.wrong.append(f"{name}: there is no next page")
            continue
        began = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        seen.took[name].append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            seen.wrong.append(f"{name}: {answer.status}")
        elif answer.headers.get("Content-Encoding") == "gzip":
            following = gzip.decompress(body)
        time.sleep(pause * (0.5 + random.random()))


def report(walks: Sequence[Walk], options: argparse.Namespace) -> bool:
    """The table, and whether every page keeps the target."""
    took: dict[str, list[float]] = {name: [] for name, _ in PAGES}
    for each in walks:
        for name, milliseconds in each.took.items():
            took[name] += milliseconds
    asked, seconds = sum(map(len, took.values())), options.seconds
    print(
        f"\n{options.tickets:,} tickets, {options.open:,} open; {options.users} users, {asked / seconds:.0f} pages/s\n"
    )
    print("| page | asked | p50 ms | p95 ms | max ms | |\n|---|---|---|---|---|---|")
    for name, milliseconds in took.items():
        if milliseconds:
            p95 = percentile(milliseconds, 95)
            verdict = "PASS" if p95 <= TARGET_MS else "MISS"
            print(f"| {name} | {len(milliseconds)} | {statistics.median(milliseconds):.0f} | {p95:.0f} "
                  f"| {max(milliseconds):.0f} | {verdict} |")  # fmt: skip
    everything = [each for milliseconds in took.values() for each in milliseconds]
    p95 = percentile(everything, 95)
    print(f"| all | {asked} | {statistics.median(everything):.0f} | {p95:.0f} | {max(everything):.0f} | |")
    print("\ndjango-helpdesk with 100,000 tickets, 8 clients, measured apart: " + ", ".join(
        f"{what} p95 {p95_ms:,} ms" for what, p95_ms in HELPDESK))  # fmt: skip
    for wrong, times in Counter(wrong for each in walks for wrong in each.wrong).items():
        print(f"WRONG  {wrong} ({times} times)")
    reached = all(percentile(each, 95) <= TARGET_MS for each in took.values() if each)
    print(
        f"{'PASS' if reached else 'MISS'}  p95 of every page <= {TARGET_MS:.0f} ms; of all pages together {p95:.0f} ms"
    )
    return reached


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent do not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


if __name__ == "__main__":
    main()
