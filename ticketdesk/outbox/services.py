"""Telling people, once each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from time import monotonic
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext

from ticketdesk.outbox.errors import Raised
from ticketdesk.outbox.heartbeat import beat
from ticketdesk.outbox.letters import Answer, Call, Later, Mail, Skip
from ticketdesk.outbox.models import Delivery
from ticketdesk.outbox.senders import PostOffice, SendError, way_of

# Standard Webhooks' ladder serves mail as well: 10 attempts over 75 h 35 min.
RETRY_AFTER = [timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)]
BATCH = 20
# A claimed row comes back after this when its sweeper died: longer than a batch of the slowest answers takes.
LEASE = timedelta(minutes=10)
# Others over a way that has just failed are not tried until then: a dead endpoint must not hold up the rest.
DETOUR = timedelta(minutes=1)
TURN_S = 45.0

log = structlog.get_logger("outbox")


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is to be told; `key` names the cause, so that a repeated cause is told once."""

    key: str
    recipient_id: int
    kind: str
    text: str
    params: dict[str, Any] = field(default_factory=dict)
    path: str = ""
    by_email: bool = False


def notify(notices: Iterable[Notice]) -> int:
    """Write the notices not written yet; returns how many were asked for. Belongs in the cause's transaction."""
    rows = [row for notice in notices for row in _rows(notice)]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def _rows(notice: Notice) -> list[Delivery]:
    channels = [Delivery.Channel.INAPP] + ([Delivery.Channel.EMAIL] if notice.by_email else [])
    return [
        Delivery(
            dedupe_key=f"{notice.key}:{notice.recipient_id}:{channel}"[:200],
            recipient_id=notice.recipient_id,
            channel=channel,
            kind=notice.kind,
            text=notice.text,
            params=notice.params,
            path=notice.path,
            state=Delivery.State.SENT if channel == Delivery.Channel.INAPP else Delivery.State.WAITING,
            next_try_at=None if channel == Delivery.Channel.INAPP else Now(),
        )
        for channel in channels
    ]


def sweep_until_idle(*, now: datetime | None = None) -> int:
    """Send what is due; returns how many were sent. `now` replaces the clock.

    Rows are claimed by a lease and sent outside any transaction: a slow server holds no lock, and a crash between
    sending and writing that down repeats that one message.
    """
    beat("outbox")
    sent, ends, blocked = 0, monotonic() + TURN_S, set[str]()
    with PostOffice() as office:
        while True:
            claimed = _claim(now)
            for delivery in claimed:
                sent += _deliver(delivery, now or timezone.now(), office, blocked)
            if len(claimed) < BATCH or monotonic() > ends:
                return sent


def _claim(now: datetime | None) -> list[Delivery]:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE outbox_delivery d
               SET attempts = d.attempts + 1, next_try_at = c.now + make_interval(secs => %(lease)s)
               FROM (SELECT id, COALESCE(%(now)s::timestamptz, statement_timestamp()) AS now FROM outbox_delivery
                     WHERE next_try_at <= COALESCE(%(now)s::timestamptz, statement_timestamp())
                     ORDER BY next_try_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED) c
               WHERE d.id = c.id RETURNING d.id""",
            {"lease": LEASE.total_seconds(), "now": now, "most": BATCH},
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(Delivery.objects.filter(pk__in=ids).select_related("recipient").order_by("pk")) if ids else []


def _deliver(delivery: Delivery, now: datetime, office: PostOffice, blocked: set[str]) -> bool:
    try:
        answer = composer(delivery.audience)(delivery, now)
    except Exception as error:  # one row that its composer cannot bear must not stop the others
        log.error("letter not composed", delivery=delivery.pk, kind=delivery.kind, **Raised.by(error)._asdict())
        return _retry_later(delivery, type(error).__name__, now)
    if isinstance(answer, Skip):
        return _settle(delivery, state=Delivery.State.SKIPPED, next_try_at=None, error=answer.reason)
    if isinstance(answer, Later):
        return _put_off(delivery, answer.until, answer.reason)
    way = way_of(answer)
    if way in blocked:
        return _put_off(delivery, now + DETOUR, delivery.error)
    try:
        office.send(answer, delivery.pk)
    except SendError as error:
        if error.unreachable:
            blocked.add(way)
        return _retry_later(delivery, error.reason, now, final=error.final)
    _settle(delivery, state=Delivery.State.SENT, sent_at=now, next_try_at=None, error="")
    Delivery.objects.filter(pk__in=answer.carries, state=Delivery.State.COLLECTED).update(
        state=Delivery.State.SENT, sent_at=now
    )
    return True


@cache
def composer(audience: str) -> Callable[[Delivery, datetime], Answer]:
    """Who finds words and address for an audience when a row is due, as settings.OUTBOX_COMPOSERS names it."""
    found: Callable[[Delivery, datetime], Answer] = import_string(settings.OUTBOX_COMPOSERS[audience])
    return found


def compose_for_user(delivery: Delivery, now: datetime) -> Mail | Call | Skip | Later:
    """Mail to somebody who signs in: the row's own words in that person's language, and the way there."""
    if delivery.recipient is None or not delivery.recipient.email:
        return Skip("no_address")
    with translation.override(delivery.recipient.language):
        text = gettext(delivery.text).format(**delivery.params)
    return Mail(
        to=delivery.recipient.email,
        subject=f"TicketDesk: {text}",
        text=f"{text}\n\n{settings.BASE_URL}{delivery.path}",
    )


def retry(ids: Iterable[int], *, audience: str) -> int:
    """Send dead deliveries of an audience again, from the ladder's first step; how many there were."""
    dead = Delivery.objects.filter(pk__in=list(ids), audience=audience, state=Delivery.State.DEAD)
    return dead.update(state=Delivery.State.WAITING, attempts=0, next_try_at=Now(), error="")


def _retry_later(delivery: Delivery, reason: str, now: datetime, *, final: bool = False) -> bool:
    if final or delivery.attempts > len(RETRY_AFTER):
        return _settle(delivery, state=Delivery.State.DEAD, next_try_at=None, error=reason)
    # Rows that failed together come back apart: by up to a fifth of the wait.
    wait = RETRY_AFTER[delivery.attempts - 1] * (0.8 + delivery.pk % 41 / 100)
    return _settle(delivery, next_try_at=now + wait, error=reason)


def _put_off(delivery: Delivery, until: datetime, reason: str) -> bool:
    return _settle(delivery, next_try_at=until, attempts=delivery.attempts - 1, error=reason)


def _settle(delivery: Delivery, **columns: Any) -> bool:
    """Write down what became of it, unless its lease ran out and somebody else has it now."""
    Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts).update(**columns)
    return False
