"""One file per source of tracking news. A new file is found by itself: there is no list to extend."""

import inspect
import pkgutil
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from orders.carriers.base import Message, Setting, Source, Verify


@cache
def catalogue() -> dict[str, Source]:
    """Every source by its code, in alphabetical order.

    Raises ImportError when two files claim one code, or a file with CODE lacks TITLE, CODES or parse.
    """
    found: dict[str, Source] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        home = vars(import_module(f"{__name__}.{module.name}"))
        if "CODE" not in home:
            continue
        missing = [name for name in ("TITLE", "CODES", "parse") if name not in home]
        if missing or home["CODE"] in found:
            raise ImportError(f"orders/carriers/{module.name}.py needs a code of its own and {missing or 'nothing'}")
        extra: dict[str, Any] = {name: home[name] for name in ("reply", "headers_of", "answer") if name in home}
        extra["headers"] = home.get("HEADERS", ())
        if "verify" in home:
            extra["verify"] = _told_the_setting(home["verify"])
        source = Source(home["CODE"], home["TITLE"], home["CODES"], home["parse"], **extra)
        found[source.code] = source
    return dict(sorted(found.items()))


def _told_the_setting(verify: Callable[..., bool]) -> Verify:
    """The same function for a caller that always passes the setting, which most sources do not need."""
    if len(inspect.signature(verify).parameters) > 2:
        return verify

    def without(message: Message, secrets: Sequence[str], setting: Setting | None = None, /) -> bool:
        return verify(message, secrets)

    return without
