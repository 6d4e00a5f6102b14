"""What the documents of an order say, against what the order says: item by item, pure.

Documents of one kind add up, because goods leave in parts. An item is known by its SKU, else by its name; both are
compared without case, width, spaces and punctuation.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256

NAMES, QUANTITIES, AMOUNTS = "names", "quantities", "amounts"
EVERYTHING = frozenset({NAMES, QUANTITIES, AMOUNTS})
# Lines that are no goods: what they say belongs to the order's freight.
FREIGHT = frozenset({"freight", "shipping", "shippingfee", "shippingcost", "postage", "运费", "邮费", "運費", "郵費"})
_IGNORED = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order or a document; `amount` is what the line costs in all, None where it says nothing."""

    sku: str
    name: str
    qty: int | None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """One document. Without `items` only its totals are compared. `partial`: more of this kind follow."""

    number: str
    items: tuple[Item, ...] = ()
    total_qty: int | None = None
    total_amount: Decimal | None = None
    currency: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Ordered:
    """The order's side. Without items, and with a total of 0, it says nothing about them."""

    items: tuple[Item, ...]
    total: Decimal
    currency: str
    freight: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two statements about the same thing. `what` is missing, extra, quantity, amount, name, total_quantity,
    total_amount, freight or currency; `item` is empty where it is about the whole."""

    what: str
    item: str
    ordered: str
    stated: str


@dataclass(frozen=True, slots=True)
class Row:
    """One item side by side; `wrong` names what differs in it. Numbers are None where nothing is said."""

    sku: str
    name: str
    ordered_qty: int | None
    stated_qty: int | None
    ordered_amount: Decimal | None
    stated_amount: Decimal | None
    stated_name: str
    wrong: frozenset[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that was compared, and what of it differs."""

    rows: tuple[Row, ...]
    differences: tuple[Difference, ...]


@dataclass(slots=True)
class _Sum:
    """All lines of one side about one item."""

    sku: str = ""
    name: str = ""
    names: set[str] = field(default_factory=set)
    qty: int = 0
    amount: Decimal | None = None

    def add(self, item: Item) -> None:
        # The first in alphabetical order, so that the order of the lines does not matter.
        self.sku = min(filter(None, (self.sku, item.sku)), default="")
        self.name = min(filter(None, (self.name, item.name)), default="")
        if fold(item.name):
            self.names.add(fold(item.name))
        self.qty += item.qty or 0
        if item.amount is not None:
            self.amount = (self.amount or Decimal(0)) + item.amount


