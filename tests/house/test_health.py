import time

import pytest
from django.test import RequestFactory

from ticketdesk import health


@pytest.fixture
def all_well(monkeypatch):
    """Every part answers; a test breaks the one it is about."""
    for part in ("database_state", "disk_state", "redis_state"):
        monkeypatch.setattr(health, part, lambda: "ok")
    return monkeypatch


def ready():
    return health.readyz(RequestFactory().get("/readyz"))


def test_the_process_lives_without_asking_anybody():
    assert health.livez(RequestFactory().get("/livez")).content == b"ok\n"


def test_when_all_is_well_it_is_ready(all_well):
    assert (ready().status_code, b'"status": "ok"' in ready().content) == (200, True)


def test_without_redis_it_is_degraded_but_ready(all_well):
    all_well.setattr(health, "redis_state", lambda: "down")
    assert (ready().status_code, b'"degraded"' in ready().content) == (200, True)


@pytest.mark.parametrize("state", ["down", "slow", "migrations missing"])
def test_without_its_database_it_is_unready_and_says_when_to_ask_again(all_well, state):
    all_well.setattr(health, "database_state", lambda: state)
    assert ready().status_code == 503
    assert ready()["Retry-After"]


def test_a_full_disk_makes_it_unready(all_well):
    all_well.setattr(health, "disk_state", lambda: "full")
    assert ready().status_code == 503


def test_a_disk_with_less_than_a_twentieth_free_is_full(monkeypatch):
    usage = type("Usage", (), {"total": 1000, "free": 49})
    monkeypatch.setattr(health.shutil, "disk_usage", lambda path: usage)
    assert health.disk_state() == "full"


def test_a_database_that_hangs_costs_a_second_and_no_pile_of_threads():
    probe, calls = health.Probe(), []

    def hang():
        calls.append(1)
        time.sleep(0.6)
        return "ok"

    began = time.monotonic()
    assert [probe.ask(hang, 0.1), probe.ask(hang, 0.1)] == ["slow", "slow"]
    assert time.monotonic() - began < 0.5
    assert len(calls) == 1


def test_a_redis_that_is_gone_is_down_at_once(settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/nobody.sock"
    began = time.monotonic()
    assert health.redis_state() == "down"
    assert time.monotonic() - began < 1.0


def test_a_redis_that_answers_is_ok(redis_server):
    assert health.redis_state() == "ok"


@pytest.mark.django_db
def test_the_migrated_database_of_the_tests_is_ok(monkeypatch):
    monkeypatch.setattr(health, "_schema_is_current", False)
    assert health._database.ask(health._look_at_database, 30.0) == "ok"


@pytest.mark.django_db
def test_a_missing_migration_is_said(monkeypatch):
    monkeypatch.setattr(health, "_schema_is_current", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda *a, **k: [("orders.9999", False)])
    assert health._database.ask(health._look_at_database, 30.0) == "migrations missing"
