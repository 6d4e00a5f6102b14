"""Which time zone a place keeps, and which country a name means.

The places stand in zones.tsv beside this file (GeoNames, CC BY 4.0; see zones.LICENSE), read when first asked for.
"""

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

PLACES = Path(__file__).with_name("zones.tsv")
SHARED = "?"
"""Stands for the zone of a name that places in several zones bear."""
ABBREVIATED = re.compile(r"\b(saint|fort)\b")
OF_A_REGION = re.compile(
    r"\b(province|state|region|oblast|krai|kray|republic|autonomous okrug|respublika)\b( of)?"
    r"|\b(область|обл|краи|республика|респ|автономныи округ)\b"  # folding turns й into и
)


class _Atlas(NamedTuple):
    """What zones.tsv says; names are folded, zones are "" where the place alone does not tell."""

    codes: dict[str, str]
    countries: dict[str, str]
    regions: dict[tuple[str, str], str]
    zones: dict[tuple[str, str], str]
    towns: dict[tuple[str, str, str], str]
    cities: dict[tuple[str, str], str]


def zone_of(country: str, region: str = "", city: str = "") -> ZoneInfo | None:
    """The zone of a place told in a carrier's words (two- or three-letter country, or its name); None when unsure.

    The city may carry its region and country: "Austin, TX" in "US", or "LOS ANGELES, US" in no country.
    """
    name = _zone(country, region, city)
    return ZoneInfo(name) if name else None


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """The two-letter code of a country told by code or by a common English or Chinese name; "" when unknown."""
    return _atlas().codes.get(_folded(text), "")


@lru_cache(maxsize=4096)
def _zone(country: str, region: str, city: str) -> str:
    atlas = _atlas()
    town, *around = [_folded(part) for part in city.split(",")]
    code = country_code(country) or ("" if country.strip() else _last_country(around))
    if code not in atlas.countries:
        return ""
    known, told = atlas.countries[code], [_region_name(code, region), *around]
    start, _, end = town.rpartition(" ")
    if start and (code, end) in atlas.regions and (code, town) not in atlas.cities:  # "Houston TX"
        town, told = start, [*told, end]
    for name in told:
        if state := atlas.regions.get((code, name)):
            return atlas.towns.get((code, state, town)) or atlas.zones[code, state]
    zone = atlas.cities.get((code, town), known)
    return "" if zone == SHARED else zone


def _last_country(around: list[str]) -> str:
    """The country at the end of "Los Angeles, US"; not what may be a region: PE is Peru and Pernambuco."""
    atlas = _atlas()
    last = around[-1] if around else ""
    return "" if any(name == last for _, name in atlas.regions) else atlas.codes.get(last, "")


def _region_name(code: str, region: str) -> str:
    """The bare name of "US-TX", "State of Texas" or "Novosibirsk oblast"."""
    name = _folded(region).removeprefix(f"{code.lower()} ")
    return name if (code, name) in _atlas().regions else " ".join(OF_A_REGION.sub(" ", name).split())


def _folded(text: str) -> str:
    """Letters and digits in lower case without accents, words apart by one space."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = re.sub(r"[\W_]+", " ", "".join(mark for mark in plain if not unicodedata.combining(mark)))
    return ABBREVIATED.sub(lambda word: word[0][0] + "t", plain).strip()


@cache
def _atlas() -> _Atlas:
    atlas = _Atlas({}, {}, {}, {}, {}, {})
    for line in PLACES.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, country, code, zone, listed = line.split("\t")
        names = [name for name in listed.split("|") if name]
        if kind == "country":
            atlas.countries[country] = zone
            atlas.codes.update(dict.fromkeys([country.lower(), code.lower(), *names], country))
        elif kind == "region":
            atlas.zones[country, code] = zone
            atlas.regions.update({(country, name): code for name in [code.lower(), *names]})
        elif kind == "town":
            atlas.towns.update({(country, code, name): zone for name in names})
        else:
            atlas.cities.update({(country, name): zone for name in names})
    return atlas
