"""Runs: progress, refusals, dry runs, and death in the middle."""

import threading
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from orders.importing.problems import Refused
from tests.clock import NOW
from tests.orders.importing.files import csv_bytes

pytestmark = pytest.mark.django_db
PLACED = "2026-11-01 10:00"
HEADER = ["order_no", "placed_at", "sku", "qty", "phone"]


def many(count: int) -> list[list[object]]:
    """Orders with one wrong row and one repeated row among them."""
    rows: list[list[object]] = [[f"A{n}", PLACED, "X", 1, f"1381234{n:04d}"] for n in range(count)]
    rows[3][3] = -1
    return [HEADER, *rows, rows[0]]


@pytest.fixture
def small_batches(monkeypatch) -> None:
    from orders.services import importrun

    monkeypatch.setattr(importrun, "BATCH", 4)


def die_at(monkeypatch, batch: int, when: str) -> None:
    """Let the process "die" at so many-th batch: before it is stored, or after it and before the notes are saved."""
    from orders.importing.seen import Seen
    from orders.services import importrun

    calls = {"count": 0}
    target, name = (importrun, "_store") if when == "before" else (Seen, "save")
    original = getattr(target, name)

    def deadly(*args, **options):
        calls["count"] += 1
        if calls["count"] == batch:
            raise KeyboardInterrupt
        return original(*args, **options)

    monkeypatch.setattr(target, name, deadly)


def stored() -> list[tuple]:
    from orders.models import Order

    return list(Order.objects.order_by("external_no").values_list("external_no", "version", "lines__sku"))


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("batch", [1, 2, 5])
def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_happened(
    wait, rejected, small_batches, monkeypatch, batch: int, when: str
) -> None:
    from orders.models import ImportRun
    from orders.services.imports import run

    waiting = wait(many(20))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        die_at(patch, batch, when)
        run(waiting.pk, now=NOW)
    assert ImportRun.objects.get().state == "running"
    done = run(waiting.pk, now=NOW)
    assert (done.state, done.rows_read, done.rows_rejected) == ("done", 21, 1)
    assert [row["Row"] for row in rejected(done)] == ["5"]
    assert stored() == [(f"A{n}", 1, "X") for n in sorted(range(20), key=str) if n != 3]
    once = {"customer new": 19, "order new": 19, "line new": 19, "order same": 1}  # one order stands there twice
    assert done.counts["entities"] == once
    assert done.counts["noticed"] == {"repeated": 1}


def test_a_run_that_keeps_dying_at_the_same_place_is_given_up(wait, monkeypatch) -> None:
    from orders.models import ImportRun
    from orders.services import importrun
    from orders.services.imports import run

    def always(*args: object) -> None:
        raise MemoryError

    monkeypatch.setattr(importrun, "_store", always)
    waiting = wait(many(5))
    for _ in range(importrun.MOST_STARTS):
        with pytest.raises(MemoryError):
            run(waiting.pk, now=NOW)
    assert run(waiting.pk, now=NOW).state == "failed"
    assert "MemoryError" in ImportRun.objects.get().error


def test_a_turn_ends_between_batches_and_the_next_one_goes_on(wait, small_batches) -> None:
    from orders.services.imports import run, run_waiting

    waiting = wait(many(20))
    first = run(waiting.pk, now=NOW, turn_s=0.0)
    assert (first.state, first.rows_read) == ("running", 4)
    turns = 0
    while run_waiting(now=NOW, turn_s=0.0):
        turns += 1
    first.refresh_from_db()
    assert (first.state, first.rows_read, turns) == ("done", 21, 6)


def test_a_run_that_breaks_does_not_hold_up_other_shops(wait, small_batches) -> None:
    from orders.models import ImportRun
    from orders.services.imports import run_waiting
    from tests import factories

    broken, whole = wait(many(5)), wait(many(5), into=factories.shop())
    ImportRun.objects.filter(pk=broken.pk).update(mapping="no such mapping", files=[{"name": "gone.csv"}])
    with pytest.raises(KeyError):
        run_waiting(now=NOW, turn_s=60.0)
    whole.refresh_from_db()
    assert whole.state == "done"


