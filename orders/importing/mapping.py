"""Mappings: which column of which file is which field. One TOML file per source in orders/mappings. Pure.

title = "..."                what people choose it by
extends = "other"            start from another mapping; a key given here replaces that mapping's whole key
time_zone = "shop"           zone of times without an offset: the shop's own, or an IANA name
strict = true                reject impossible sequences of times; false counts them and imports the row
carriers = "known"           "create" makes carriers that are not set up
total_from = ["lines"]       what an order's total is made of where no column gives it
formats = ["%d.%m.%Y"]       date formats beyond year-month-day
nulls = ["n/a"]              cells that mean nothing
[shop]                       defaults of a shop made for this source
[statuses]                   a source's final words -> cancelled, delivered or shipped
[words.country]              cell -> value, for country, currency and tier
[[file]]                     name, holds, requires, [file.columns] field = [headers], [file.constants] field = text
[[skip]]                     name, columns: a file of the source that is known and not imported
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping as ReadOnly
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from orders.importing.fields import FIELDS
from orders.importing.problems import Refused

FOLDER = Path(__file__).resolve().parent.parent / "mappings"
# What a file holds decides when it is read: a line needs its order, an order its buyer.
HOLDS = ("sellers", "customers", "orders", "lines", "payments", "stock", "events")
MEANINGS = frozenset({"cancelled", "delivered", "shipped"})


class MappingError(ValueError):
    """A mapping file is wrong: for whoever writes mappings, not for whoever sends files."""


@dataclass(frozen=True, slots=True)
class FileSpec:
    """One kind of file of a source."""

    name: str
    holds: str
    requires: tuple[str, ...]
    columns: ReadOnly[str, tuple[str, ...]]
    constants: ReadOnly[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that the source is known to have and that is not imported."""

    name: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A source's mapping; see the module for the meaning of each key."""

    name: str
    title: str
    time_zone: str
    strict: bool
    carriers: str
    total_from: tuple[str, ...]
    formats: tuple[str, ...]
    nulls: frozenset[str]
    shop: ReadOnly[str, str]
    statuses: ReadOnly[str, str]
    words: ReadOnly[str, ReadOnly[str, str]]
    files: tuple[FileSpec, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """A recognised file: where each field stands (field, column number, header), and headers nobody reads."""

    spec: FileSpec
    places: tuple[tuple[str, int, str], ...]
    width: int
    unused: tuple[str, ...]

    @property
    def rank(self) -> int:
        """Files are read in this order."""
        return HOLDS.index(self.spec.holds)

    def header_of(self, field_name: str) -> str:
        """The file's own header for a field; the field's name if it has none."""
        return next((header for name, _, header in self.places if name == field_name), field_name.partition(".")[2])


def names() -> list[str]:
    """Every mapping there is."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def load(name: str) -> Mapping:
    """The mapping of that name. Refused if there is none, MappingError if its file is wrong."""
    if name not in names():
        raise Refused("mapping_unknown", mapping=name[:40], known=", ".join(names()))
    return parse(name, _merged(name))


@cache
def form(name: str) -> Mapping:
    """The mapping of a table that is no import of orders: orders/tables/<name>.toml."""
    with (FOLDER.parent / "tables" / f"{name}.toml").open("rb") as file:
        return parse(name, tomllib.load(file))


def parse(name: str, data: ReadOnly[str, Any]) -> Mapping:
    """A mapping from the content of its file; every field it names must exist."""
    files = tuple(_file_spec(name, entry) for entry in data.get("file", ()))
    statuses = {word.casefold(): meaning for word, meaning in data.get("statuses", {}).items()}
    if wrong := set(statuses.values()) - MEANINGS:
        raise MappingError(f"{name}: statuses mean one of {sorted(MEANINGS)}, not {sorted(wrong)}")
    words = {
        kind: {word.casefold(): value for word, value in table.items()} for kind, table in data.get("words", {}).items()
    }
    return Mapping(
        name=name,
        title=data["title"],
        time_zone=data.get("time_zone", "shop"),
        strict=data.get("strict", True),
        carriers=data.get("carriers", "known"),
        total_from=tuple(data.get("total_from", ())),
        formats=tuple(data.get("formats", ())),
        nulls=frozenset(word.casefold() for word in data.get("nulls", ())),
        shop=data.get("shop", {}),
        statuses=statuses,
        words=words,
        files=files,
        skipped=tuple(Skipped(entry["name"], frozenset(entry["columns"])) for entry in data.get("skip", ())),
    )


def recognise(mapping: Mapping, header: Sequence[str], file_name: str) -> Layout | Skipped:
    """What the file is, by its header. Refused with the missing column, or with the two that say the same."""
    keys = [header_key(cell) for cell in header]
    fitting = [spec for spec in mapping.files if not _missing(spec, keys)]
    if fitting:
        return _layout(fitting[0], header, keys, file_name)
    for skipped in mapping.skipped:
        if skipped.columns <= set(keys):
            return skipped
    nearest = min(mapping.files, key=lambda spec: len(_missing(spec, keys)) / len(spec.requires))
    raise Refused(
        "columns_missing",
        file=file_name,
        columns=", ".join(nearest.columns[name][0] for name in _missing(nearest, keys)),
        found=", ".join(header)[:300],
        known=", ".join(alias for name in _missing(nearest, keys) for alias in nearest.columns[name]),
    )


def header_key(header: str) -> str:
    """Headers that mean the same share a key: width, case, spaces, dots, dashes and a unit in brackets are levelled."""
    text = unicodedata.normalize("NFKC", header).casefold().strip()
    text = re.sub(r"\s*[(\[【].*?[)\]】]\s*$", "", text) or text
    return re.sub(r"[\s_\-./*:#]+", "_", text).strip("_")


def _missing(spec: FileSpec, keys: Sequence[str]) -> list[str]:
    have = set(keys)
    return [name for name in spec.requires if not any(header_key(alias) in have for alias in spec.columns[name])]


def _layout(spec: FileSpec, header: Sequence[str], keys: Sequence[str], file_name: str) -> Layout:
    fields_of: dict[str, list[str]] = {}
    for name, aliases in spec.columns.items():
        for alias in aliases:
            fields_of.setdefault(header_key(alias), []).append(name)
    places: dict[str, tuple[str, int, str]] = {}
    unused = []
    for index, (cell, key) in enumerate(zip(header, keys, strict=True)):
        if key and key not in fields_of:
            unused.append(cell)
        for name in fields_of.get(key, ()):
            if name in places:
                raise Refused("column_twice", file=file_name, columns=f"{places[name][2]}, {cell}")
            places[name] = (name, index, cell)
    return Layout(spec, tuple(places.values()), len(header), tuple(unused))


def _file_spec(mapping: str, entry: ReadOnly[str, Any]) -> FileSpec:
    columns = {name: tuple(aliases) for name, aliases in entry["columns"].items()}
    constants = dict(entry.get("constants", {}))
    requires = tuple(entry["requires"])
    if unknown := (set(columns) | set(constants)) - set(FIELDS):
        raise MappingError(f"{mapping}, file {entry['name']}: no such field: {', '.join(sorted(unknown))}")
    if entry["holds"] not in HOLDS:
        raise MappingError(f"{mapping}, file {entry['name']}: holds must be one of {', '.join(HOLDS)}")
    if lost := set(requires) - set(columns):
        raise MappingError(f"{mapping}, file {entry['name']}: requires what no column gives: {', '.join(sorted(lost))}")
    return FileSpec(entry["name"], entry["holds"], requires, columns, constants)


def _merged(name: str) -> dict[str, Any]:
    data = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    base = data.pop("extends", None)
    return data if base is None else {**_merged(base), **data}
