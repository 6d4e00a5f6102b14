"""One file per anomaly. A new file is found by itself: there is no list to extend."""

import pkgutil
from functools import cache
from importlib import import_module

from orders.detectors.base import Detector


@cache
def catalogue() -> dict[str, type[Detector]]:
    """Every detector by its code, in alphabetical order.

    Raises ImportError when a file holds no detector, more than one, or one whose code is not the file's name.
    """
    found: dict[str, type[Detector]] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        if module.name == "base":
            continue
        home = import_module(f"{__name__}.{module.name}")
        classes = [
            thing
            for thing in vars(home).values()
            if isinstance(thing, type) and issubclass(thing, Detector) and thing.__module__ == home.__name__
        ]
        if len(classes) != 1 or classes[0].code != module.name:
            raise ImportError(f"orders/detectors/{module.name}.py must hold one Detector with code = {module.name!r}")
        found[module.name] = classes[0]
    return found