def test_a_workers_turn_is_shared_by_all_shops(wait, small_batches) -> None:
    from orders.models import ImportRun
    from orders.services.imports import run_waiting
    from tests import factories

    wait(many(20)), wait(many(5)), wait(many(20), into=factories.shop())
    assert run_waiting(now=NOW, turn_s=60.0) == 2  # the first shop's second import comes after its first
    assert run_waiting(now=NOW, turn_s=0.0) == 1
    assert list(ImportRun.objects.order_by("id").values_list("state", flat=True)) == ["done", "running", "done"]


@pytest.mark.django_db(transaction=True)
def test_one_shop_has_one_import_at_a_time(wait) -> None:
    from django.db import connection

    from orders.services.imports import Busy, run, run_waiting

    first, second = wait(many(5)), wait(many(6))
    raised: list[BaseException] = []

    def other_process() -> None:
        try:
            assert run_waiting(now=NOW) == 0
            run(second.pk, now=NOW)
        except Busy as busy:
            raised.append(busy)
        finally:
            connection.close()

    def progress(read: int, total: int) -> None:
        if not raised:
            thread = threading.Thread(target=other_process)
            thread.start()
            thread.join()

    run(first.pk, now=NOW, progress=progress)
    assert len(raised) == 1
    assert run(second.pk, now=NOW).state == "done"


def test_whoever_lost_his_run_to_another_writes_nothing_more(wait, small_batches) -> None:
    from orders.models import ImportRun
    from orders.services.importrun import TakenOver
    from orders.services.imports import run

    waiting = wait(many(20))

    def somebody_else_goes_on(read: int, total: int) -> None:
        ImportRun.objects.filter(pk=waiting.pk).update(position={"file": 0, "row": 9})

    with pytest.raises(TakenOver):
        run(waiting.pk, now=NOW, progress=somebody_else_goes_on)
    assert len(stored()) == 3


def test_progress_is_told_and_stored(wait, small_batches) -> None:
    from orders.services.imports import run

    seen: list[tuple[int, int]] = []
    done = run(wait(many(20)).pk, now=NOW, progress=lambda read, total: seen.append((read, total)))
    assert seen[0] == (4, 21)
    assert seen[-1] == (done.rows_read, done.rows_total) == (21, 21)


def test_a_dry_run_finds_everything_and_writes_nothing(bring, rejected) -> None:
    from orders.models import Customer, Order, OrderDue

    run = bring(many(20), dry_run=True)
    assert (run.state, run.rows_read, run.rows_rejected) == ("done", 21, 1)
    assert run.counts["entities"] == {"customer new": 19, "order new": 19, "line read": 19}
    assert [row["Row"] for row in rejected(run)] == ["5"]
    assert not any(model.objects.exists() for model in (Order, Customer, OrderDue))


def test_a_dry_run_can_be_followed_by_the_real_one_without_sending_the_files_again(bring) -> None:
    from orders.services.imports import import_for_real, run

    checked = bring(many(20), dry_run=True)
    done = run(import_for_real(run_id=checked.pk).pk, now=NOW)
    assert (done.state, done.rows_read, len(stored())) == ("done", 21, 19)
    with pytest.raises(Refused):
        import_for_real(run_id=checked.pk)


def test_the_files_of_a_dry_run_that_nobody_followed_up_are_deleted_after_a_day(bring, settings) -> None:
    from datetime import timedelta

    from orders.services.imports import import_for_real, run_waiting

    checked = bring(many(20), dry_run=True)
    for later, left in ((23, 2), (25, 1)):  # the rejected rows stay
        run_waiting(now=NOW + timedelta(hours=later))
        files = {each.suffix for each in Path(settings.MEDIA_ROOT).rglob("*") if each.suffix in (".part", ".csv")}
        assert len(files) == left
    with pytest.raises(Refused):
        import_for_real(run_id=checked.pk)


