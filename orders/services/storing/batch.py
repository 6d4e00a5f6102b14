"""What every store function is given, and what it gives back."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from orders.importing.mapping import Layout, Mapping
from orders.importing.problems import Rejection
from orders.importing.rows import RowReader
from orders.importing.seen import Seen
from orders.models import Shop
from orders.services.upserting import Written


@dataclass(slots=True)
class Work:
    """One file being stored: whose it is, how it is read, and what this run has noted so far."""

    shop: Shop
    mapping: Mapping
    layout: Layout
    reader: RowReader
    seen: Seen
    present: datetime
    dry: bool = False


@dataclass(slots=True)
class Stored:
    """What came of a batch: counts per entity ("order new", ...), rejections, and orders whose facts changed."""

    counted: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejection] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)

    def count(self, entity: str, written: Written) -> None:
        """Count the rows of an entity as new, changed or same."""
        self.counted[f"{entity} new"] += len(written.new)
        self.counted[f"{entity} changed"] += len(written.changed)
        self.counted[f"{entity} same"] += len(written.ids) - len(written.new) - len(written.changed)

    def count_found(self, entity: str, found: list[tuple[object, ...] | None]) -> None:
        """The same for a dry run, which knows only what is there already."""
        known = sum(row is not None for row in found)
        self.counted[f"{entity} new"] += len(found) - known
        self.counted[f"{entity} known"] += known
