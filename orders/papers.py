"""The kinds of documents there are: orders/papers.toml. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from orders.matching import EVERYTHING


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of document; `title` is English, labels.py has its translations."""

    code: str
    title: str
    compares: frozenset[str]


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its code, in the order of the file. ValueError for one that compares what nobody knows."""
    with (Path(__file__).with_name("papers.toml")).open("rb") as file:
        read = tomllib.load(file)
    found = {code: Kind(code, row["title"], frozenset(row["compares"])) for code, row in read.items()}
    if wrong := [kind.code for kind in found.values() if not kind.compares <= EVERYTHING]:
        raise ValueError(f"papers.toml: {', '.join(wrong)} compares more than {', '.join(sorted(EVERYTHING))}")
    return found


def compares_of(code: str) -> frozenset[str]:
    """What documents of this kind are compared in; everything for a kind that was taken out of the file."""
    known = kinds().get(code)
    return known.compares if known else EVERYTHING
