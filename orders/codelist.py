"""Codes for pages: those that nobody has read, those that administrators gave a meaning, and one code's story."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from orders import labels
from orders.carriers import catalogue
from orders.models import CodeMap, Remap, UnknownCode
from orders.statuses import STATUSES, TAXONOMY, Canonical

PAGE = 50
DAMAGED = "This page's address is damaged. Start again from the first page."
UNMAPPED = ("unknown", "unmapped_code")


@dataclass(frozen=True, slots=True)
class UnknownPage:
    """A page of the inbox, last seen first, and the cursor of the next one ("" on the last)."""

    rows: list[UnknownCode]
    next: str


@dataclass(frozen=True, slots=True)
class MappedPage:
    """A page of the newest meanings, by source and code, and the cursor of the next one ("" on the last)."""

    rows: list[CodeMap]
    next: str


def unread() -> QuerySet[UnknownCode]:
    """Codes without a meaning."""
    return UnknownCode.objects.filter(mapped_at=None)


def unknown_page(*, source: str = "", cursor: str = "", limit: int = PAGE) -> UnknownPage:
    """One page; one query. Raises ValueError for a cursor that this list never gave out."""
    found = unread().select_related("sample_parcel").order_by("-last_seen_at", "-id")
    if source:
        found = found.filter(source=source)
    if cursor:
        told, _sep, pk = cursor.partition("_")
        if not (cursor.isascii() and pk.isdigit() and len(pk) < 19):
            raise ValueError(DAMAGED)
        at = datetime.fromisoformat(told)
        if at.tzinfo is None:
            raise ValueError(DAMAGED)
        before = "(orders_unknowncode.last_seen_at, orders_unknowncode.id) < (%s, %s)"
        found = found.filter(RawSQL(before, (at, int(pk)), output_field=BooleanField()))
    rows = list(found[: limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    return UnknownPage(rows[:limit], f"{last.last_seen_at.isoformat()}_{last.pk}" if last else "")


def mapped_page(*, source: str = "", cursor: str = "", limit: int = PAGE) -> MappedPage:
    """One page; one query. Raises ValueError for a cursor that this list never gave out."""
    found = CodeMap.objects.select_related("author", "remap").order_by("source", "raw_code", "-version")
    if source:
        found = found.filter(source=source)
    if cursor:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
            raise ValueError(DAMAGED)
        after = "(orders_codemap.source, orders_codemap.raw_code) > (SELECT source, raw_code FROM orders_codemap WHERE id = %s)"  # noqa: E501
        found = found.filter(RawSQL(after, (int(cursor),), output_field=BooleanField()))
    rows = list(found.distinct("source", "raw_code")[: limit + 1])
    return MappedPage(rows[:limit], str(rows[limit - 1].pk) if len(rows) > limit else "")


@dataclass(frozen=True, slots=True)
class Story:
    """One code: how it came, what we say it means, and every meaning that administrators gave it, newest first."""

    source: str
    raw_code: str
    unknown: UnknownCode | None
    ours: Canonical | None
    versions: list[CodeMap]

    @property
    def newest(self) -> CodeMap | None:
        """The meaning that counts, if an administrator gave one."""
        return self.versions[0] if self.versions else None

    @property
    def remap(self) -> Remap | None:
        """The re-reading that followed it."""
        return getattr(self.newest, "remap", None)

    @property
    def is_known(self) -> bool:
        """Whether anybody has heard of the code."""
        return bool(self.unknown or self.ours or self.versions)


def story(source: str, raw_code: str) -> Story:
    """All about one code; two queries."""
    unknown = UnknownCode.objects.select_related("sample_parcel__carrier").filter(source=source, raw_code=raw_code)
    versions = CodeMap.objects.filter(source=source, raw_code=raw_code).select_related("author", "remap")
    kind = catalogue().get(source.partition(":")[0])
    ours = kind.codes.get(raw_code) if kind else None
    return Story(source, raw_code, unknown.first(), ours, list(versions.order_by("-version")))


def next_unread(source: str, raw_code: str) -> UnknownCode | None:
    """Another code that waits for a meaning, if there is one."""
    return unread().exclude(source=source, raw_code=raw_code).order_by("-last_seen_at", "-id").first()


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Our statuses in the reader's language, grouped, for a select; what nobody can mean is left out."""
    groups: dict[str, list[tuple[str, str]]] = {status: [] for status in STATUSES}
    for status, sub_status in TAXONOMY:
        if (status, sub_status) != UNMAPPED:
            label = labels.status_label(status, sub_status)
            groups[status].append((f"{status}.{sub_status}", f"{label} · {status}.{sub_status}"))
    named = [(labels.status_label(status) or _("Unknown"), rows) for status, rows in groups.items()]
    return [(name, rows) for name, rows in named if rows]
