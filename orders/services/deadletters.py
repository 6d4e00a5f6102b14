"""Messages that could not be used: tried again when an administrator says so."""

from collections.abc import Collection
from datetime import datetime

import structlog

from orders.models import InboundMessage
from ticketdesk.accounts.models import User

log = structlog.get_logger("orders.deadletters")


def replay_dead(*, ids: Collection[int], by: User, now: datetime) -> int:
    """Have these dead messages read again by the workers; how many there were. Others are left alone."""
    dead = InboundMessage.objects.filter(pk__in=list(ids), state=InboundMessage.State.DEAD)
    count = dead.update(
        state=InboundMessage.State.WAITING, attempts=0, not_before=None, error="", detail="", done_at=None
    )
    log.info("messages replayed", count=count, by=by.pk, at=now.isoformat())
    return count
