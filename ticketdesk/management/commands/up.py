"""Everything in one terminal: servers, web, worker, beat."""

import errno
import http.client
import io
import os
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, connection, connections
from django.urls import reverse
from redis.exceptions import RedisError

from orders.models import TrackLink
from ticketdesk import demo, embedded, local, redis_client, statics
from ticketdesk.accounts.models import User
from ticketdesk.children import end, spawn, tail
from ticketdesk.demo.people import PEOPLE
from ticketdesk.demo.seeding import is_seeded
from ticketdesk.supervisor import Role, Supervisor, VitalDeathError, wait_for

WEB_WITHIN_S = 60.0
LOOK_EVERY_S = 0.3
LOG_MAX_BYTES = 10_000_000
# Of the demo's people, one of each kind.
SHOWN = frozenset({"admin", "supervisor", "supervisor2", "agent", "agent4", "agent6", "warehouse"})


class ToldToStopError(BaseException):
    """SIGINT or SIGTERM has come."""


class Command(BaseCommand):
    """Start all of TicketDesk here, keep it running, stop all of it on Ctrl-C or SIGTERM."""

    help = (
        "Start TicketDesk: an embedded PostgreSQL and Redis (unless DATABASE_URL and REDIS_URL are set), tables, "
        "demo data, web, worker and beat. Ctrl-C stops all of it; the data stays."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--host", default="127.0.0.1", help="0.0.0.0 opens it to the network; set ALLOWED_HOSTS too"
        )
        parser.add_argument("--workers", type=int, default=2, help="web processes, of four threads each")
        parser.add_argument("--no-demo", action="store_true", help="don't fill an empty desk with the demo")

    def handle(self, *, port: int, host: str, workers: int, no_demo: bool, **options: Any) -> None:
        check_port(host, port)
        os.environ.setdefault("BASE_URL", f"http://{host}:{port}")
        self.collecting: subprocess.Popen[bytes] | None = None
        self.var, began = settings.VAR_DIR, time.monotonic()
        supervisor, servers = Supervisor(self.say), None
        with told_to_stop():
            try:
                servers = self.start_servers()
                self.prepare(demo=not no_demo)
                supervisor.roles = [*self.server_roles(servers), *self.roles(host, port, workers)]
                self.start_roles(supervisor, host, port)
                self.welcome(host, port, time.monotonic() - began)
                while True:
                    time.sleep(LOOK_EVERY_S)
                    supervisor.look(time.monotonic())
            except ToldToStopError:
                self.say("Stopping; the data stays in " + str(self.var))
            except (embedded.EmbeddedError, VitalDeathError) as error:
                raise CommandError(str(error)) from error
            except Error as error:
                raise CommandError(f"The database refused: {error}".strip()) from error
            finally:
                ignore_signals()
                supervisor.roles = [role for role in supervisor.roles if role.name not in ("postgres", "redis")]
                end([self.collecting] if self.collecting else [], first=signal.SIGTERM, grace_s=0.5)
                supervisor.stop()
                if servers:
                    servers.stop()

    def say(self, sentence: str) -> None:
        """One line for the person at the terminal."""
        self.stdout.write(sentence)
        self.stdout.flush()

    # --- the ground -------------------------------------------------------------------------------------------------

    def start_servers(self) -> embedded.Servers:
        """Start the embedded servers that this copy brings, and make sure that the others answer."""
        asked = frozenset(name for name in os.environ.get(local.EMBEDDED, "").split(",") if name)
        own = asked & embedded.available()
        self.has_redis = own == asked
        if not self.has_redis:
            self.say("There is no redis-server for this Python or system: the standby ticker works instead of workers.")
        with self.step(" and ".join(sorted(own)) + " starting" if own else "looking for PostgreSQL and Redis"):
            servers = embedded.start(self.var, want=own)
            try:
                check_database(own="postgres" in own)
                if self.has_redis:
                    check_redis()
            except BaseException:
                servers.stop()
                raise
        return servers

    def prepare(self, *, demo: bool) -> None:
        """Bring tables, defaults, demo and static files up to date; each step finds out by itself what is missing."""
        log = self.var / "log" / "static.log"
        if not statics.is_current():
            self.collecting = statics.collect(log)
        with self.step("tables"):
            call_command("migrate", interactive=False, verbosity=0)
            call_command("createcachetable", verbosity=0)
        with self.step("defaults"):
            for command in ("setup_defaults", "setup_templates"):
                call_command(command, verbosity=0, stdout=io.StringIO())
        demo = demo and not is_seeded()
        connections.close_all()
        if self.collecting:
            with self.step("static files"):
                if self.collecting.wait():
                    raise CommandError(f"Static files could not be collected. {log} ends with:\n{tail(log)}")
                statics.mark_current()
        if demo:
            with self.step("demo"):
                # A process of its own gives back the memory that filling takes.
                self.manage("seed_demo")

    def manage(self, *words: str) -> None:
        """Run a management command as a process of its own; it writes to this terminal."""
        done = subprocess.run([sys.executable, "manage.py", *words], cwd=settings.BASE_DIR, check=False)
        if done.returncode:
            raise CommandError(f"manage.py {' '.join(words)} failed; see above.")

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say what is being done, and how long it took."""
        began = time.monotonic()
        yield
        self.say(f"  {what:<32} {time.monotonic() - began:5.1f} s")

    # --- the processes ----------------------------------------------------------------------------------------------

    def roles(self, host: str, port: int, workers: int) -> list[Role]:
        """Web, and worker and beat or else the ticker; only the web is vital, the others come back."""
        web = ["-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--http", "1", "--no-ws"]
        web += ["--workers", str(workers), "--blocking-threads", "4", "--workers-kill-timeout", "3"]
        web += ["--respawn-failed-workers", "--log-level", "warning", "ticketdesk.wsgi:application"]
        if not self.has_redis:
            return [self.role("web", web, vital=True), self.role("ticker", ["manage.py", "tick", "--loop"])]
        celery = ["-m", "celery", "-A", "ticketdesk.celery", "--quiet"]
        quiet = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
        schedule = self.var / "beat-schedule"
        for half_written in self.var.glob("beat-schedule*"):
            half_written.unlink()
        return [
            self.role("web", web, vital=True),
            self.role("worker", [*celery, "worker", "--pool", "threads", "--concurrency", "2", *quiet]),
            self.role("beat", [*celery, "beat", "--schedule", str(schedule), "--pidfile=", "--loglevel", "INFO"]),
        ]

    def role(self, name: str, words: list[str], *, vital: bool = False) -> Role:
        """A program of our environment's Python, run with its output in var/log."""
        log = self.var / "log" / f"{name}.log"
        if log.exists() and log.stat().st_size > LOG_MAX_BYTES:
            log.replace(log.with_suffix(".log.1"))

        def start() -> "subprocess.Popen[bytes]":
            return spawn([sys.executable, *words], log=log, cwd=settings.BASE_DIR)

        return Role(name, start, log, vital)

    def server_roles(self, servers: embedded.Servers) -> list[Role]:
        """The embedded servers, to be started again when they die: the desk outlives the loss of either."""

        def restart(name: str) -> Callable[[], "subprocess.Popen[bytes]"]:
            def start() -> "subprocess.Popen[bytes]":
                servers.launch(name)
                return servers.processes[name]

            return start

        return [
            Role(name, restart(name), servers.log(name), process=process, started_at=time.monotonic())
            for name, process in servers.processes.items()
        ]

    def start_roles(self, supervisor: Supervisor, host: str, port: int) -> None:
        """Start what does not run yet, and wait until the web answers."""
        with self.step(", ".join(role.name for role in supervisor.roles if role.process is None) + " starting"):
            for role in supervisor.roles:
                if role.process is None:
                    role.run(time.monotonic())
            web = next(role for role in supervisor.roles if role.name == "web")
            assert web.process is not None
            if not wait_for(lambda: answers(host, port), web.process, WEB_WITHIN_S):
                raise VitalDeathError(f"The web did not start. {web.log} ends with:\n{tail(web.log)}")

    def welcome(self, host: str, port: int, took_s: float) -> None:
        """Say where to go and how to get in."""
        shown = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else host  # noqa: S104  # only compared
        self.say(f"\nTicketDesk is ready after {took_s:.0f} s:  http://{shown}:{port}\n")
        for line in [*logins(), *buyers_page(f"http://{shown}:{port}")]:
            self.say(line)
        self.say(f"Logs are in {self.var / 'log'}. Ctrl-C stops everything; the data stays.")


