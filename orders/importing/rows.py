"""One row of text becomes values by entity and field, or a list of what is wrong with its cells. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orders.importing.fields import FIELDS
from orders.importing.mapping import Layout
from orders.importing.problems import Rejection
from orders.importing.values import Bad, Moment, Setting, check, clean
from ticketdesk.accounts.masking import mask_address, mask_email, mask_name, mask_phone

LONGEST_PHONE = 20


def _phone(text: str) -> str:
    # The mask leaves what precedes the last eight digits; in a cell with two numbers that would be one of them.
    return mask_phone(text) if len(text) <= LONGEST_PHONE else "****"


MASKS: Mapping[str, Callable[[str], str]] = {
    "name": mask_name,
    "phone": _phone,
    "email": mask_email,
    "address": mask_address,
}
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row: its number, and its values by entity and field; None where a cell is blank."""

    number: int
    parts: Mapping[str, dict[str, Any]]

    def part(self, entity: str) -> dict[str, Any]:
        """The values of one entity; empty if the file has none of its columns."""
        return self.parts.get(entity, {})

    def value(self, name: str) -> Any:
        """The value of `entity.field`; None if it is blank or has no column."""
        entity, _, column = name.partition(".")
        return self.part(entity).get(column)


class RowReader:
    """Reads rows of one recognised file."""

    def __init__(self, layout: Layout, setting: Setting) -> None:
        self.layout, self.setting = layout, setting
        self.places = [(*_split(name), name, index, header) for name, index, header in layout.places]
        self.constants = {name: FIELDS[name].read(text, setting) for name, text in layout.spec.constants.items()}

    def read(self, number: int, cells: Sequence[str]) -> tuple[ReadRow | None, list[Rejection]]:
        """The row's values, or what is wrong with each of its cells. A column's cell goes before a constant."""
        if len(cells) < self.layout.width or any(cells[self.layout.width :]):
            return None, [self.reject(number, "cells", found=len(cells), expected=self.layout.width)]
        parts: dict[str, dict[str, Any]] = {}
        problems: list[Rejection] = []
        for name, value in self.constants.items():
            entity, column = _split(name)
            parts.setdefault(entity, {})[column] = value
        for entity, column, name, index, header in self.places:
            text = clean(cells[index], self.setting.nulls) if cells[index] else ""
            part = parts.setdefault(entity, {})
            if not text:
                part.setdefault(column, None)
                continue
            try:
                check(text)
                part[column] = FIELDS[name].read(text, self.setting)
            except Bad as bad:
                problems.append(Rejection(number, header, shown(name, text), bad.code, bad.params))
        row = ReadRow(number, parts)
        problems.extend(self.missing(row) if not problems else ())
        return (None, unique(problems)) if problems else (row, [])

    def missing(self, row: ReadRow) -> list[Rejection]:
        """Required cells that are blank; those that repeat an order's head may be blank after its first row."""
        return [
            self.reject(row.number, "missing", name)
            for name in self.layout.spec.requires
            if row.value(name) is None and name != "order.placed_at"
        ]

    def reject(self, number: int, code: str, name: str = "", value: object = "", /, **params: str | int) -> Rejection:
        """A rejection of row `number`, or of its field `name`; the value is masked where it is personal."""
        column = self.layout.header_of(name) if name else ""
        return Rejection(number, column, shown(name, _text(value)) if name else "", code, params)


def shown(name: str, text: str) -> str:
    """A cell as it may stand in a file of rejected rows: personal values masked, long ones cut."""
    mask = MASKS.get(FIELDS[name].personal)
    text = mask(text) if mask else text
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


def unique(problems: Iterable[Rejection]) -> list[Rejection]:
    """Without repeats: one column may fill several fields."""
    return list({(problem.row, problem.column, problem.code): problem for problem in problems}.values())


def _text(value: object) -> str:
    if isinstance(value, Moment):
        return value.at.isoformat(" ")
    return "" if value is None else str(value)


def _split(name: str) -> tuple[str, str]:
    entity, _, column = name.partition(".")
    return entity, column
