"""Which hours are worked. Calendars belong to a room downstream, which settings name (ORDER_CALENDAR)."""

from collections.abc import Collection
from functools import cache
from typing import cast

from django.conf import settings
from django.utils.module_loading import import_string

from orders.scheduling import Workdays


@cache
def _rule() -> object:
    return import_string(settings.ORDER_CALENDAR)


def workdays_of(shop_ids: Collection[int]) -> dict[int, Workdays]:
    """The business calendar of each of these shops; one query for any number of them."""
    return cast(dict[int, Workdays], _rule()(shop_ids))  # type: ignore[operator]
