"""Collecting static files costs seconds of compression: done only when one of them has changed."""

import hashlib
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

from ticketdesk.children import spawn

# Folders of other people's files that no page of ours loads.
UNUSED = ("redoc", "rest_framework")


def fingerprint() -> str:
    """What the sources look like now: their names, sizes and times, and where they are collected."""
    seen = [str(settings.STATIC_ROOT)]
    for finder in get_finders():
        for path, storage in finder.list(list(UNUSED)):
            status = settings.BASE_DIR.joinpath(storage.path(path)).stat()
            seen.append(f"{path} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(seen)).encode()).hexdigest()


def is_current() -> bool:
    """Whether what was collected last is still what would be collected."""
    mark = settings.STATIC_ROOT / ".fingerprint"
    return mark.exists() and mark.read_text() == fingerprint()


def collect(log: Path) -> "subprocess.Popen[bytes]":
    """Start collecting, in a process of its own; what it has to say goes to `log`."""
    ignored = [word for folder in UNUSED for word in ("--ignore", folder)]
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0", *ignored]
    return spawn(command, log=log, cwd=settings.BASE_DIR)


def mark_current() -> None:
    """Remember what was collected."""
    (settings.STATIC_ROOT / ".fingerprint").write_text(fingerprint())
