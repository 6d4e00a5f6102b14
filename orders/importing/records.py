"""Rows become records: rows of one order are joined, repeats are dropped, contradictions are rejected. Pure.

An order is taken whole or not at all: one wrong cell rejects all its rows. Of two rows that contradict each other
only the second is rejected.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from orders.importing.mapping import Layout, Mapping
from orders.importing.problems import Rejection
from orders.importing.rows import ReadRow, RowReader
from orders.importing.seen import NEW, SAME, Seen
from orders.importing.steps import judge_steps
from orders.importing.values import Setting, clean

MOST_ROWS_OF_ORDER = 2000
Line = tuple[int, Sequence[str]]


@dataclass(slots=True)
class OrderRecord:
    """One order as a file tells it. Lines are (row, values); parcels are (row, values, key of their line or None)."""

    row: int
    order: dict[str, Any]
    customer: dict[str, Any]
    lines: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    parcels: list[tuple[int, dict[str, Any], str | int | None]] = field(default_factory=list)


@dataclass(slots=True)
class Step:
    """What came of the next rows: a record or a single row to store, if any, and up to where the file is read."""

    last_row: int
    rows: int
    order: OrderRecord | None = None
    row: ReadRow | None = None


@dataclass(slots=True)
class Told:
    """What reading has to report beside its records."""

    rejected: list[Rejection] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)


class Records:
    """The records of one file, in its order. `told` fills while they are read; the caller empties it."""

    def __init__(self, layout: Layout, mapping: Mapping, setting: Setting, seen: Seen) -> None:
        self.reader = RowReader(layout, setting)
        self.layout, self.mapping, self.setting, self.seen = layout, mapping, setting, seen
        self.told = Told()
        self.overfull = ""

    def steps(self, lines: Iterable[Line]) -> Iterator[Step]:
        """One step per order in files that hold orders, one per row in others."""
        if self.layout.spec.holds == "orders":
            for number, group in _runs(lines, self._order_number):
                yield Step(group[-1][0], len(group), order=self._order(number, group))
            return
        for number_, cells in lines:
            yield Step(number_, 1, row=self._single(number_, cells))

    def _single(self, number: int, cells: Sequence[str]) -> ReadRow | None:
        row, problems = self.reader.read(number, cells)
        self.told.rejected.extend(problems)
        if row is None:
            return None
        holds = self.layout.spec.holds
        key_field, key = _single_key(row, holds)
        earlier = self.seen.tell((holds, *key), row.parts, number)
        if earlier > NEW:
            self.told.rejected.append(
                self.reader.reject(number, "conflict", key_field, row.value(key_field), row=earlier, what=holds)
            )
        if earlier == SAME:
            self.told.counted["repeated"] += 1
        return row if earlier == NEW else None

    def _order_number(self, line: Line) -> str:
        place = next(index for name, index, _ in self.layout.places if name == "order.number")
        return clean(line[1][place], self.setting.nulls) if place < len(line[1]) else ""

    def _order(self, number: str, lines: Sequence[Line]) -> OrderRecord | None:
        too_many = len(lines) > MOST_ROWS_OF_ORDER or (number != "" and number == self.overfull)
        self.overfull = number if too_many else ""  # the rest of such an order must not pass for a short one
        if too_many:
            self.told.rejected.append(self.reader.reject(lines[0][0], "many_rows", limit=MOST_ROWS_OF_ORDER))
            return None
        read = [(line[0], *self.reader.read(*line)) for line in lines]
        problems = {row_number: found for row_number, _, found in read if found}
        rows = [row for _, row, _ in read if row is not None]
        if not problems and rows[0].value("order.placed_at") is None:
            problems = {rows[0].number: [self.reader.reject(rows[0].number, "missing", "order.placed_at")]}
        record = None if problems else self._head(rows[0], problems)
        if record is None:
            first_wrong = min(problems)
            for row_number, _ in lines:
                sound = [self.reader.reject(row_number, "other_row", row=first_wrong)]
                self.told.rejected.extend(problems.get(row_number, sound))
            return None
        for row in rows:
            self._add(record, rows[0], row)
        return record

    def _head(self, first: ReadRow, problems: dict[int, list[Rejection]]) -> OrderRecord | None:
        steps = judge_steps(first.part("order"), self.mapping.statuses, self.setting.now)
        if steps.wrong and self.mapping.strict:
            problems[first.number] = [
                self.reader.reject(
                    first.number,
                    "sequence",
                    f"order.{later}",
                    first.value(f"order.{later}"),
                    before=self.layout.header_of(f"order.{before}"),
                )
                for before, later in steps.wrong
            ]
            return None
        key = ("order", first.value("order.channel"), first.value("order.number"))
        head = (first.part("order"), first.part("customer"))
        earlier = self.seen.tell(key, head, first.number)
        if earlier > NEW:
            number = first.value("order.number")
            reject = self.reader.reject(first.number, "conflict", "order.number", number, row=earlier, what="order")
            problems[first.number] = [reject]
            return None
        if earlier == NEW:
            self.told.counted.update(steps.warnings)
            self.told.counted.update(f"{later}_before_{before}" for before, later in steps.wrong)
        return OrderRecord(first.number, steps.values, first.part("customer"))

    def _add(self, record: OrderRecord, first: ReadRow, row: ReadRow) -> None:
        """Add the row's line and parcel, unless the row contradicts the order's first row or an earlier line."""
        if (name := _contradiction(first, row)) is not None:
            value = row.value(name)
            self.told.rejected.append(
                self.reader.reject(row.number, "conflict", name, value, row=first.number, what="order")
            )
            return
        line = _line(row)
        key = line_key(line) if line is not None else None
        if line is not None:
            whose = ("line", first.value("order.channel"), first.value("order.number"), key)
            earlier = self.seen.tell(whose, line, row.number)
            if earlier > NEW:
                name = "line.sku" if "sku" in row.part("line") else "line.name"
                self.told.rejected.append(self.reader.reject(row.number, "conflict_line", name, key, row=earlier))
                return
            if earlier == NEW:
                record.lines.append((row.number, line))
            elif not row.value("parcel.number"):
                self.told.counted["repeated"] += 1
        if row.value("parcel.number"):
            record.parcels.append((row.number, row.part("parcel"), key))


def line_key(line: dict[str, Any]) -> str | int:
    """What tells a line of an order from the others: its number if it has one, else the article."""
    key: str | int = line["line_no"] if line.get("line_no") is not None else line["sku"]
    return key


def _line(row: ReadRow) -> dict[str, Any] | None:
    told = row.part("line")
    article = told.get("sku") or (told.get("name") or "")[:64]
    if not article and told.get("line_no") is None:
        return None
    return {**told, "sku": article}


def _contradiction(first: ReadRow, row: ReadRow) -> str | None:
    """The first field of the order or its buyer that a later row gives otherwise; blank cells agree with anything."""
    for entity in ("order", "customer"):
        known = first.part(entity)
        for column, value in row.part(entity).items():
            if value is not None and known.get(column) != value:
                return f"{entity}.{column}"
    return None


def _single_key(row: ReadRow, holds: str) -> tuple[str, tuple[Any, ...]]:
    """The field that names the record, and its whole key."""
    if holds == "sellers":
        return "seller.external_id", (row.value("seller.external_id"),)
    if holds == "customers":
        name = "customer.alias" if row.value("customer.alias") is not None else "customer.external_id"
        return name, (row.value(name),)
    if holds == "payments":
        return "payment.order", (row.value("payment.order"), row.value("payment.seq"))
    if holds == "events":  # events have no name: only the very same row is a repeat
        return "event.number", tuple(sorted((name, str(value)) for name, value in row.part("event").items()))
    line = _line(row)
    return "line.order", (row.value("line.order"), line_key(line) if line else None)


def _runs(lines: Iterable[Line], key: Callable[[Line], str]) -> Iterator[tuple[str, list[Line]]]:
    """Runs of rows with the same order number; a run longer than an order may be is cut, one row past the limit."""
    run: list[Line] = []
    number = ""
    for line in lines:
        found = key(line)
        if run and (found != number or not found or len(run) > MOST_ROWS_OF_ORDER):
            yield number, run
            run = []
        number = found
        run.append(line)
    if run:
        yield number, run
