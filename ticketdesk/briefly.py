"""What may be a few seconds old, kept in this process alone: there is no other server that could be down."""

from collections.abc import Callable
from typing import TypeVar, cast

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache

Kept = TypeVar("Kept")

kept: BaseCache = LocMemCache("briefly", {"MAX_ENTRIES": 2000})


def briefly(seconds: float, key: tuple[str | int | None, ...], make: Callable[[], Kept]) -> Kept:
    """What `make` returned under `key` within the last `seconds`, else what it returns now.

    `key` names everything that the answer depends on, whoever may see it first of all.
    """
    return cast(Kept, kept.get_or_set("/".join(map(str, key)), make, seconds))
