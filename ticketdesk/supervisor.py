"""Keeps the processes of one copy running: names the dead with their last words, starts again what may be."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ticketdesk.children import end, tail

BACKOFF_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
# Who has lived this long starts the next time without a wait.
SOUND_AFTER_S = 60.0
STOP_WITHIN_S = 3.5


@dataclass
class Role:
    """A process that should run: how to start it, where it writes, and whether the rest can live without it a while."""

    name: str
    start: Callable[[], "subprocess.Popen[bytes]"]
    log: Path
    vital: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    deaths: int = 0
    started_at: float = 0.0
    again_at: float | None = None

    def run(self, now: float) -> None:
        """Start the process."""
        self.process, self.started_at, self.again_at = self.start(), now, None


class VitalDeathError(RuntimeError):
    """A process without which nothing works has ended; the text says which, and its last words."""


@dataclass
class Supervisor:
    """Watches over roles. `say` is told each sentence that a person should read."""

    say: Callable[[str], None]
    roles: list[Role] = field(default_factory=list)

    def look(self, now: float) -> None:
        """Notice who has died, start again whose wait is over. `now` is a monotonic time. Raises VitalDeathError."""
        for role in self.roles:
            if role.again_at is not None and role.again_at <= now:
                self.say(f"{role.name} starts again")
                self._run(role, now)
            elif role.again_at is None and role.process is not None and role.process.poll() is not None:
                self._mourn(role, now)

    def stop(self) -> None:
        """End all roles within a few seconds."""
        end([role.process for role in self.roles if role.process], first=signal.SIGTERM, grace_s=STOP_WITHIN_S)

    def _run(self, role: Role, now: float) -> None:
        try:
            role.run(now)
        except (OSError, RuntimeError) as error:  # it can't even be started; later, perhaps
            self.say(f"{role.name} can't start: {error}")
            self._wait_longer(role, now)

    def _mourn(self, role: Role, now: float) -> None:
        assert role.process is not None
        end([role.process], first=signal.SIGTERM, grace_s=0.0)  # what is left of its group
        if now - role.started_at > SOUND_AFTER_S:
            role.deaths = 0
        last_words = tail(role.log).replace("\n", "\n    ")
        sentence = f"{role.name} ended {how(role.process.returncode)}. {role.log} ends with:\n    {last_words}"
        if role.vital:
            raise VitalDeathError(sentence)
        self._wait_longer(role, now)
        self.say(sentence)

    def _wait_longer(self, role: Role, now: float) -> None:
        role.again_at = now + BACKOFF_S[min(role.deaths, len(BACKOFF_S) - 1)]
        role.deaths += 1


def how(code: int) -> str:
    """An exit code in words."""
    return f"with exit code {code}" if code >= 0 else f"by signal {signal.Signals(-code).name}"


def wait_for(answers: Callable[[], bool], process: "subprocess.Popen[bytes]", within_s: float) -> bool:
    """Whether `answers` became true within `within_s` seconds and before the process ended."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline and process.poll() is None:
        if answers():
            return True
        time.sleep(0.1)
    return False
