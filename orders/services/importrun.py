"""One run of an import: files in turn, rows in batches, each batch with its position in one transaction."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DataError, IntegrityError, OperationalError, transaction
from django.utils.translation import gettext

from orders.importing import mapping as mappings
from orders.importing.mapping import Layout
from orders.importing.problems import Refused, Rejection
from orders.importing.reading import Limits, Table, identify, rows, survey
from orders.importing.records import OrderRecord, Records, Step
from orders.importing.rejects import Rejects
from orders.importing.rows import ReadRow
from orders.importing.seen import Seen
from orders.importing.values import Setting
from orders.models import ImportRun
from orders.services import uploads
from orders.services.arming import arm, sync_statuses
from orders.services.milestones import sync_milestones
from orders.services.noticing import notice_milestones
from orders.services.replay import ReplayError, is_at_work, set_present
from orders.services.stocking.settling import settle
from orders.services.storing.batch import Stored, Work
from orders.services.storing.events import store_events
from orders.services.storing.lines import store_line_rows, store_payment_rows
from orders.services.storing.orders import store_orders
from orders.services.storing.people import store_customer_rows, store_sellers

BATCH = 1000
# Somebody else holds a row: the batch is tried again.
TRIES = 4
# A run that dies at the same place so often will not get past it.
MOST_STARTS = 4
Progress = Callable[[int, int], None]
"""Called with rows read and rows in all."""

STORES: Mapping[str, Callable[[Work, Any], Stored]] = {
    "sellers": store_sellers,
    "customers": store_customer_rows,
    "orders": store_orders,
    "lines": store_line_rows,
    "payments": store_payment_rows,
    "events": store_events,
}


class TakenOver(Exception):
    """Somebody else goes on with this run; nothing of this batch was written."""


def limits() -> Limits:
    """How large a file may be here."""
    return Limits(settings.IMPORT_MAX_BYTES)


class Runner:
    """Runs one ImportRun; the caller holds the shop's lock."""

    def __init__(self, run: ImportRun, now: datetime, progress: Progress | None) -> None:
        self.run, self.now, self.progress = run, now, progress
        self.position: dict[str, Any] = dict(run.position)

    def go(self, turn_s: float | None) -> None:
        """Go on until the run is done or failed, or the turn is over. Refusals fail the run; other errors pass."""
        ends = time.monotonic() + turn_s if turn_s is not None else None
        try:
            self._start()
            if self._read_files(ends):
                self._finish(ImportRun.State.DONE)
        except Refused as refused:
            self.run.error = refused.text(gettext)[:500]
            self._finish(ImportRun.State.FAILED)
        except TakenOver:
            raise
        except Exception as error:
            ImportRun.objects.filter(pk=self.run.pk).update(error=type(error).__name__)
            raise

    def _start(self) -> None:
        starts = self.position.get("starts", 0) + 1
        if starts > MOST_STARTS:
            raise Refused("stopped", times=MOST_STARTS, detail=self.run.error)
        if self.run.present_at and self.run.started_at is None and not self.run.dry_run:
            if is_at_work(self.run.shop):  # since the run was made
                raise Refused("present_live")
            try:
                set_present(self.run.shop, self.run.present_at, by=self.run.author)
            except ReplayError as error:
                raise Refused("present", reason=error.reason, remedy=error.remedy) from error
        self.run.state, self.run.error = ImportRun.State.RUNNING, ""
        self.run.started_at = self.run.started_at or self.now
        self._save({**self.position, "starts": starts})

    def _read_files(self, ends: float | None) -> bool:
        """Read on from the position; False if the turn was over before the end."""
        self.mapping = mappings.load(self.run.mapping)
        files = self._recognised()
        if self.run.rows_total is None:
            self.run.rows_total = sum(survey(table) for table, _ in files)
            self._save(self.position)
        folder = uploads.folder_of(self.run.files)
        with (
            Seen.at(folder / "seen.sqlite") as seen,
            closing(Rejects(folder / "rejected.csv", self.position.get("rejects", 0), gettext)) as rejects,
        ):
            if seen.position() != self._place():
                self._note_again(files, seen)
            return all(
                self._read_file(number, files, seen, rejects, ends)
                for number in range(self.position.get("file", 0), len(files))
            )

    def _recognised(self) -> list[tuple[Table, Layout]]:
        """The files that hold something, in the order in which they must be read; the others are noted."""
        files, told = [], []
        for file in self.run.files:
            path = uploads.path_of(file)
            if not path.exists():
                raise Refused("files_gone")
            table = identify(path, file["name"], limits(), encoding=file.get("encoding", ""))
            layout = mappings.recognise(self.mapping, table.header, table.name)
            if isinstance(layout, Layout):
                files.append((table, layout))
                told.append({"name": table.name, "holds": layout.spec.holds, "unused": list(layout.unused)})
            else:
                told.append({"name": table.name, "skipped": layout.name})
        if not files:
            raise Refused("nothing_to_import")
        self.run.counts = {"files": told, **{k: v for k, v in self.run.counts.items() if k != "files"}}
        return sorted(files, key=lambda pair: pair[1].rank)

    def _work(self, layout: Layout, seen: Seen) -> tuple[Records, Work]:
        zone = self.run.shop.time_zone if self.mapping.time_zone == "shop" else self.mapping.time_zone
        known = self.mapping
        setting = Setting(ZoneInfo(zone), self.now, known.formats, known.nulls, known.words)
        records = Records(layout, known, setting, seen)
        present = self.run.shop.present(self.now)
        return records, Work(self.run.shop, known, layout, records.reader, seen, present, self.run.dry_run)

    def _read_file(
        self, number: int, files: Sequence[tuple[Table, Layout]], seen: Seen, rejects: Rejects, ends: float | None
    ) -> bool:
        table, layout = files[number]
        records, work = self._work(layout, seen)
        after = self.position.get("row", 1)
        for steps in _batches(records.steps(rows(table, after=after))):
            last = steps[-1].last_row if steps else after
            self._flush(table, records, work, steps, {"file": number, "row": last}, rejects)
            if ends is not None and time.monotonic() > ends:
                return False
        self._flush(table, records, work, [], {"file": number + 1, "row": 1}, rejects)
        return True

    def _flush(
        self,
        table: Table,
        records: Records,
        work: Work,
        steps: Sequence[Step],
        place: dict[str, int],
        rejects: Rejects,
    ) -> None:
        """Store one batch with its position, and empty what reading has told."""
        told = [step.order or step.row for step in steps if step.order or step.row]
        before = rejects.keep()
        for attempt in range(1, TRIES + 1):
            try:
                with work.seen.undone_on_error(), transaction.atomic():
                    stored = _store(work, told)
                    if not work.dry and stored.changed:
                        sync_statuses(stored.changed, present=work.present)
                        sync_milestones(stored.changed)
                        notice_milestones(work.shop.pk, list(stored.changed), now=work.present)
                        settle(self.run.shop_id, stored.changed, present=work.present)
                        arm(stored.changed, present=work.present)
                    rejected = sorted([*records.told.rejected, *stored.rejected], key=lambda problem: problem.row)
                    rejects.add(table.name, rejected)
                    self._count(sum(step.rows for step in steps), rejected, stored.counted, records.told.counted)
                    self._save({**place, "rejects": rejects.keep(), "starts": 0})
                break
            except OperationalError:
                self.run.refresh_from_db(fields=["position", "rows_read", "rows_rejected", "counts"])
                self.position = self.run.position
                rejects.cut(before)
                if attempt == TRIES:
                    raise
        records.told.rejected, records.told.counted = [], Counter()
        work.seen.save(self._place())
        if self.progress:
            self.progress(self.run.rows_read, self.run.rows_total or 0)

    def _count(self, read: int, rejected: Sequence[Rejection], stored: Counter[str], told: Counter[str]) -> None:
        self.run.rows_read += read
        self.run.rows_rejected += len({problem.row for problem in rejected})
        counts = self.run.counts
        _add(counts.setdefault("entities", {}), stored)
        _add(counts.setdefault("noticed", {}), told)
        _add(counts.setdefault("rejected", {}), Counter(problem.code for problem in rejected))

    def _save(self, position: dict[str, Any]) -> None:
        """Save the run, if nobody else went on with it meanwhile."""
        run = self.run
        saved = ImportRun.objects.filter(pk=run.pk, position=self.position).update(
            position=position,
            state=run.state,
            error=run.error,
            started_at=run.started_at,
            rows_total=run.rows_total,
            rows_read=run.rows_read,
            rows_rejected=run.rows_rejected,
            counts=run.counts,
        )
        if not saved:
            raise TakenOver(f"Import {run.pk} is run by somebody else.")
        self.position = run.position = position

    def _place(self) -> str:
        return f"{self.position.get('file', 0)}:{self.position.get('row', 1)}"

    def _note_again(self, files: Sequence[tuple[Table, Layout]], seen: Seen) -> None:
        """Notes that lag behind the position (a crash between the two) are made anew by reading without writing."""
        seen.clear()
        last_file, last_row = self.position.get("file", 0), self.position.get("row", 1)
        for number, (table, layout) in enumerate(files[: last_file + 1]):
            records, work = self._work(layout, seen)
            work.dry = True
            lines = rows(table)
            if number == last_file:
                lines = _until(lines, last_row)
            for steps in _batches(records.steps(lines)):
                STORES[layout.spec.holds](work, [step.order or step.row for step in steps if step.order or step.row])
        seen.save(self._place())

    def _finish(self, state: ImportRun.State) -> None:
        run = self.run
        run.state, run.finished_at = state, self.now
        run.rejected_path = ""
        path = uploads.folder_of(run.files) / "rejected.csv"
        if run.rows_rejected and path.exists():
            run.rejected_path = path.relative_to(settings.MEDIA_ROOT).as_posix()
        else:
            path.unlink(missing_ok=True)
        run.save(update_fields=["state", "finished_at", "rejected_path", "error", "counts"])
        if not run.dry_run or state == ImportRun.State.FAILED:
            uploads.discard(run.files)


