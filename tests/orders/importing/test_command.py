"""`manage.py import_orders`, and the worker's task."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.orders.importing.files import csv_bytes

pytestmark = pytest.mark.django_db
ROWS = [["order_no", "placed_at", "qty", "sku"], ["A1", "2026-03-15 10:00", 1, "X"], ["A2", "2026-03-15 10:00", 0, "X"]]


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes(ROWS))
    return str(path)


def numbers() -> list[str]:
    from orders.models import Order

    return list(Order.objects.values_list("external_no", flat=True))


def test_the_command_imports_tells_and_hands_over_the_rejected_rows(file, tmp_path, capsys) -> None:
    target = tmp_path / "rejected.csv"
    call_command("import_orders", file, shop="new", create_shop=True, rejected=target)
    told = capsys.readouterr().out
    assert "2 rows read, 1 rejected" in told
    assert numbers() == ["A1"]
    assert target.read_text(encoding="utf-8-sig").startswith("File,Row,Column,Value,Reason,Remedy\n")
    call_command("import_orders", file, shop="new")
    assert "nothing was written" in capsys.readouterr().out


def test_a_dry_run_leaves_neither_shop_nor_run_nor_files(file, settings, tmp_path, capsys) -> None:
    from orders.models import ImportRun, Shop

    call_command("import_orders", file, shop="new", create_shop=True, dry_run=True, rejected=tmp_path / "r.csv")
    assert "Dry run: nothing was written." in capsys.readouterr().out
    assert not Shop.objects.exists() and not ImportRun.objects.exists()
    assert (tmp_path / "r.csv").exists()
    assert [each.name for each in Path(settings.MEDIA_ROOT).rglob("*") if each.is_file()] == []


def test_a_shop_made_for_a_source_has_the_sources_country_zone_and_present(tmp_path) -> None:
    from orders.models import Shop

    path = tmp_path / "sellers.csv"
    path.write_text("seller_id,seller_zip_code_prefix,seller_city,seller_state\ns1,13023,campinas,SP\n")
    call_command(
        "import_orders", str(path), shop="br", create_shop=True, mapping="olist", now="2018-03-15T12:00:00", sweep=True
    )
    shop = Shop.objects.get()
    assert (shop.country, shop.currency, shop.time_zone) == ("BR", "BRL", "America/Sao_Paulo")
    assert shop.present_at.isoformat() == "2018-03-15T15:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("orders.csv", {}, "Add --create-shop"),
        ("nowhere.csv", {"create_shop": True}, "no file"),
        ("orders.csv", {"create_shop": True, "now": "noon"}, "not a time"),
        ("orders.csv", {"create_shop": True, "mapping": "olist"}, "lacks the column"),
    ],
)
def test_the_command_says_what_to_do_when_it_cannot(file, name: str, options: dict, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("import_orders", str(Path(file).with_name(name)), shop="new", **options)
    assert numbers() == []


def test_the_worker_runs_what_waits(wait) -> None:
    from orders.tasks import run_imports

    waiting = wait(ROWS)
    run_imports()
    waiting.refresh_from_db()
    assert (waiting.state, numbers()) == ("done", ["A1"])
