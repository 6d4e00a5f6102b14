"""One call that imports files. Models are imported late: Django is not set up when this file is read."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile

from orders.importing.reading import Limits, Table, identify
from tests.clock import NOW
from tests.orders.importing.files import Rows, csv_bytes

if TYPE_CHECKING:
    from orders.models import ImportRun, Shop


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Table]:
    """A file of these bytes, identified."""

    def make(data: bytes, name: str = "orders.csv", sent: int = 1 << 20, **options: Any) -> Table:
        path = tmp_path / name
        path.write_bytes(data)
        return identify(path, name, Limits(sent, **options))

    return make


@pytest.fixture
def shop(db: None) -> "Shop":
    from tests import factories

    return factories.shop(code="s1", time_zone="Asia/Shanghai", country="CN", language="en")


@pytest.fixture
def wait(shop: "Shop") -> Callable[..., "ImportRun"]:
    """A waiting import of files, each of rows (the first is the header) or of bytes."""
    from orders.services.imports import create_run

    def wait(*files: Rows | bytes, mapping: str = "generic", into: "Shop" = shop, **options: Any) -> "ImportRun":
        stored = [
            ContentFile(each if isinstance(each, bytes) else csv_bytes(each), name=f"file{number}.csv")
            for number, each in enumerate(files)
        ]
        return create_run(shop=into, mapping=mapping, files=stored, **options)

    return wait


@pytest.fixture
def bring(wait: Callable[..., "ImportRun"]) -> Callable[..., "ImportRun"]:
    """The same, imported at NOW."""
    from orders.services.imports import run

    return lambda *files, **options: run(wait(*files, **options).pk, now=NOW)


@pytest.fixture
def rejected(settings: Any) -> Callable[["ImportRun"], list[dict[str, str]]]:
    """The rows of a run's file of rejected rows."""

    def read(run: "ImportRun") -> list[dict[str, str]]:
        if not run.rejected_path:
            return []
        with (Path(settings.MEDIA_ROOT) / run.rejected_path).open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))

    return read
