"""The ground under every test: servers of this run alone, settings that point at them, a fixed present.

The servers start when the first test asks for the database or Redis; pure tests never pay for them. Set
TEST_DATABASE_URL and TEST_REDIS_URL to use servers of your own: each test process makes a database `test_…` there.
"""

import base64
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings

from tests.clock import NOW
from ticketdesk import embedded

FOLDER = "TICKETDESK_TEST_FOLDER"
START_WITHIN_S = 60.0

hypothesis.settings.register_profile("desk", deadline=None)  # on a busy machine a deadline is a lottery
hypothesis.settings.load_profile("desk")


def _point_at_servers_of_this_run() -> None:
    if FOLDER not in os.environ:  # the first process; test processes inherit what it finds
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="desk-test-")
        Path(os.environ[FOLDER]).chmod(0o755)  # PostgreSQL runs as another account when root tests
        Path(os.environ[FOLDER], "static").mkdir()  # whitenoise warns when it is missing
    folder = Path(os.environ[FOLDER])
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw-1").removeprefix("gw")) + 1
    key = base64.b64encode(bytes(range(32))).decode()
    os.environ.update(
        DJANGO_SETTINGS_MODULE="ticketdesk.settings",
        DATABASE_URL=os.environ.get("TEST_DATABASE_URL") or embedded.database_url(folder),
        REDIS_URL=os.environ.get("TEST_REDIS_URL") or embedded.redis_url(folder, number=worker),
        SECRET_KEY="tests only, long enough to satisfy every check of Django's that looks at its length",
        PII_KEYS=f"t1:{key}",
        PII_ACTIVE_KEY="t1",
        PII_INDEX_KEY=key,
        HTTPS="0",
        DEBUG="0",
        ALLOWED_HOSTS="localhost,127.0.0.1,testserver",
        VAR_DIR=str(folder / "var"),
        STATIC_ROOT=str(folder / "static"),
    )


# Settings that somebody else has loaded already are theirs to answer for; test processes load ours before this.
OURS = FOLDER in os.environ or not settings.configured
if OURS:
    _point_at_servers_of_this_run()


def pytest_configure(config: pytest.Config) -> None:
    """Ease the settings where tests would only wait or need a build step."""
    if OURS:  # test processes have loaded them before they knew which Redis database is theirs
        settings.REDIS_URL = settings.CELERY_BROKER_URL = os.environ["REDIS_URL"]
    settings.REDIS_URL = settings.CELERY_BROKER_URL = os.environ["REDIS_URL"]  # each test process has its own
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove their folder; only the process that made it does."""
    if not OURS or "PYTEST_XDIST_WORKER" in os.environ:
        return
    folder = Path(os.environ[FOLDER])
    try:
        os.kill(int((folder / "pid").read_text()), signal.SIGTERM)
    except (OSError, ValueError):
        pass  # no test asked for them
    else:
        _wait_until(lambda: not (folder / "lock").exists(), 10.0)
    shutil.rmtree(folder, ignore_errors=True)


def _wait_until(done, within_s: float) -> bool:
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(scope="session")
def servers() -> None:
    """PostgreSQL and Redis of this run, started by whichever test process asks first."""
    if not OURS or (os.environ.get("TEST_DATABASE_URL") and os.environ.get("TEST_REDIS_URL")):
        return
    folder = Path(os.environ[FOLDER])
    with (folder / "starting").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if (folder / "ready").exists():
            return
        owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
        with (folder / "servers.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ticketdesk.embedded", str(folder), "--careless", "--owner", str(owner)],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        (folder / "pid").write_text(str(process.pid))
        started = _wait_until(lambda: (folder / "ready").exists() or process.poll() is not None, START_WITHIN_S)
        if not started or process.poll() is not None:
            pytest.exit(f"The embedded servers did not start:\n{(folder / 'servers.log').read_text()}", returncode=3)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Each test process has a database of its own on the servers of this run."""


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages show what is there: what may be a few seconds old is asked for anew each time."""
    from django.core.cache.backends.dummy import DummyCache

    monkeypatch.setattr("ticketdesk.briefly.kept", DummyCache("", {}))


@pytest.fixture
def now() -> datetime:
    """The fixed present; code under test is given it, and never asks a clock."""
    return NOW


@pytest.fixture
def redis_server(servers: None) -> Iterator[str]:
    """The address of an empty Redis database of this test process; emptied again afterwards."""
    from ticketdesk.redis_client import connect

    if OURS and "redis" not in embedded.available():
        pytest.skip("there is no redis-server for this Python or system")
    client = connect(settings.REDIS_URL)
    client.flushdb()
    yield settings.REDIS_URL
    client.flushdb()
