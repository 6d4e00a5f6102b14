"""One file per source of tracking news. A new file is found by itself: there is no list to extend."""

import pkgutil
from functools import cache
from importlib import import_module

from orders.carriers.base import Source


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
        extra = {name: home[name] for name in ("verify", "reply") if name in home}
        extra["headers"] = home.get("HEADERS", ())
        source = Source(home["CODE"], home["TITLE"], home["CODES"], home["parse"], **extra)
        found[source.code] = source
    return dict(sorted(found.items()))
