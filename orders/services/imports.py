"""Imports: made by the page or the command, run by the worker or the command, continued by whoever comes next.

A run's position is saved with the rows it stands for, so a killed run goes on where it stopped. Runs of one shop follow
each other: whoever runs one holds the shop's advisory lock, which PostgreSQL frees when he dies.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.core.files.base import File
from django.db import connection, transaction
from django.utils import timezone, translation

from orders.importing import mapping as mappings
from orders.importing.problems import Refused
from orders.importing.reading import identify
from orders.importing.values import FIRST_YEAR
from orders.models import ImportRun, Shop
from orders.services import uploads
from orders.services.importrun import Progress, Runner, limits
from orders.services.replay import is_at_work
from ticketdesk.accounts.models import User

UNFINISHED = (ImportRun.State.WAITING, ImportRun.State.RUNNING)
# A worker's turn: well inside a task's soft time limit.
TURN_S = 45.0
# So long may a checked import wait to be imported for real.
KEEP_CHECKED = timedelta(days=1)
# So far ahead may the present lie that a shop is set to: it never goes back.
SOON = timedelta(days=1)

__all__ = ["Busy", "Progress", "create_run", "import_for_real", "run", "run_waiting"]


class Busy(Exception):
    """Another import of the same shop is being run; this one's turn comes after it."""


def create_run(
    *,
    shop: Shop,
    mapping: str,
    files: Iterable["File[bytes]"],
    by: User | None = None,
    dry_run: bool = False,
    present_at: datetime | None = None,
    encoding: str = "",
) -> ImportRun:
    """Store the files and make a waiting run of them; the very same files that wait or run already are not doubled.

    `present_at` freezes the shop's present when the run starts. Raises Refused when it lies in the future or before
    any order, the shop is at work in the real present, the mapping does not exist, or a file is too large, is no table,
    or lacks a column.
    """
    if present_at is not None:
        if not (present_at.year >= FIRST_YEAR and present_at <= timezone.now() + SOON):
            raise Refused("present_range")
        if is_at_work(shop):
            raise Refused("present_live")
    known = mappings.load(mapping)
    stored = uploads.keep(files, encoding=encoding)
    try:
        for file in stored:
            table = identify(uploads.path_of(file), file["name"], limits(), encoding=encoding, whole=False)
            mappings.recognise(known, table.header, table.name)
        digests = [file["sha256"] for file in stored]
        same = ImportRun.objects.filter(shop=shop, mapping=mapping, dry_run=dry_run, state__in=UNFINISHED)
        for waiting in same.order_by("id"):
            if [file["sha256"] for file in waiting.files] == digests:
                uploads.discard(stored)
                return waiting
        return ImportRun.objects.create(
            shop=shop, author=by, mapping=mapping, files=stored, dry_run=dry_run, present_at=present_at
        )
    except BaseException:
        uploads.discard(stored)
        raise


@transaction.atomic
def import_for_real(*, run_id: int, by: User | None = None) -> ImportRun:
    """Let a finished dry run wait once more, this time to be imported. Refused when its files are gone."""
    checked = ImportRun.objects.select_for_update().get(pk=run_id)
    there = [uploads.path_of(file).is_file() for file in checked.files]
    if not checked.dry_run or checked.state != ImportRun.State.DONE or not there or not all(there):
        raise Refused("files_gone")
    checked.dry_run, checked.state, checked.author = False, ImportRun.State.WAITING, by or checked.author
    checked.position, checked.counts, checked.rows_read, checked.rows_rejected = {}, {}, 0, 0
    checked.finished_at = checked.started_at = None
    checked.save()
    return checked


def run(
    run_id: int, *, now: datetime | None = None, turn_s: float | None = None, progress: Progress | None = None
) -> ImportRun:
    """Run an import, or go on with it, until it is done or failed, or for about `turn_s` seconds.

    `now` is the real present; what happened later is not plausible. Raises Busy. Any other error leaves the run as it
    is: the next caller goes on behind the last stored batch.
    """
    with _shop_of(run_id):
        importing = ImportRun.objects.select_related("shop", "author").get(pk=run_id)
        if importing.state not in UNFINISHED:
            return importing
        # The worker speaks the language of whoever sent the files.
        with translation.override(importing.author.language if importing.author else translation.get_language()):
            Runner(importing, now or timezone.now(), progress).go(turn_s)
        return importing


def run_waiting(*, now: datetime | None = None, turn_s: float = TURN_S) -> int:
    """Give shops' oldest unfinished imports a turn, for `turn_s` seconds in all; how many had one.

    May run anywhere, overlapping: what somebody else is running is passed over.
    """
    _forget_checked(now or timezone.now())
    turns, shops, ends, broken = 0, set(), time.monotonic() + turn_s, None
    for run_id, shop_id in ImportRun.objects.filter(state__in=UNFINISHED).order_by("id").values_list("id", "shop_id"):
        left = ends - time.monotonic()
        if turns and left <= 0:
            break
        if shop_id not in shops:
            shops.add(shop_id)
            try:
                run(run_id, now=now, turn_s=left)
                turns += 1
            except Busy:
                continue
            except Exception as error:  # one shop's fault must not hold up the others
                broken = error
    if broken is not None:
        raise broken
    return turns


def _forget_checked(now: datetime) -> None:
    """Files hold personal data: those of a dry run that nobody followed up are deleted."""
    old = ImportRun.objects.filter(dry_run=True, state=ImportRun.State.DONE, finished_at__lt=now - KEEP_CHECKED)
    for checked in old.exclude(files=[]):
        uploads.discard(checked.files)
        ImportRun.objects.filter(pk=checked.pk, state=ImportRun.State.DONE).update(files=[])


@contextmanager
def _shop_of(run_id: int) -> Iterator[None]:
    shop_id = ImportRun.objects.values_list("shop_id", flat=True).get(pk=run_id)
    key = f"orders.import {shop_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key])
        if not cursor.fetchone()[0]:
            raise Busy(f"Another import of shop {shop_id} is running.")
    try:
        yield
    finally:
        _unlock(key)


def _unlock(key: str) -> None:
    # A connection that broke has lost its lock already; one inside a failed transaction cannot be asked.
    if connection.connection is not None and not connection.connection.closed and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [key])