def _store(work: Work, told: Sequence[Any]) -> Stored:
    """Store a batch. Whatever the database refuses is found by halving, and rejected alone."""
    if not told:
        return Stored()
    try:
        with work.seen.undone_on_error(), transaction.atomic():
            return STORES[work.layout.spec.holds](work, told)
    except (DataError, IntegrityError):
        if len(told) == 1:
            row = told[0].row if isinstance(told[0], OrderRecord) else told[0].number
            return Stored(rejected=[work.reader.reject(row, "refused")])
    middle = len(told) // 2
    first, second = _store(work, told[:middle]), _store(work, told[middle:])
    return Stored(first.counted + second.counted, first.rejected + second.rejected, first.changed | second.changed)


def _batches(steps: Iterator[Step]) -> Iterator[list[Step]]:
    batch: list[Step] = []
    count = 0
    for step in steps:
        batch.append(step)
        count += step.rows
        if count >= BATCH:
            yield batch
            batch, count = [], 0
    if batch:
        yield batch


def _until(lines: Iterator[tuple[int, list[str]]], last: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in lines:
        if number > last:
            return
        yield number, cells


def _add(totals: dict[str, int], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        if count:
            totals[name] = totals.get(name, 0) + count


__all__ = ["Progress", "ReadRow", "Runner", "TakenOver", "limits"]
