import os
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.house.test_children import until
from ticketdesk.local import ROOT
from ticketdesk.management.commands import up


@pytest.fixture
def taken():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command_lines() -> list[str]:
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended meanwhile
            lines.append(process.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return lines


def test_a_taken_port_is_named_with_the_next_one_to_try(taken):
    with pytest.raises(CommandError, match=f"Port {taken} .* make run PORT={taken + 1}"):
        up.check_port("127.0.0.1", taken)


def test_a_free_port_is_fine():
    up.check_port("127.0.0.1", free_port())


@pytest.mark.parametrize("host", ["203.0.113.7", "no such host"])
def test_an_address_that_is_not_ours_is_named(host):
    with pytest.raises(CommandError, match="is not an address of this machine"):
        up.check_port(host, 8000)


@pytest.mark.parametrize("port", [0, -1, 99999])
def test_a_number_that_is_no_port_is_refused(port):
    with pytest.raises(CommandError, match="is not a port"):
        up.check_port("127.0.0.1", port)


def test_a_redis_that_is_set_but_gone_is_said_with_the_remedy(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    with pytest.raises(CommandError, match="unset REDIS_URL"):
        up.check_redis()


def test_a_stop_signal_ends_the_wait():
    with pytest.raises(up.ToldToStopError), up.told_to_stop():
        os.kill(os.getpid(), signal.SIGTERM)
        pytest.fail("the signal did not come through")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for what is left in /proc")
def test_the_whole_house_starts_answers_and_stops_without_leaving_a_process(tmp_path):
    port, ours = free_port(), ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PII_KEYS", "PII_ACTIVE_KEY", "PII_INDEX_KEY")
    environ = {name: value for name, value in os.environ.items() if name not in ours} | {
        "VAR_DIR": str(tmp_path / "var"),
        "STATIC_ROOT": str(tmp_path / "static"),
        "HTTPS": "0",
    }
    command = [sys.executable, "-m", "ticketdesk.local", "up", "--port", str(port), "--no-demo", "--workers", "1"]
    with (tmp_path / "out").open("wb") as out:
        house = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out)
    said = (tmp_path / "out").read_text
    try:
        until(lambda: "is ready" in said() or house.poll() is not None, within_s=180)
        assert house.poll() is None, said()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=20) as page:
            assert page.status == 200
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        until(lambda: "Task orders.sweep" in (tmp_path / "var/log/worker.log").read_text(), within_s=60)
    finally:
        house.send_signal(signal.SIGINT)
        house.wait(20)
    assert house.returncode == 0, said()
    assert [line for line in command_lines() if str(tmp_path) in line or f"--port {port}" in line] == []
