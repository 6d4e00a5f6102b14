"""Times as typed on a command line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from orders.models import Shop


def typed_time(text: str, shop: Shop) -> datetime:
    """2018-03-15T12:00:00 in the shop's time zone, unless an offset is given. CommandError if it is no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text} is not a time; write it like 2018-03-15T12:00:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(shop.time_zone))
