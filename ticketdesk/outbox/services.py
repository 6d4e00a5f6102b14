"""Telling people, once each."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext

from ticketdesk.outbox.heartbeat import beat
from ticketdesk.outbox.models import Delivery

# Standard Webhooks' ladder serves mail as well: 10 attempts over 75 h 35 min.
RETRY_AFTER = [timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)]
BATCH = 50


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


def sweep_until_idle() -> int:
    """Send what is due by e-mail; returns how many were sent. A crash after sending repeats that one message."""
    beat("outbox")
    sent = 0
    while True:
        with transaction.atomic():
            due = list(
                Delivery.objects.filter(next_try_at__lte=Now())
                .order_by("next_try_at")
                .select_related("recipient")
                .select_for_update(skip_locked=True, of=("self",))[:BATCH]
            )
            for delivery in due:
                sent += _send(delivery)
        if len(due) < BATCH:
            return sent


def _send(delivery: Delivery) -> bool:
    with translation.override(delivery.recipient.language):
        text = gettext(delivery.text).format(**delivery.params)
    try:
        send_mail(
            f"TicketDesk: {text}", f"{text}\n\n{settings.BASE_URL}{delivery.path}", None, [delivery.recipient.email]
        )
    except OSError as error:  # smtplib's errors are OSErrors too
        _retry_later(delivery, error)
        return False
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.SENT, sent_at=Now(), next_try_at=None, attempts=delivery.attempts + 1
    )
    return True


def _retry_later(delivery: Delivery, error: OSError) -> None:
    given_up = delivery.attempts >= len(RETRY_AFTER)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.DEAD if given_up else Delivery.State.WAITING,
        next_try_at=None if given_up else Now() + RETRY_AFTER[delivery.attempts],
        attempts=delivery.attempts + 1,
        error=type(error).__name__,
    )
