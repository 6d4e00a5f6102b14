"""The ground under every benchmark: a database of its own, real settings, flushing to disk switched on.

Without DATABASE_URL an embedded PostgreSQL is started in a temporary folder and removed afterwards. With it, a database
`desk_bench` is made on that server and dropped at the end; no other database is touched.
"""

import io
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg2
from django.core.management import call_command

from ticketdesk import embedded

NAME = "desk_bench"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
# What a server of one's own has; the defaults are for machines with 128 MB to spare.
TUNED = {"shared_buffers": "1GB", "max_wal_size": "8GB", "checkpoint_timeout": "30min", "work_mem": "16MB"}


@contextmanager
def ground(*, folder: Path | None = None, keep: bool = False) -> Iterator[None]:
    """Django set up on an empty, migrated database with the default calendars and policy.

    `folder` keeps the embedded server's data there; `keep` leaves the database as it is, before and after.
    """
    url, servers, temporary = os.environ.get("DATABASE_URL"), None, None
    if not url:
        if folder is None:
            temporary = tempfile.TemporaryDirectory(prefix="desk-bench-")
            folder = Path(temporary.name)
            folder.chmod(0o755)  # PostgreSQL runs as another account when root measures
        servers = _tuned_server(folder)
        url = embedded.database_url(folder)
    try:
        _make_database(url, keep)
        _point_at(urlsplit(url)._replace(path=f"/{NAME}").geturl())
        set_up()
        call_command("migrate", verbosity=0)
        call_command("createcachetable", verbosity=0)
        call_command("setup_defaults", verbosity=0, stdout=io.StringIO())
        print(f"PostgreSQL {_version(url)}, {os.cpu_count()} cores, Python {sys.version.split()[0]}", flush=True)
        yield
    finally:
        if not keep:
            _drop_database(url)
        if servers:
            servers.stop()
        if temporary:
            temporary.cleanup()


def set_up() -> None:
    """Django, with the settings that a desk really runs with."""
    django.setup()


def _point_at(url: str) -> None:
    os.environ.update(
        DJANGO_SETTINGS_MODULE="ticketdesk.settings",
        DATABASE_URL=url,
        STATEMENT_TIMEOUT_S="3600",
    )
    for name, value in {
        "SECRET_KEY": "benchmarks only, long enough to satisfy every check of its length",
        "PII_KEYS": f"b1:{KEY}",
        "PII_INDEX_KEY": KEY,
        "REDIS_URL": "redis://127.0.0.1:1/0",  # nothing here needs Redis
        "HTTPS": "0",
        "DEBUG": "0",
    }.items():
        os.environ.setdefault(name, value)


def _tuned_server(folder: Path) -> embedded.Servers:
    want = frozenset({"postgres"})
    servers = embedded.start(folder, want=want)
    connection = _connect(embedded.database_url(folder))
    with connection.cursor() as cursor:
        for name, value in TUNED.items():
            cursor.execute(f"ALTER SYSTEM SET {name} = %s", [value])
    connection.close()
    servers.stop()
    return embedded.start(folder, want=want)


def _connect(url: str) -> "psycopg2.extensions.connection":
    connection = psycopg2.connect(url)
    connection.autocommit = True
    return connection


def _make_database(url: str, keep: bool) -> None:
    connection = _connect(url)
    with connection.cursor() as cursor:
        if not keep:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {NAME}")
    connection.close()


def _drop_database(url: str) -> None:
    connection = _connect(url)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
    connection.close()


def _version(url: str) -> str:
    connection = _connect(url)
    with connection.cursor() as cursor:
        settings = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
        cursor.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in settings)}")
        version, fsync, commit, buffers = cursor.fetchone()
    connection.close()
    return f"{version} (fsync {fsync}, synchronous_commit {commit}, shared_buffers {buffers})"
