"""Counting what comes through each door, hour by hour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import connection

from orders.models import FeedHour
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

DELAYS_S = FeedHour.DELAYS_S
ADD = """
    INSERT INTO orders_feedhour AS f (endpoint_id, hour, messages, events, duplicates, refused, dead, delays)
    SELECT u.endpoint_id, u.hour, u.messages, u.events, 0, 0, u.dead, u.delays::int[] FROM {source}
    ON CONFLICT (endpoint_id, hour) DO UPDATE SET messages = f.messages + EXCLUDED.messages,
        events = f.events + EXCLUDED.events, dead = f.dead + EXCLUDED.dead,
        delays = (SELECT array_agg(COALESCE(x.a, 0) + COALESCE(x.b, 0) ORDER BY x.n)
                  FROM unnest(f.delays, EXCLUDED.delays) WITH ORDINALITY AS x(a, b, n))
"""
# Nothing is lost with a count, so nobody waits until it is on the disk.
COUNT = """
    INSERT INTO orders_feedhour AS f (endpoint_id, hour, messages, events, duplicates, refused, dead, delays)
    SELECT %s, date_trunc('hour', statement_timestamp()), 0, 0, {duplicates}, {refused}, 0, '{{}}'
    FROM set_config('synchronous_commit', 'off', true)
    ON CONFLICT (endpoint_id, hour) DO UPDATE SET {what} = f.{what} + 1
"""


@dataclass(slots=True)
class Hour:
    """What is added to one endpoint's hour."""

    messages: int = 0
    events: int = 0
    dead: int = 0
    delays: list[int] = field(default_factory=lambda: [0] * (len(DELAYS_S) + 1))

    def hear(self, occurred_at: datetime, received_at: datetime) -> None:
        """One new scan, and how long it took to come."""
        late = (received_at - occurred_at).total_seconds()
        self.events += 1
        self.delays[next((bin_ for bin_, end in enumerate(DELAYS_S) if late <= end), len(DELAYS_S))] += 1


def hour_of(at: datetime) -> datetime:
    """The beginning of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def add_hours(hours: Mapping[tuple[int, datetime], Hour]) -> None:
    """Add these counts, lowest endpoint first; one statement, and another to say that the endpoints live."""
    rows: Sequence[tuple[tuple[int, datetime], Hour]] = sorted(hours.items())
    if not rows:
        return
    source, parameters = bulk.unnest(
        {
            "endpoint_id": Column("bigint", [key[0] for key, _ in rows]),
            "hour": Column("timestamptz", [key[1] for key, _ in rows]),
            "messages": Column("integer", [each.messages for _, each in rows]),
            "events": Column("integer", [each.events for _, each in rows]),
            "dead": Column("integer", [each.dead for _, each in rows]),
            "delays": Column("text", ["{" + ",".join(map(str, each.delays)) + "}" for _, each in rows]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(ADD.format(source=source), parameters)


def count_at_door(endpoint_id: int, what: Literal["duplicates", "refused"]) -> None:
    """Count a message that is not stored; one statement."""
    statement = COUNT.format(what=what, duplicates=int(what == "duplicates"), refused=int(what == "refused"))
    with connection.cursor() as cursor:
        cursor.execute(statement, [endpoint_id])
