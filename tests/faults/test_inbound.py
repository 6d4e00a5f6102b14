"""Kill workers in the middle of a batch of messages: each is read once, none is lost, none counts twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from orders.models import FeedHour, InboundMessage, Shipment, TrackingEvent
from orders.services import door
from tests import factories as make
from tests.factories import ago
from tests.faults.crew import Crew, slow_writes, usual_writes
from tests.orders.pushes import aftership, checkpoint, endpoint, push

PARCELS, STEPS, KILLS = 150, 4, 3
TICK = ("manage", "tick", "--loop", "--force", "--every", "0.1")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crew(tmp_path: Path, transactional_db: None, redis_server: str) -> Iterator[Crew]:
    """Nobody yet; whoever is started is ended with the test. Writing what a feed says takes a while."""
    crew = Crew(tmp_path)
    slow_writes()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TRIGGER pause AFTER INSERT ON orders_parcelfeed EXECUTE FUNCTION pause()")
    yield crew
    crew.dismiss()
    usual_writes()


def test_workers_that_are_killed_while_they_read_lose_and_double_nothing(crew: Crew) -> None:
    door.forget_doors()
    to = endpoint(make.shop())
    scans = [checkpoint(ago(9 - step), text=f"stop {step}") for step in range(STEPS)]
    for upto in range(1, STEPS + 1):
        for number in range(PARCELS):
            push(to, aftership(*scans[:upto], number=f"N{number}", ts=1787200000 + upto))
    for number in range(2):
        crew.start(f"reader{number}", *TICK)
    for number in range(KILLS):
        crew.kill_a_busy_one(within_s=60)
        crew.start(f"reader{2 + number}", *TICK)
    crew.wait(lambda: not InboundMessage.objects.filter(state="waiting").exists(), within_s=90)
    assert set(InboundMessage.objects.values_list("state", "attempts")) == {("done", 0)}
    assert (Shipment.objects.count(), TrackingEvent.objects.count()) == (PARCELS, PARCELS * STEPS)
    assert set(Shipment.objects.values_list("events_count", flat=True)) == {STEPS}
    hours = FeedHour.objects.values_list("messages", "events")
    assert [sum(column) for column in zip(*hours, strict=True)] == [PARCELS * STEPS, PARCELS * STEPS]
