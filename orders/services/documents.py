"""Documents of an order: added, replaced by a newer version, withdrawn; a difference accepted by a person.

Everything that is done is judged in the same transaction, so the anomaly opens or clears with the document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext_noop

from orders.comparing import compared
from orders.importing.documents import MOST_LINES, Line, read_lines
from orders.importing.problems import Refused as FileRefused
from orders.importing.reading import Limits
from orders.models import AcceptedDifference, Document, Order
from orders.papers import kinds
from orders.services import filing
from orders.services.judging import judge_orders, lock
from orders.services.restating import restate
from ticketdesk.accounts.models import User

MOST_DOCUMENTS = 100
CODE = "document_mismatch"

__all__ = ["MOST_LINES", "FileRefused", "Given", "Line", "Refused", "accept", "add", "withdraw"]


class Refused(ValueError):
    """It cannot be done; `field` is what to correct."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of a document beside its file. Lines are (sku, name, quantity, amount, weight)."""

    kind: str
    number: str = ""
    partial: bool = False
    currency: str = ""
    lines: Sequence[Line] = ()
    total_qty: int | None = None
    total_amount: Decimal | None = None
    weight_kg: Decimal | None = None


def add(
    *, order: Order, given: Given, file: "File[bytes] | None" = None, by: User, now: datetime
) -> tuple[Document, bool]:
    """Add a document, or a newer version of the one of this kind and number; the document, and whether it is new.

    The very same once more changes nothing. A table's lines are read, PDF and pictures are kept unread. `now` is the
    desk's clock. Raises Refused, or FileRefused for a file that cannot be kept or read; then nothing is kept.
    """
    if given.kind not in kinds():
        raise Refused("kind", f"There is no such kind. Known: {', '.join(kinds())}.")
    kept = filing.keep(file) if file is not None else None
    try:
        columns = _columns(given, kept, now)
        with transaction.atomic():
            document, created = _stored(_locked(order), given.kind, columns, by, now)
    except BaseException:
        filing.discard(kept)
        raise
    if not created:
        filing.discard(kept)
    return document, created


@transaction.atomic
def withdraw(*, document: Document, by: User, now: datetime) -> None:
    """Take a document out of the comparison, such as one of another order; it stays on record."""
    order = _locked(document.order)
    there = Document.objects.filter(pk=document.pk, is_current=True)
    if there.update(is_current=False, withdrawn_at=order.shop.present(now), withdrawn_by=by):
        _judge(order, now)


@transaction.atomic
def accept(*, order: Order, kind: str, digest: str, reason: str, by: User, now: datetime) -> AcceptedDifference:
    """Take the differences named by `digest` as they are, for a reason that stays on record; the anomaly clears.

    Raises Refused without a reason, or when the documents differ otherwise by now.
    """
    if not reason.strip():
        raise Refused("reason", gettext_noop("Say why the difference is all right."))
    locked = _locked(order)
    there = {each.kind: each for each in compared([locked.pk]).get(locked.pk, ()) if each.comparison.differences}
    if kind not in there or there[kind].digest != digest:
        raise Refused("digest", gettext_noop("The documents have changed since you looked. Look again, then decide."))
    accepted, _ = AcceptedDifference.objects.get_or_create(
        order=locked, kind=kind, digest=digest,
        defaults={"reason": reason.strip()[:300], "author": by, "at": locked.shop.present(now)},
    )  # fmt: skip
    _judge(locked, now)
    return accepted


def _locked(order: Order) -> Order:
    lock([order.pk])
    return Order.objects.select_for_update(of=("self",), no_key=True).select_related("shop").get(pk=order.pk)


def _columns(given: Given, kept: filing.Kept | None, now: datetime) -> dict[str, Any]:
    """The document's columns, from what was said and from the file's table where it is one."""
    lines, qty, amount = [list(line) for line in given.lines], given.total_qty, given.total_amount
    number = given.number
    if kept is not None and kept.type in filing.TABLES:
        read = read_lines(filing.path_of(kept.key), kept.name, Limits(settings.DOCUMENT_MAX_BYTES), now=now)
        lines = [list(line) for line in read.lines]
        qty = read.total_qty if qty is None else qty
        amount = read.total_amount if amount is None else amount
    if kept is not None:
        number = number or kept.name.rpartition(".")[0] or kept.name
    elif not lines and qty is None and amount is None:
        raise Refused("lines", "The document says nothing. Send its lines, its totals or its file.")
    if not number:
        raise Refused("number", "The document has no number. Give the one that is printed on it.")
    return {
        "number": number[:64], "is_partial": given.partial, "currency": given.currency, "lines": lines,
        "total_qty": qty, "total_amount": amount, "weight_kg": given.weight_kg,
        "sha256": kept.sha256 if kept else "", "file_key": kept.key if kept else "",
        "file_name": kept.name if kept else "", "file_type": kept.type if kept else "",
        "file_size": kept.size if kept else 0,
    }  # fmt: skip


# Where a file lies and what it is called says nothing about what it is.
SAID = ("is_partial", "currency", "lines", "total_qty", "total_amount", "weight_kg", "sha256")


def _stored(order: Order, kind: str, columns: dict[str, Any], by: User, now: datetime) -> tuple[Document, bool]:
    same = Document.objects.filter(order=order, kind=kind, number=columns["number"])
    last = same.order_by("-version").first()
    if last is not None and last.is_current and all(getattr(last, name) == columns[name] for name in SAID):
        return last, False
    if last is None and Document.objects.filter(order=order).count() >= MOST_DOCUMENTS:
        raise Refused("number", f"The order has {MOST_DOCUMENTS} documents. Withdraw or replace one of them.")
    same.filter(is_current=True).update(is_current=False)
    document = Document.objects.create(
        order=order, kind=kind, version=last.version + 1 if last else 1, author=by,
        recorded_at=order.shop.present(now), **columns,
    )  # fmt: skip
    _judge(order, now)
    return document, True


def _judge(order: Order, now: datetime) -> None:
    present = order.shop.present(now)
    judge_orders(order.shop_id, [order.pk], now=present)
    restate(order.shop_id, [order.pk], {CODE}, now=present)
