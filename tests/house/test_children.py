import os
import signal
import subprocess
import sys
import time

import pytest

from ticketdesk.children import end, spawn, tail

SLEEP = [sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('awake', flush=True); time.sleep(60)",
]
WITH_GRANDCHILD = [
    sys.executable, "-c",
    "import subprocess, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)",
]  # fmt: skip


def until(condition, within_s=10.0):
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"


def test_a_child_writes_into_its_log_behind_what_is_there(tmp_path):
    log = tmp_path / "deep" / "child.log"
    for _ in range(2):
        spawn([sys.executable, "-c", "print('hello')"], log=log).wait()
    assert tail(log) == "hello\nhello"


def test_a_child_that_ignores_the_request_is_killed(tmp_path):
    child = spawn(STUBBORN, log=tmp_path / "log")
    until(lambda: tail(tmp_path / "log") == "awake")
    began = time.monotonic()
    end([child], first=signal.SIGTERM, grace_s=0.3)
    assert child.returncode == -signal.SIGKILL
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("dies_first", [True, False])
def test_grandchildren_end_with_their_group_even_when_the_child_is_dead(tmp_path, dies_first):
    child = spawn(WITH_GRANDCHILD, log=tmp_path / "log")
    until(lambda: tail(tmp_path / "log").isdigit())
    if dies_first:
        child.kill()
        child.wait()
    end([child], first=signal.SIGTERM, grace_s=2.0)
    until(lambda: not lives(int(tail(tmp_path / "log"))))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells children of their parent's death")
def test_a_child_does_not_outlive_a_killed_parent(tmp_path):
    program = (
        "from pathlib import Path; import sys, time; from ticketdesk.children import spawn;"
        f"c = spawn({SLEEP!r}, log=Path({str(tmp_path / 'log')!r})); print(c.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    until(lambda: tail(tmp_path / "log") == "awake")
    parent.kill()
    parent.wait()
    until(lambda: not lives(pid))


def test_a_missing_log_has_no_last_lines(tmp_path):
    assert tail(tmp_path / "none") == ""


def test_only_the_last_lines_are_shown_and_long_ones_are_cut(tmp_path):
    (tmp_path / "log").write_text("\n".join(["first", "x" * 5000, "last"]))
    assert tail(tmp_path / "log", lines=2).splitlines() == ["x" * 300, "last"]
