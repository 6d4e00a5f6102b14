from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from ticketdesk.management.commands import tick
from ticketdesk.outbox.models import Heartbeat

pytestmark = pytest.mark.django_db
swept: list[str] = []


def sweep_one() -> None:
    swept.append("one")


def sweep_two() -> None:
    swept.append("two")


def sweep_broken() -> None:
    raise RuntimeError("no")


@pytest.fixture(autouse=True)
def sweeps(settings, monkeypatch):
    swept.clear()
    monkeypatch.setattr(tick, "close_old_connections", lambda: None)
    monkeypatch.setattr(tick.connection, "close", lambda: None)
    settings.SWEEPS = [f"{__name__}.sweep_{name}" for name in ("one", "broken", "two")]
    # This file under the name that the settings say, whatever pytest imported it as.
    monkeypatch.setattr(tick, "import_string", lambda name: globals()[name.rpartition(".")[2]])


def heartbeat(age_s: float, by: str = "elsewhere:1") -> None:
    Heartbeat.objects.create(name=tick.WATCHED, at=Now() - timedelta(seconds=age_s), by=by)


def test_while_the_workers_are_alive_it_stands_by():
    heartbeat(5)
    call_command("tick")
    assert swept == []


def test_when_the_workers_are_silent_it_runs_every_sweep_even_after_one_that_fails():
    heartbeat(31)
    with pytest.raises(CommandError, match="sweep_broken"):
        call_command("tick")
    assert swept == ["one", "two"]


def test_on_a_fresh_desk_nobody_has_ever_swept():
    with pytest.raises(CommandError):
        call_command("tick")
    assert swept == ["one", "two"]


def test_its_own_sign_of_life_does_not_make_it_stand_down():
    heartbeat(1, by=f"{tick.socket.gethostname()}:{tick.os.getpid()}")
    with pytest.raises(CommandError):
        call_command("tick")
    assert swept == ["one", "two"]


def test_force_sweeps_beside_living_workers():
    heartbeat(1)
    with pytest.raises(CommandError):
        call_command("tick", "--force")
    assert swept == ["one", "two"]


def test_a_pause_of_nothing_is_refused():
    with pytest.raises(CommandError, match="more than 0"):
        call_command("tick", "--every", "0")
