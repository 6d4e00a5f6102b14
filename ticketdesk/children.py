"""Child processes that die with their parent: started in a group of their own, logged to a file, ended for certain."""

import ctypes
import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
LINE_MAX = 300


def spawn(
    argv: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    owner: tuple[int, int] | None = None,
    last_wish: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `argv`, appending its output to `log`.

    `owner` is the (uid, gid) to run as, for root only. On Linux the kernel sends `last_wish` to the child when this
    process dies in any way, kill -9 included; elsewhere an orphan lives on until somebody adopts or ends it.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    identity = {"user": owner[0], "group": owner[1], "extra_groups": []} if owner else {}
    with log.open("ab") as output:
        process: subprocess.Popen[bytes] = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_die_with_parent(last_wish),
            **identity,  # type: ignore[call-overload]
        )
    return process


def end(processes: Iterable[subprocess.Popen[bytes]], *, first: signal.Signals, grace_s: float) -> None:
    """Ask every process group to stop, wait at most `grace_s` seconds for all of them, then kill what is left."""
    everyone = list(processes)
    alive = [process for process in everyone if process.poll() is None]
    for process in alive:
        _signal_group(process, first)
    deadline = time.monotonic() + grace_s
    for process in alive:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            pass
    for process in everyone:
        # Also when the leader is gone: its group may outlive it.
        _signal_group(process, signal.SIGKILL)
        process.wait()


def tail(log: Path, lines: int = 10) -> str:
    """The last `lines` lines of a log file; an empty text when there is none."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 16384))
            text = stream.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(line[:LINE_MAX] for line in text.splitlines()[-lines:])


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):
        pass


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    parent, prctl = os.getpid(), _libc().prctl

    def after_fork() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return after_fork
