"""Noticing feeds that have fallen silent."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.utils import timezone

from orders.models import Endpoint, FeedHour
from orders.silence import silent_since

LOOKED_BACK = timedelta(days=7)


def notice_silence(*, now: datetime | None = None) -> list[int]:
    """Mark the endpoints that have fallen silent (Endpoint.silent_since) and those that talk again; ids of the silent.

    A feed is silent when it had at least six messages in its usual hour and now none for three times the gap that 99
    of 100 of its gaps do not exceed.
    """
    at = now or timezone.now()
    hours: dict[int, dict[datetime, int]] = defaultdict(dict)
    known = FeedHour.objects.filter(hour__gte=at - LOOKED_BACK, endpoint__active=True, messages__gt=0)
    for pk, hour, messages in known.values_list("endpoint_id", "hour", "messages"):
        hours[pk][hour] = messages
    silent: dict[int, datetime] = {}
    for endpoint in Endpoint.objects.filter(pk__in=hours).exclude(last_message_at=None):
        since = silent_since(hours[endpoint.pk], last=endpoint.last_message_at or at, now=at)
        if since:
            silent[endpoint.pk] = since
    for pk, since in silent.items():
        Endpoint.objects.filter(pk=pk, silent_since=None).update(silent_since=since)
    Endpoint.objects.exclude(silent_since=None).exclude(pk__in=silent).update(silent_since=None)
    return sorted(silent)
