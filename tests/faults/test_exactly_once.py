"""Kill whoever you like and lose Redis: every order that falls due gets its one ticket, and none gets two."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from orders.models import Shop
from tests import factories as make
from tests.clock import NOW
from tests.faults.crew import Crew, check_once_each, fall_due, nothing_left, slow_writes, usual_writes
from ticketdesk.redis_client import connect

SWEEPERS, ORDERS, KILLS = 6, 3000, 5
TICK = ("manage", "tick", "--loop", "--force", "--every", "0.1")
CELERY = ("celery", "-A", "ticketdesk.celery", "--quiet")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shops() -> list[Shop]:
    """Enough shops, held at one present, for several sweeps to work at once."""
    call_command("setup_defaults", stdout=io.StringIO())
    make.user(make.team("front_line"), capacity=32000)
    return [make.shop(present_at=NOW) for _ in range(30)]


@pytest.fixture
def crew(tmp_path: Path, transactional_db: None) -> Iterator[Crew]:
    """Nobody yet; whoever is started is ended with the test."""
    crew = Crew(tmp_path)
    slow_writes()
    yield crew
    crew.dismiss()
    usual_writes()


def test_six_sweepers_of_which_five_are_killed_raise_each_ticket_once(
    crew: Crew, shops: list[Shop], redis_server: str
) -> None:
    orders = fall_due(shops, ORDERS, NOW)
    for number in range(SWEEPERS):
        crew.start(f"sweeper{number}", *TICK)
    for number in range(KILLS):
        crew.kill_a_busy_one(within_s=45)
        crew.start(f"sweeper{SWEEPERS + number}", *TICK)
    connect(redis_server).flushdb()
    crew.wait(nothing_left, within_s=45)
    check_once_each(orders)


def test_a_celery_worker_that_is_killed_and_a_lost_redis_delay_work_and_lose_none(
    crew: Crew, shops: list[Shop], redis_server: str
) -> None:
    worker = (*CELERY, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "INFO")
    few = shops[:6]
    orders = fall_due(few, ORDERS // 3, NOW)
    crew.start("worker0", *worker)
    crew.start("beat", *CELERY, "beat", "--schedule", str(crew.logs / "beat"), "--pidfile=")
    crew.kill_a_busy_one(within_s=45)
    crew.start("worker1", *worker)
    connect(redis_server).flushdb()
    crew.wait(nothing_left, within_s=45)
    connect(redis_server).flushdb()  # under a worker that goes on
    orders |= fall_due(few, ORDERS // 6, NOW)
    crew.wait(nothing_left, within_s=45)
    check_once_each(orders)