def logins() -> list[str]:
    """How to sign in: the demo's people, or how to make the first one."""
    known = set(User.objects.filter(email__endswith=f"@{demo.DOMAIN}").values_list("email", flat=True))
    people = [person for person in PEOPLE if person.login in SHOWN and person.email in known]
    connection.close()
    if not people:
        return ["Make the first person:  .venv/bin/python -m ticketdesk.local createsuperuser\n"]
    width = max(len(person.email) for person in people)
    return [
        f"Sign in, with the password {demo.PASSWORD}, as",
        *(f"  {person.email:<{width}}  {person.about}" for person in people),
        "",
    ]


def buyers_page(base: str) -> list[str]:
    """Where to see what a buyer sees, once somebody has made a link."""
    link = TrackLink.objects.filter(revoked_at__isnull=True).order_by("created_at").first()
    connection.close()
    return [f"What a buyer sees, without signing in:  {base}{reverse('track', args=[link.token])}\n"] if link else []


def check_port(host: str, port: int) -> None:
    """Raise CommandError, with the remedy, when the address can't be listened on."""
    if not 0 < port < 65536:
        raise CommandError(f"{port} is not a port. Choose one from 1 to 65535: make run PORT=8000")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError:
        raise CommandError(f"Port {port} needs root. Choose another: make run PORT=8000") from None
    except socket.gaierror:
        raise CommandError(f"{host}:{port} is not an address of this machine.") from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise CommandError(f"{host} is not an address of this machine.") from None
        raise CommandError(f"Port {port} on {host} is taken. Choose another: make run PORT={port + 1}") from None


def check_database(*, own: bool) -> None:
    """Raise CommandError, with the remedy, when PostgreSQL does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (Error, psycopg2.Error) as error:
        remedy = "See var/log/postgres.log." if own else "Start it, or unset DATABASE_URL to use the embedded one."
        first_line = str(error).strip().splitlines()[0]
        raise CommandError(f"PostgreSQL does not answer at DATABASE_URL ({first_line}). {remedy}") from error


def check_redis() -> None:
    """Raise CommandError, with the remedy, when Redis does not answer."""
    try:
        redis_client.connect(settings.REDIS_URL).ping()
    except (RedisError, OSError, ValueError) as error:
        raise CommandError(
            f"Redis does not answer at REDIS_URL ({error}). Start it, or unset REDIS_URL to use the embedded one."
        ) from error


def answers(host: str, port: int) -> bool:
    """Whether the web says that it lives."""
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # only compared
    call = http.client.HTTPConnection(asked, port, timeout=5)
    try:
        call.request("GET", "/livez", headers={"Host": "localhost"})
        return call.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        call.close()


@contextmanager
def told_to_stop() -> Iterator[None]:
    """SIGINT and SIGTERM raise ToldToStopError inside."""

    def tell(number: int, frame: FrameType | None) -> None:
        raise ToldToStopError

    before = {number: signal.signal(number, tell) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """A second Ctrl-C must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
