"""Probes: is the process alive, and can it do its work."""

import shutil
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from ticketdesk.redis_client import connect

DATABASE_WITHIN_S = 1.0
DISK_FREE_MIN = 0.05
RETRY_AFTER_S = 5


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """200 while this process answers; asks nobody else, so that a database's trouble never restarts the web."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 `ok` or `degraded` (Redis is down, work goes on later), 503 `unready` when requests can't be served."""
    found = {"database": database_state(), "disk": disk_state(), "redis": redis_state()}
    unready = found["database"] != "ok" or found["disk"] != "ok"
    status = "unready" if unready else "ok" if found["redis"] == "ok" else "degraded"
    response = JsonResponse({"status": status, **found}, status=503 if unready else 200)
    if unready:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


class Probe:
    """Runs a check in a thread of its own and waits for it only so long; one run at a time, whoever asks."""

    def __init__(self) -> None:
        self.turn = threading.Lock()

    def ask(self, check: Callable[[], str], within_s: float) -> str:
        """The check's word; `slow` when it takes longer, or when an earlier run still hangs."""
        answer: list[str] = []
        began = time.monotonic()
        if not self.turn.acquire(timeout=within_s):
            return "slow"

        def run() -> None:
            try:
                answer.append(check())
            finally:
                self.turn.release()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(max(0.0, within_s - (time.monotonic() - began)))
        return answer[0] if answer else "slow"


_database = Probe()
_schema_is_current = False


def database_state() -> str:
    """`ok`, `down`, `slow` (no answer within a second) or `migrations missing`."""
    return _database.ask(_look_at_database, DATABASE_WITHIN_S)


def _look_at_database() -> str:
    global _schema_is_current
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        # Reading the migrations costs 100 ms; what is applied once stays applied while this code runs.
        if not _schema_is_current:
            executor = MigrationExecutor(connection)
            _schema_is_current = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        return "ok" if _schema_is_current else "migrations missing"
    except Exception:
        return "down"
    finally:
        connection.close()  # this thread ends, and would leave it open


def disk_state() -> str:
    """`ok`, or `full` when less than a twentieth of the disk with our files is free."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    usage = shutil.disk_usage(settings.VAR_DIR)
    return "ok" if usage.free / usage.total > DISK_FREE_MIN else "full"


def redis_state() -> str:
    """`ok` or `down`."""
    client = connect(settings.REDIS_URL)
    try:
        client.ping()
        return "ok"
    except (RedisError, OSError):
        return "down"
    finally:
        client.close()