def fold(text: str) -> str:
    """The letters and digits of a name or SKU, in one case and width."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text).casefold())


def compare(ordered: Ordered, papers: Sequence[Paper], compares: Iterable[str] = EVERYTHING) -> Comparison:
    """The documents of one kind together against the order. Nothing differs when there are no documents.

    The order of lines and documents does not matter. While every document of the kind says that more follow, only what
    is too much is a difference.
    """
    if not papers:
        return Comparison((), ())
    wanted = frozenset(compares)
    open_end = all(paper.partial for paper in papers)
    found = _currency(ordered, papers) if AMOUNTS in wanted else []
    if found:  # sums in different currencies say nothing about each other
        wanted -= {AMOUNTS}
    rows: tuple[Row, ...] = ()
    if ordered.items and all(paper.items for paper in papers):
        rows = _rows(ordered, papers, wanted, open_end)
        for row in rows:
            found += _of_row(row)
        found += _freight(ordered, papers, wanted, open_end)
    found += _totals(ordered, papers, wanted, open_end)
    return Comparison(rows, tuple(found))


def digest(differences: Iterable[Difference]) -> str:
    """A name for exactly these differences, in whatever order."""
    lines = sorted("\x1f".join((each.what, each.item, each.ordered, each.stated)) for each in differences)
    return sha256("\x1e".join(lines).encode()).hexdigest()


def _is_freight(item: Item) -> bool:
    return not item.sku and fold(item.name) in FREIGHT


def _sums(items: Iterable[Item], alias: dict[str, str]) -> dict[str, _Sum]:
    sums: dict[str, _Sum] = {}
    for item in items:
        name = fold(item.name)
        key = fold(item.sku) or alias.get(name, f"name:{name}")
        sums.setdefault(key, _Sum()).add(item)
    return sums


def _rows(ordered: Ordered, papers: Sequence[Paper], wanted: frozenset[str], open_end: bool) -> tuple[Row, ...]:
    # A line without a SKU means the item of that name, if only one has it, whichever side names the SKU.
    stated = [item for paper in papers for item in paper.items if not _is_freight(item)]
    alias = _aliases([*ordered.items, *stated])
    ours, theirs = _sums(ordered.items, alias), _sums(stated, alias)
    rows = []
    for key in [*ours, *(key for key in sorted(theirs) if key not in ours)]:
        mine, its = ours.get(key), theirs.get(key)
        rows.append(
            Row(
                sku=(mine or its or _Sum()).sku,
                name=(mine or its or _Sum()).name,
                ordered_qty=mine.qty if mine else None,
                stated_qty=its.qty if its else None,
                ordered_amount=mine.amount if mine else None,
                stated_amount=its.amount if its else None,
                stated_name=its.name if its else "",
                wrong=_wrong(mine, its, wanted, open_end),
            )
        )
    return tuple(rows)


def _aliases(items: Iterable[Item]) -> dict[str, str]:
    skus: dict[str, set[str]] = {}
    for item in items:
        if fold(item.sku) and fold(item.name):
            skus.setdefault(fold(item.name), set()).add(fold(item.sku))
    return {name: next(iter(known)) for name, known in skus.items() if len(known) == 1}


def _wrong(mine: _Sum | None, its: _Sum | None, wanted: frozenset[str], open_end: bool) -> frozenset[str]:
    if its is None:
        return frozenset() if open_end else frozenset({"missing"})
    if mine is None:
        return frozenset({"extra"})
    wrong = set()
    if QUANTITIES in wanted and _off(mine.qty, its.qty, open_end):
        wrong.add("quantity")
    stated = AMOUNTS in wanted and mine.amount is not None and its.amount is not None
    if stated and _off(mine.amount or Decimal(0), its.amount or Decimal(0), open_end):
        wrong.add("amount")
    if NAMES in wanted and not _same_name(mine.names, its.names):
        wrong.add("name")
    return frozenset(wrong)


def _same_name(ours: set[str], theirs: set[str]) -> bool:
    """Whether a name of each agrees. One in Latin letters and one in Chinese are translations, and say nothing."""
    comparable = [(one, other) for one in ours for other in theirs if _chinese(one) == _chinese(other)]
    return not comparable or any(one == other or one in other or other in one for one, other in comparable)


def _chinese(text: str) -> bool:
    return any(char >= "\u2e80" for char in text)


def _of_row(row: Row) -> list[Difference]:
    item = row.sku or row.name
    told = {
        "missing": (row.ordered_qty, "–"),
        "extra": ("–", row.stated_qty),
        "quantity": (row.ordered_qty, row.stated_qty),
        "amount": (row.ordered_amount, row.stated_amount),
        "name": (row.name, row.stated_name),
    }
    return [Difference(what, item, str(one), str(other)) for what, (one, other) in told.items() if what in row.wrong]


def _currency(ordered: Ordered, papers: Sequence[Paper]) -> list[Difference]:
    others = sorted({paper.currency for paper in papers if paper.currency and paper.currency != ordered.currency})
    return [Difference("currency", "", ordered.currency, ", ".join(others))] if others else []


def _freight(ordered: Ordered, papers: Sequence[Paper], wanted: frozenset[str], open_end: bool) -> list[Difference]:
    lines = [item for paper in papers for item in paper.items if _is_freight(item) and item.amount is not None]
    if AMOUNTS not in wanted or not lines:
        return []
    stated = sum((item.amount or Decimal(0) for item in lines), Decimal(0))
    if stated == ordered.freight or (open_end and stated < ordered.freight):
        return []
    return [Difference("freight", "", str(ordered.freight), str(stated))]


def _totals(ordered: Ordered, papers: Sequence[Paper], wanted: frozenset[str], open_end: bool) -> list[Difference]:
    """Totals are compared when every document states or implies them and at least one says more than its lines do."""
    found = []
    pieces = [paper.total_qty if paper.total_qty is not None else _pieces(paper) for paper in papers]
    told = any(paper.total_qty not in (None, _pieces(paper)) for paper in papers)
    if QUANTITIES in wanted and ordered.items and told:
        known = [count for count in pieces if count is not None]
        ours = sum(item.qty or 0 for item in ordered.items)
        if len(known) == len(pieces) and _off(ours, sum(known), open_end):
            found.append(Difference("total_quantity", "", str(ours), str(sum(known))))
    sums = [paper.total_amount if paper.total_amount is not None else _amount(paper) for paper in papers]
    # Lines that were compared one by one need no second complaint about their sum.
    by_line = bool(ordered.items) and all(item.amount is not None for item in ordered.items)
    told = any(paper.total_amount not in (None, _amount(paper) if by_line else None) for paper in papers)
    if AMOUNTS in wanted and ordered.total and told:
        worth = [amount for amount in sums if amount is not None]
        stated = sum(worth, Decimal(0))
        goods = ordered.total - ordered.freight  # an invoice of the goods alone is no contradiction
        if len(worth) == len(sums) and stated != goods and _off(ordered.total, stated, open_end):
            found.append(Difference("total_amount", "", str(ordered.total), str(stated)))
    return found


def _off(ours: int | Decimal, theirs: int | Decimal, open_end: bool) -> bool:
    return theirs > ours or (theirs < ours and not open_end)


def _pieces(paper: Paper) -> int | None:
    return sum(item.qty or 0 for item in paper.items if not _is_freight(item)) if paper.items else None


def _amount(paper: Paper) -> Decimal | None:
    if not paper.items or any(item.amount is None for item in paper.items):
        return None
    return sum((item.amount or Decimal(0) for item in paper.items), Decimal(0))
