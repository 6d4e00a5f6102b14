"""The lines of a trade document from a table: whatever stands above its header row is passed over. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from orders.importing import mapping as mappings
from orders.importing.mapping import Layout
from orders.importing.problems import Refused, Rejection
from orders.importing.reading import Limits, Table, identify, rows
from orders.importing.rows import RowReader
from orders.importing.values import Setting, clean
from orders.matching import FREIGHT, fold

MOST_LINES = 2000
# An invoice begins with whose it is.
MOST_ABOVE = 40
MOST_TOLD = 5
TOTALS = frozenset(
    {"total", "grandtotal", "totals", "totalamount", "sum", "合计", "总计", "合计金额", "共计", "合計", "總計", "共計"}
)
Line = tuple[str, str, int | None, str | None, str | None]
"""SKU, name, quantity, amount, weight; numbers with decimals as text."""


@dataclass(slots=True)
class Lines:
    """What a document's table says."""

    lines: list[Line] = field(default_factory=list)
    total_qty: int | None = None
    total_amount: Decimal | None = None


def read_lines(path: Path, name: str, limits: Limits, *, now: datetime) -> Lines:
    """The lines of a CSV or XLSX file. Raises Refused naming what is missing, or the rows that cannot be read."""
    table = identify(path, name, limits)
    known = mappings.form("document")
    layout, body = _below_header(table)
    reader = RowReader(layout, Setting(ZoneInfo("UTC"), now, known.formats, known.nulls, known.words))
    told, wrong = Lines(), list[Rejection]()
    for number, cells in body:
        row = [*cells, *[""] * (layout.width - len(cells))][: layout.width]
        if _is_footer(reader, row):
            continue
        wrong += _take(reader, number, row, told)
        if len(told.lines) > MOST_LINES:
            raise Refused("too_many_rows", file=name, limit=MOST_LINES)
    if wrong:
        raise Refused("lines_wrong", file=name, rows=_told(wrong))
    if not told.lines:
        raise Refused("no_lines", file=name)
    return told


def _below_header(table: Table) -> tuple[Layout, Iterator[tuple[int, list[str]]]]:
    """The layout by the first row that is a header, and the rows below it; the first row's complaint if none is."""
    known = mappings.form("document")
    complaint: Refused | None = None
    body = rows(table)
    above: Iterator[tuple[int, list[str]]] = iter([(1, list(table.header))])
    for _ in range(MOST_ABOVE):
        number, cells = next(above, (0, []))
        if not number:
            break
        while cells and not cells[-1].strip():
            cells.pop()
        above = iter([pair]) if (pair := next(body, None)) else iter(())
        if not cells:
            continue
        try:
            layout = mappings.recognise(known, cells, table.name)
            if isinstance(layout, Layout) and _names_goods(layout):
                return layout, _joined(pair, body)
            complaint = complaint or _lacks_goods(table, cells)
        except Refused as refused:
            complaint = complaint if complaint and refused.code != "column_twice" else refused
    raise complaint or Refused("empty", file=table.name)


def _joined(
    first: tuple[int, list[str]] | None, rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    if first is not None:
        yield first
    yield from rest


def _names_goods(layout: Layout) -> bool:
    return any(name in ("line.sku", "line.name") for name, _, _ in layout.places)


def _lacks_goods(table: Table, header: Sequence[str]) -> Refused:
    return Refused(
        "columns_missing", file=table.name, columns="sku", found=", ".join(header)[:300], known="sku, name, 货号, 品名"
    )


def _is_footer(reader: RowReader, cells: Sequence[str]) -> bool:
    """Words below the table, such as who signs."""
    told = {column: clean(cells[index], reader.setting.nulls) for _, column, _, index, _ in reader.places}
    goods = told.get("sku") and told.get("name")  # a quantity was forgotten
    numbers = any(told.get(column) for column in ("qty", "unit_price", "amount"))
    return not (goods or numbers)


def _is_sum(name: str) -> bool:
    return fold(name) in TOTALS | FREIGHT


def _take(reader: RowReader, number: int, cells: Sequence[str], told: Lines) -> list[Rejection]:
    places = {column: index for _, column, _, index, _ in reader.places}
    name = clean(cells[places["name"]], reader.setting.nulls) if "name" in places else ""
    sku = clean(cells[places["sku"]], reader.setting.nulls) if "sku" in places else ""
    sums = (_is_sum(name) and not sku) or fold(sku) in TOTALS
    filled = list(cells)
    if sums and not clean(filled[places["qty"]], reader.setting.nulls):
        filled[places["qty"]] = "1"  # a sum of money needs no pieces
    row, wrong = reader.read(number, filled)
    if row is None:
        return wrong
    line = row.part("line")
    if sums and fold(name or sku) in TOTALS:
        told.total_amount = line.get("amount")
        told.total_qty = line["qty"] if filled == list(cells) else None
        return []
    if not line.get("sku") and not line.get("name"):
        return [reader.reject(number, "missing", "line.sku" if "sku" in places else "line.name")]
    amount = line.get("amount")
    if amount is None and line.get("unit_price") is not None:
        amount = line["unit_price"] * line["qty"]
    qty = None if sums else line["qty"]
    told.lines.append((line.get("sku") or "", line.get("name") or "", qty, _text(amount), _text(line.get("weight"))))
    return []


def _text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _told(wrong: Sequence[Rejection]) -> str:
    each = [f"{problem.row}: {problem.column} {problem.value!r} – {problem.reason()}" for problem in wrong[:MOST_TOLD]]
    return "; ".join(each) + (f" (+{len(wrong) - MOST_TOLD})" if len(wrong) > MOST_TOLD else "")
