"""`manage.py import_orders FILE... --mapping NAME --shop CODE`: import files of orders."""

import shutil
import sys
import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from orders.importing import mapping as mappings
from orders.importing.problems import Refused
from orders.management.times import typed_time
from orders.models import ImportRun, Shop
from orders.services import imports, uploads
from orders.services.sweep import sweep_until_idle

BAR = 30


class Command(BaseCommand):
    help = "Import files of orders (CSV, CSV.gz, XLSX). Running it again writes only what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, help="CSV, CSV.gz or XLSX, in any order")
        parser.add_argument("--mapping", default="generic", choices=mappings.names())
        parser.add_argument("--shop", required=True, help="code of the shop")
        parser.add_argument("--create-shop", action="store_true", help="make the shop if there is none")
        parser.add_argument("--now", help="freeze the shop's present: 2018-03-15T12:00:00, in the shop's time zone")
        parser.add_argument("--dry-run", action="store_true", help="check everything, write nothing")
        parser.add_argument("--encoding", default="", help="utf-8, gb18030 or utf-16, where it is not recognised")
        parser.add_argument("--rejected", type=Path, help="where to put the rejected rows (CSV)")
        parser.add_argument("--sweep", action="store_true", help="judge what is due afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        if options["dry_run"]:
            with transaction.atomic():  # not even the shop and the run stay
                done = self._import(options)
                transaction.set_rollback(True)
        else:
            done = self._import(options)
        self._report(done, time.monotonic() - started, options)
        if done.state == ImportRun.State.FAILED:
            raise CommandError(done.error)
        if options["sweep"] and not options["dry_run"]:
            judged = sweep_until_idle(turn_s=600.0)
            self.stdout.write(f"Judged {judged.orders} orders: {judged.opened} found, {judged.cleared} cleared.")

    def _import(self, options: dict[str, Any]) -> ImportRun:
        try:
            shop = self._shop(options)
            at: datetime | None = typed_time(options["now"], shop) if options["now"] else None
            run = self._create(shop, at, options)
            if run.rows_read:
                self.stdout.write(f"Going on with run {run.pk} after {run.rows_read} rows.")
            return imports.run(run.pk, progress=self._progress if sys.stderr.isatty() else None)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except imports.Busy as busy:
            raise CommandError(
                f"{busy} Wait for it; this run goes on by itself or when you repeat the command."
            ) from busy

    def _create(self, shop: Shop, at: datetime | None, options: dict[str, Any]) -> ImportRun:
        opened = []
        try:
            for path in options["files"]:
                if not path.is_file():
                    raise CommandError(f"There is no file {path}.")
                opened.append(File(path.open("rb"), name=path.name))
            return imports.create_run(
                shop=shop,
                mapping=options["mapping"],
                files=opened,
                dry_run=options["dry_run"],
                present_at=at,
                encoding=options["encoding"],
            )
        finally:
            for file in opened:
                file.close()

    def _shop(self, options: dict[str, Any]) -> Shop:
        code = options["shop"]
        shop = Shop.objects.filter(code=code).first()
        if shop is None and not options["create_shop"]:
            raise CommandError(f"There is no shop {code}. Add --create-shop to make it.")
        return shop or Shop.objects.create(code=code, name=code, **mappings.load(options["mapping"]).shop)

    def _progress(self, read: int, total: int) -> None:
        part = min(read / total, 1.0) if total else 1.0
        bar = "█" * int(part * BAR)
        self.stderr.write(f"\r{bar:░<{BAR}} {part:4.0%}  {read:,} rows", ending="" if read < total else "\n")

    def _report(self, run: ImportRun, seconds: float, options: dict[str, Any]) -> None:
        out = self.stdout.write
        for file in run.counts.get("files", []):
            what = f"skipped ({file['skipped']})" if "skipped" in file else file["holds"]
            unused = ", ".join(file.get("unused", []))
            out(f"  {file['name']}: {what}" + (f"; columns not used: {unused}" if unused else ""))
        table: dict[str, dict[str, int]] = {}
        for name, count in run.counts.get("entities", {}).items():
            entity, kind = name.split()
            table.setdefault(entity, {})[kind] = count
        kinds = ("new", "known", "read") if run.dry_run else ("new", "changed", "same")
        out(f"\n{'':12}" + "".join(f"{kind:>10}" for kind in kinds))
        for entity, counts in table.items():
            out(f"{entity:12}" + "".join(f"{counts.get(kind, 0):>10,}" for kind in kinds))
        for title in ("noticed", "rejected"):
            for code, count in sorted(run.counts.get(title, {}).items()):
                out(f"{title}: {code.replace('_', ' ')} {count:,}")
        out(f"\n{run.rows_read:,} rows read, {run.rows_rejected:,} rejected, {seconds:.1f} s.")
        written = any(not name.endswith((" same", " known", " read")) for name in run.counts.get("entities", {}))
        if run.dry_run:
            out("Dry run: nothing was written.")
        elif run.state == ImportRun.State.DONE and not written:
            out("Nothing differs from what is stored: nothing was written.")
        self._hand_over(run, options["rejected"])

    def _hand_over(self, run: ImportRun, target: Path | None) -> None:
        if run.dry_run:
            uploads.discard(run.files)
        if not run.rejected_path:
            return
        stored = Path(settings.MEDIA_ROOT) / run.rejected_path
        if target is not None:
            shutil.copyfile(stored, target)
            if run.dry_run:
                stored.unlink()
                stored.parent.rmdir()
        self.stdout.write(f"Rejected rows: {target or stored}")
