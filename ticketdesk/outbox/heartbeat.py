"""Signs of life: who runs the sweeps, and since when nobody does."""

import os
import socket
from datetime import timedelta

from django.db import connection

from ticketdesk.outbox.models import Heartbeat

# Workers run each sweep every five seconds; after six missed turns somebody else must act.
STALE_AFTER = timedelta(seconds=30)


def beat(name: str) -> None:
    """Record that loop `name` runs now, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {Heartbeat._meta.db_table} (name, at, by) VALUES (%s, clock_timestamp(), %s)
                ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at, by = EXCLUDED.by""",
            [name, f"{socket.gethostname()}:{os.getpid()}"],
        )


def age(name: str) -> timedelta | None:
    """How long ago loop `name` last ran; None when it never did."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT clock_timestamp() - at FROM {Heartbeat._meta.db_table} WHERE name = %s", [name])
        row = cursor.fetchone()
    return row[0] if row else None


def is_stale(name: str) -> bool:
    """Whether loop `name` has been silent for longer than `STALE_AFTER`."""
    silent = age(name)
    return silent is None or silent > STALE_AFTER
