"""Asking sources that do not call us: each parcel in its own time, the answer kept like a message that was sent."""

import time
from datetime import datetime, timedelta
from urllib.parse import quote

import structlog
from django.db import connection, transaction
from django.utils import timezone

from orders.cadence import OLDEST, next_look
from orders.carriers import catalogue
from orders.carriers.aliases import known_as
from orders.models import Carrier, Endpoint, ParcelPoll
from orders.services.door import MOST_BYTES, keep
from ticketdesk.outbox.fetching import FetchError, fetch

BATCH = 20
TURN_S = 20.0
# Whoever claimed a parcel and died leaves it to others after this.
LEASE = timedelta(minutes=5)
MOST_NEW = 5000
ENLIST = """
    INSERT INTO orders_parcelpoll (shipment_id, endpoint_id, due_at, failures, error)
    SELECT s.id, %(endpoint)s, %(now)s, 0, '' FROM orders_shipment s
    WHERE s.shop_id = %(shop)s AND s.created_at > %(since)s AND position('T' IN s.flags) = 0
      AND s.id > (SELECT COALESCE(MAX(p.shipment_id), 0) FROM orders_parcelpoll p WHERE p.endpoint_id = %(endpoint)s)
      AND (%(any)s OR s.carrier_id = ANY(%(carriers)s))
      AND NOT EXISTS (SELECT 1 FROM orders_parcelfeed f WHERE f.shipment_id = s.id AND f.source = %(source)s
                      AND f.stopped_at IS NOT NULL)
    ORDER BY s.id LIMIT %(most)s ON CONFLICT (shipment_id, endpoint_id) DO NOTHING
"""
log = structlog.get_logger("orders.polling")


def ask_until_idle(*, now: datetime | None = None, turn_s: float = TURN_S) -> int:
    """Ask about every parcel that is due; may run anywhere, overlapping. Returns how many were asked about."""
    present, ends, total = now or timezone.now(), time.monotonic() + turn_s, 0
    enlist(present)
    while time.monotonic() < ends:
        claimed = _claim(present)
        if not claimed:
            break
        for poll in claimed:
            if time.monotonic() < ends:
                _ask(poll, present)
                total += 1
    return total


def enlist(now: datetime) -> int:
    """Put parcels that are new into the table of those to ask about; one statement for each source that is asked."""
    count = 0
    for endpoint in Endpoint.objects.filter(active=True).exclude(poll_url=""):
        carriers = _carriers_of(endpoint.source)
        with connection.cursor() as cursor:
            cursor.execute(
                ENLIST,
                {
                    "endpoint": endpoint.pk, "shop": endpoint.shop_id, "source": endpoint.code_source, "now": now,
                    "since": now - OLDEST, "any": carriers is None, "carriers": carriers or [], "most": MOST_NEW,
                },
            )  # fmt: skip
            count += cursor.rowcount
    return count


def _carriers_of(source: str) -> list[int] | None:
    """The carriers whose parcels a source knows: a carrier's own interface knows its own, an aggregator all (None)."""
    kind = catalogue().get(source)
    if kind is None or kind.pushes:
        return None
    return list(Carrier.objects.filter(code__in=known_as(source, source)).values_list("pk", flat=True))


def _claim(now: datetime) -> list[ParcelPoll]:
    """Some that are due, leased: nobody else takes them until the lease is over. Delivered parcels leave the table."""
    due = ParcelPoll.objects.select_for_update(skip_locked=True, of=("self",)).order_by("due_at")
    with transaction.atomic():
        rows = list(due.select_related("shipment", "endpoint").filter(due_at__lte=now, endpoint__active=True)[:BATCH])
        over = [poll.pk for poll in rows if "T" in poll.shipment.flags]
        ParcelPoll.objects.filter(pk__in=over).delete()
        claimed = [poll for poll in rows if poll.pk not in over]
        ParcelPoll.objects.filter(pk__in=[poll.pk for poll in claimed]).update(due_at=now + LEASE)
    return claimed or (_claim(now) if over else [])


def _ask(poll: ParcelPoll, now: datetime) -> None:
    """Ask about one parcel, keep the answer for the workers, and say when to ask again."""
    error, failures = "", 0
    try:
        url = poll.endpoint.poll_url.replace("{number}", quote(poll.shipment.number, safe=""))
        keep(poll.endpoint_id, fetch(url, _header(poll.endpoint), most_bytes=MOST_BYTES), {})
    except FetchError as failed:
        error, failures = failed.reason[:80], poll.failures + 1
        log.info("source not asked", endpoint=poll.endpoint_id, parcel=poll.shipment_id, reason=failed.reason)
    due_at = next_look(poll.shipment_id, began=poll.shipment.created_at, now=now, failures=failures)
    mine = ParcelPoll.objects.filter(pk=poll.pk)
    if due_at is None:
        mine.delete()
    else:
        mine.update(due_at=due_at, failures=failures, asked_at=now, error=error)


def _header(endpoint: Endpoint) -> dict[str, str]:
    name, _, text = (endpoint.poll_header or "").partition(":")
    return {name.strip(): text.strip()} if name.strip() and text.strip() else {}
