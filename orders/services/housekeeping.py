"""Once a day: pieces of cut tables are made ahead, and raw messages that are past their time go."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import structlog
from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone

from ticketdesk.outbox import partitions
from ticketdesk.outbox.heartbeat import age, beat

EVENTS, MESSAGES = "orders_trackingevent", "orders_inboundmessage"
MONTHS_AHEAD = timedelta(days=93)
DAYS_AHEAD = timedelta(days=7)
HOURS_OF_FEEDS_KEPT = timedelta(days=400)
LOOP = "housekeeping"
EVERY = timedelta(hours=20)
LOCK = 7_305_112
log = structlog.get_logger("orders.housekeeping")


class Kept(NamedTuple):
    """The pieces that were made and dropped."""

    made: list[str]
    dropped: list[str]


def keep_house_daily() -> Kept | None:
    """Keep house if nobody did in the last 20 hours; for whoever looks often."""
    last = age(LOOP)
    return keep_house() if last is None or last > EVERY else None


def keep_house(*, now: datetime | None = None) -> Kept | None:
    """Make the months and days ahead, drop raw messages older than settings.INBOUND_DAYS; None while another does."""
    today = (now or timezone.now()).astimezone(UTC).date()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return None
        beat(LOOP)
        made = _ensure(EVENTS, today, MONTHS_AHEAD, "month") + _ensure(MESSAGES, today, DAYS_AHEAD, "day")
        dropped = partitions.drop_before(MESSAGES, today - timedelta(days=settings.INBOUND_DAYS), unit="day")
        with connection.cursor() as cursor:
            # Rows of the default piece, should there ever be any, go one by one.
            cursor.execute(f"DELETE FROM {MESSAGES} WHERE day < %s", [today - timedelta(days=settings.INBOUND_DAYS)])
            cursor.execute(
                "DELETE FROM orders_feedhour WHERE hour < %s",
                [datetime(today.year, today.month, today.day, tzinfo=UTC) - HOURS_OF_FEEDS_KEPT],
            )
    log.info("house kept", made=made, dropped=dropped)
    return Kept(made, dropped)


def _ensure(table: str, today: date, ahead: timedelta, unit: partitions.Unit) -> list[str]:
    """Make pieces; a piece whose rows lie in the default one already cannot be made, and that is somebody's to mend."""
    try:
        with transaction.atomic():
            return partitions.ensure(table, since=today, until=today + ahead, unit=unit)
    except Error:
        log.exception("pieces not made", table=table)
        return []