def test_files_are_kept_under_random_names_and_deleted_when_the_run_is_over(wait, settings) -> None:
    from orders.services import imports, uploads

    waiting = wait(many(5))
    path = uploads.path_of(waiting.files[0])
    assert path.exists() and "file0" not in str(path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    imports.run(waiting.pk, now=NOW)
    assert [each.name for each in Path(settings.MEDIA_ROOT).rglob("*") if each.is_file()] == ["rejected.csv"]


def test_the_same_files_sent_twice_make_one_run(wait) -> None:
    assert wait(many(5)).pk == wait(many(5)).pk
    assert wait(many(6)).pk != wait(many(5)).pk


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\u202ecod.csv", "C:\\x\\orders.csv", "x" * 300, "\x00"])
def test_a_files_name_is_only_shown(shop, name: str) -> None:
    from orders.services.imports import create_run

    file = ContentFile(csv_bytes(many(5)))
    file.name = name
    shown = create_run(shop=shop, mapping="generic", files=[file]).files[0]["name"]
    assert 0 < len(shown) <= 120
    assert not set(shown) & set("/\\\u202e\x00")


def test_a_large_file_is_refused_before_it_is_read(shop, settings) -> None:
    from orders.models import ImportRun
    from orders.services.imports import create_run

    settings.IMPORT_MAX_BYTES = 1 << 20
    file = ContentFile(b"", name="big.csv")
    file.size = (1 << 20) + 1
    file.chunks = lambda: pytest.fail("it was read")  # type: ignore[method-assign]
    with pytest.raises(Refused) as caught:
        create_run(shop=shop, mapping="generic", files=[file])
    assert (caught.value.code, caught.value.status) == ("too_big", 413)
    assert not ImportRun.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*"))


def test_a_file_that_is_larger_than_it_says_is_refused_too(shop, settings) -> None:
    from orders.services.imports import create_run

    settings.IMPORT_MAX_BYTES = 1000
    file = ContentFile(b"x" * 5000, name="liar.csv")
    file.size = 10
    with pytest.raises(Refused, match="liar.csv"):
        create_run(shop=shop, mapping="generic", files=[file])
    assert not [each for each in Path(settings.MEDIA_ROOT).rglob("*") if each.is_file()]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"a,b\n1,2\n", "lacks the column"), (b"", "is empty"), (b"%PDF-1.4", "a PDF")],
)  # fmt: skip
def test_a_file_that_cannot_be_imported_is_refused_at_once(wait, data: bytes, words: str) -> None:
    from orders.models import ImportRun

    with pytest.raises(Refused, match=words):
        wait(data)
    assert not ImportRun.objects.exists()


def test_a_file_that_breaks_in_the_middle_fails_before_anything_is_stored(bring, small_batches) -> None:
    run = bring(csv_bytes(many(20)) + b'A99,"2026-11-01\n')
    assert (run.state, run.rows_read, stored()) == ("failed", 0, [])
    assert "cannot be read from row" in run.error


def test_files_that_hold_nothing_to_import_fail_the_run(bring) -> None:
    run = bring([["review_id", "order_id"], ["1", "2"]], mapping="olist")
    assert run.state == "failed"
    assert run.error.startswith("None of the files")


def test_reasons_are_told_in_the_authors_language(bring, rejected, monkeypatch) -> None:
    from orders.services import importrun
    from tests import factories

    monkeypatch.setattr(importrun, "gettext", lambda text: "原因" if "whole number" in text else text)
    author = factories.user(language="zh-hans")
    run = bring(many(5), by=author)
    assert (rejected(run)[0]["Reason"], run.author) == ("原因", author)


def test_the_present_of_a_replayed_shop_is_set_first_and_a_move_back_fails_the_run(bring, shop) -> None:
    from datetime import timedelta

    from orders.models import OrderDue

    bring([["order_no", "placed_at"], ["A1", PLACED]], present_at=NOW - timedelta(days=90))
    shop.refresh_from_db()
    assert shop.present_at == NOW - timedelta(days=90)
    assert OrderDue.objects.get().due_at > shop.present_at
    run = bring([["order_no", "placed_at"], ["A2", PLACED]], present_at=NOW - timedelta(days=99))
    assert (run.state, "moved back" in run.error) == ("failed", True)


def test_a_batch_that_meets_a_held_row_is_tried_again(bring, rejected, monkeypatch) -> None:
    from django.db import OperationalError

    from orders.services import importrun

    original, calls = importrun._store, []

    def held_once(*args: object):
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError("canceling statement due to lock timeout")
        return original(*args)

    monkeypatch.setattr(importrun, "_store", held_once)
    run = bring(many(5))
    assert (run.state, run.rows_read, len(stored()), len(rejected(run))) == ("done", 6, 4, 1)
