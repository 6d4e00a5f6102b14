import subprocess
import sys

import pytest

from ticketdesk.supervisor import BACKOFF_S, Role, Supervisor, VitalDeathError, how, wait_for


def program(code: str):
    return lambda: subprocess.Popen([sys.executable, "-c", code])


@pytest.fixture
def said():
    return []


def dead(role: Role, now: float = 0.0) -> Role:
    role.run(now)
    role.process.wait()
    return role


def test_a_dead_helper_is_named_with_its_last_words_and_starts_again_after_a_pause(tmp_path, said):
    (tmp_path / "log").write_text("it hurts")
    role = dead(Role("worker", program("raise SystemExit(3)"), tmp_path / "log"))
    watch = Supervisor(said.append, [role])
    watch.look(10.0)
    assert "worker ended with exit code 3" in said[0]
    assert "it hurts" in said[0]
    watch.look(10.0 + BACKOFF_S[0] - 0.1)
    assert len(said) == 1
    watch.look(10.0 + BACKOFF_S[0])
    assert said[1] == "worker starts again"
    role.process.wait()


def test_who_keeps_dying_waits_longer_each_time_up_to_a_limit(tmp_path, said):
    role = Role("worker", program("pass"), tmp_path / "log")
    watch, waits, now = Supervisor(said.append, [role]), [], 0.0
    for _ in range(8):
        dead(role, now)
        watch.look(now)
        waits.append(role.again_at - now)
        now = role.again_at
    assert waits == [*BACKOFF_S, BACKOFF_S[-1], BACKOFF_S[-1]]


def test_who_has_lived_long_is_forgiven_its_earlier_deaths(tmp_path, said):
    role = dead(Role("worker", program("pass"), tmp_path / "log", deaths=5))
    Supervisor(said.append, [role]).look(3600.0)
    assert role.again_at == 3600.0 + BACKOFF_S[0]


def test_the_death_of_the_web_ends_everything(tmp_path, said):
    role = dead(Role("web", program("import os; os.kill(os.getpid(), 9)"), tmp_path / "log", vital=True))
    with pytest.raises(VitalDeathError, match="web ended by signal SIGKILL"):
        Supervisor(said.append, [role]).look(1.0)


def test_a_helper_that_cannot_even_be_started_is_tried_again(tmp_path, said):
    def refuse():
        raise OSError("no memory")

    role = Role("beat", refuse, tmp_path / "log", again_at=0.0)
    Supervisor(said.append, [role]).look(1.0)
    assert said == ["beat starts again", "beat can't start: no memory"]
    assert role.again_at > 1.0


def test_waiting_ends_at_once_when_the_process_does():
    process = program("pass")()
    assert not wait_for(lambda: process.poll() is None and False, process, within_s=30.0)


def test_exit_codes_are_said_in_words():
    assert (how(0), how(-15)) == ("with exit code 0", "by signal SIGTERM")
