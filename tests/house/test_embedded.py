import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from tests.house.test_children import lives, until
from ticketdesk import embedded
from ticketdesk.embedded import account, folders
from ticketdesk.redis_client import connect

needs_redis = pytest.mark.skipif(
    "redis" not in embedded.available(), reason="no redis-server for this Python or system"
)


@pytest.fixture
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("e")


def ask(folder: Path, statement: str) -> list[tuple]:
    connection = psycopg2.connect(embedded.database_url(folder))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def start_elsewhere(folder: Path) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-m", "ticketdesk.embedded", str(folder)], stdout=subprocess.PIPE)
    until(lambda: (folder / "ready").exists() or process.poll() is not None, within_s=60)
    assert process.poll() is None
    return process


@needs_redis
def test_data_outlive_a_kill_and_the_next_start_clears_what_was_left(folder):
    killed = start_elsewhere(folder)
    ask(folder, "CREATE TABLE kept AS SELECT 42 AS answer")
    connect(embedded.redis_url(folder)).set("kept", "too")
    time.sleep(1.1)  # the append-only file is flushed every second
    postgres = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    killed.kill()
    killed.wait()
    servers = embedded.start(folder, want=embedded.available())
    try:
        assert not lives(postgres)
        assert ask(folder, "SELECT answer FROM kept") == [(42,)]
        assert connect(embedded.redis_url(folder)).get("kept") == b"too"
    finally:
        servers.stop()
    assert servers.dead() == []


@needs_redis
def test_a_folder_serves_one_at_a_time_and_says_who_has_it(folder):
    servers = embedded.start(folder, want=frozenset({"redis"}))
    try:
        assert folders.holder(folder) == os.getpid()
        with pytest.raises(embedded.EmbeddedError, match=f"process {os.getpid()}"):
            embedded.start(folder, want=frozenset({"redis"}))
    finally:
        servers.stop()
    assert folders.holder(folder) is None


@needs_redis
def test_only_this_user_may_enter_the_sockets(folder):
    servers = embedded.start(folder, want=frozenset({"redis"}))
    try:
        assert stat.S_IMODE(folders.sockets(folder).stat().st_mode) == 0o700
    finally:
        servers.stop()


def test_a_long_path_gets_a_short_folder_for_its_sockets(tmp_path):
    deep = tmp_path / ("x" * 90)
    short = folders.sockets(deep)
    assert len(str(short)) < folders.SOCKET_FOLDER_MAX
    assert short != folders.sockets(tmp_path / ("y" * 90))


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    with pytest.raises(embedded.EmbeddedError, match="belongs to another user"):
        folders.make_sockets(tmp_path / "run", None)


def test_a_missing_package_is_named_with_the_remedy():
    with pytest.raises(embedded.EmbeddedError, match="nonexistent_package is not installed. Run: pip install"):
        folders.package("nonexistent_package")


def test_a_stale_pid_file_that_names_a_stranger_is_not_obeyed(folder):
    embedded.start(folder, want=frozenset({"postgres"})).stop()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (folder / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{folder}\n0\n5432\n\n\n\nready\n")
        embedded.start(folder, want=frozenset({"postgres"})).stop()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_cannot_start_shows_its_log(folder):
    embedded.start(folder, want=frozenset({"postgres"})).stop()
    (folder / "postgres" / "postgresql.conf").write_text("nonsense = 'yes'\n")
    with pytest.raises(embedded.EmbeddedError, match=r"(?s)embedded postgres ended at once.*nonsense"):
        embedded.start(folder, want=frozenset({"postgres"}))


def test_without_the_wheel_a_redis_of_the_system_serves(monkeypatch):
    def missing(name):
        raise embedded.EmbeddedError(name)

    monkeypatch.setattr(folders, "package", missing)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/redis-server")
    assert embedded.available() == {"postgres", "redis"}
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert embedded.available() == {"postgres"}


def test_it_can_be_run_and_stopped_by_hand(folder):
    process = start_elsewhere(folder)
    stopped = subprocess.run([sys.executable, "-m", "ticketdesk.embedded", "--stop", str(folder)], capture_output=True)
    assert b"Stopped" in stopped.stdout
    assert process.wait(10) == 0
    process.stdout.close()


def test_a_normal_user_runs_everything_as_themselves(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert account.choose(Path("/root/private")) == account.Account()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_root_hands_postgres_to_another_account_and_changes_no_permission(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    chosen = account.choose(private / "postgres")
    assert chosen.owner[0] != 0
    assert any("dac_override" in word for word in chosen.prefix)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")
def test_root_runs_from_a_private_folder(tmp_path):
    (tmp_path / "private").mkdir(mode=0o700)
    servers = embedded.start(tmp_path / "private" / "var", want=frozenset({"postgres"}))
    try:
        assert ask(servers.folder, "SELECT 1") == [(1,)]
    finally:
        servers.stop()
