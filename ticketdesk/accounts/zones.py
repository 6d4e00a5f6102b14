"""IANA time zones that people may choose."""

from functools import cache
from zoneinfo import available_timezones


@cache
def known_zones() -> frozenset[str]:
    """Names of all IANA zones, without the machine's own oddities (localtime, posixrules, Factory)."""
    return frozenset(name for name in available_timezones() if "/" in name or name == "UTC")


@cache
def zone_choices() -> tuple[tuple[str, str], ...]:
    """(name, label) pairs for a select: continents and UTC, without the Etc/GMT+5 family whose signs are reversed."""
    names = sorted(name for name in known_zones() if not name.startswith(("Etc/", "SystemV/", "US/")))
    return tuple((name, name.replace("_", " ")) for name in names)
