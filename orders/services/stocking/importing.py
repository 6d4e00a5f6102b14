"""Stock from a CSV or XLSX file: read at once, stored in batches, wrong rows told one by one."""

import secrets
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext

from orders.importing import mapping as mappings
from orders.importing.mapping import Layout
from orders.importing.problems import Refused, Rejection
from orders.importing.reading import Limits, identify, rows
from orders.importing.rejects import Rejects
from orders.importing.rows import ReadRow, RowReader
from orders.importing.values import Setting
from orders.models import Shop
from orders.services.stocking.telling import MOST_ENTRIES, Delivery, Told, tell
from orders.services.uploads import FOLDER, shown_name

MOST_ROWS = 20_000
MOST_BYTES = 10 << 20
MAIN = "MAIN"
"""The warehouse of a file that names none."""


@dataclass(slots=True)
class Imported:
    """What came of a file. `rejected_name` is where the rejected rows lie, "" when there are none."""

    rows: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejection] = field(default_factory=list)
    rejected_name: str = ""


@transaction.atomic
def import_stock(*, shop: Shop, file: "File[bytes]", now: datetime) -> Imported:
    """Take in a file; rows that cannot be read are left out and told. Refused when the file is no table of stock."""
    name = shown_name(file.name or "")
    most = min(MOST_BYTES, settings.IMPORT_MAX_BYTES)
    if file.size > most:
        raise Refused("too_big", file=name, size=-(-file.size >> 20), limit=most >> 20)
    done = Imported()
    with TemporaryDirectory() as folder:
        path = Path(folder, "stock")
        with path.open("wb") as stream:
            for chunk in file.chunks():
                stream.write(chunk)
        told = _read(path, name, Limits(most, MOST_ROWS), shop, now, done)
    for start in range(0, len(told), MOST_ENTRIES):
        done.outcomes.update(tell(shop=shop, told=told[start : start + MOST_ENTRIES], now=now))
    if done.rejected:
        done.rejected_name = _keep(name, done.rejected)
    return done


def _read(path: Path, name: str, limits: Limits, shop: Shop, now: datetime, done: Imported) -> list[Told]:
    known = mappings.form("stock")
    table = identify(path, name, limits)
    layout = mappings.recognise(known, table.header, name)
    assert isinstance(layout, Layout)  # the form knows no files to skip
    reader = RowReader(layout, Setting(ZoneInfo(shop.time_zone), now, known.formats, known.nulls, known.words))
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for number, cells in rows(table):
        done.rows += 1
        row, wrong = reader.read(number, cells)
        if row is not None:
            wrong = _take(reader, row, found)
        done.rejected += wrong
    for values in found.values():
        values.pop("row", None)
    return [Told(place, sku, **values) for (place, sku), values in found.items()]


def _take(reader: RowReader, row: ReadRow, found: dict[tuple[str, str], dict[str, Any]]) -> list[Rejection]:
    stock, incoming = row.part("stock"), row.part("incoming")
    key = (stock.get("warehouse") or MAIN, stock["sku"])
    values = {column: stock[column] for column in ("on_hand", "name", "low_at") if stock.get(column) is not None}
    known = found.get(key, {})
    for column, value in values.items():
        if known.get(column, value) != value:
            told = f"stock.{column}"
            return [reader.reject(row.number, "conflict", told, value, row=known["row"], what=gettext("article"))]
    if incoming.get("qty") and incoming.get("expected_at") is None:
        return [reader.reject(row.number, "missing", "incoming.expected_at")]
    known = found.setdefault(key, {"row": row.number}) | values
    found[key] = known
    if incoming.get("qty") is not None:
        known.setdefault("incoming", [])
        if incoming["qty"]:
            delivery = Delivery(incoming["qty"], incoming["expected_at"], incoming.get("reference") or "")
            known["incoming"].append(delivery)
    return []


def _keep(name: str, rejected: list[Rejection]) -> str:
    token = f"stock-{secrets.token_urlsafe(18)}"
    path = rejected_path(token)
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    with closing(Rejects(path, 0, gettext)) as rejects:
        rejects.add(name, rejected)
        rejects.keep()
    return token


def rejected_path(token: str) -> Path:
    """Where rejected rows lie; `token` is what `import_stock` gave out."""
    return Path(settings.MEDIA_ROOT, FOLDER, f"{token}.csv")
