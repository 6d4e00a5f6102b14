"""The standby ticker: runs the sweeps itself while the workers are silent."""

import os
import signal
import socket
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections, connection
from django.utils.module_loading import import_string

from ticketdesk.outbox.heartbeat import STALE_AFTER
from ticketdesk.outbox.models import Heartbeat

# One loop stands for all: tickers that looked at several could each see the other's and both stand down.
WATCHED = "orders"
log = structlog.get_logger("ticketdesk.tick")


class Command(BaseCommand):
    """Run every sweep of settings.SWEEPS once, or every few seconds with --loop, if nobody else does."""

    help = "Run the sweeps when the workers' heartbeat is stale. From cron: once a minute; as a service: --loop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="stay, and look again every few seconds")
        parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="pause between looks (5)")
        parser.add_argument("--force", action="store_true", help="sweep even when the workers are alive")

    def handle(self, *, loop: bool, every: float, force: bool, **options: Any) -> None:
        if every <= 0:
            raise CommandError("--every must be more than 0 seconds.")
        told = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            told.set()

        if loop:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, stop)
        failed = self.look(force)
        while loop and not told.wait(every):
            failed = self.look(force)
        if failed and not loop:
            raise CommandError(f"Failed: {', '.join(failed)}. The log says why.")

    def look(self, force: bool) -> list[str]:
        """Sweep if it is needed; the names of the sweeps that failed. Never raises: the next look tries again."""
        close_old_connections()
        try:
            if not force and workers_are_alive():
                return []
        except Error:
            log.exception("database does not answer")
            return ["database"]
        return [name for name in settings.SWEEPS if not self.sweep(name)]

    def sweep(self, name: str) -> bool:
        """Run one sweep; False when it failed, so that the others run all the same."""
        function: Callable[[], object] = import_string(name)
        try:
            done = function()
        except Exception:
            log.exception("sweep failed", sweep=name)
            connection.close()
            return False
        log.info("swept", sweep=name, done=done)
        return True


def workers_are_alive() -> bool:
    """Whether another process than this one has run the watched loop within `STALE_AFTER`, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT by <> %s AND clock_timestamp() - at <= make_interval(secs => %s)
                FROM {Heartbeat._meta.db_table} WHERE name = %s""",
            [f"{socket.gethostname()}:{os.getpid()}", STALE_AFTER.total_seconds(), WATCHED],
        )
        row = cursor.fetchone()
    return bool(row and row[0])
