"""Files of an import on their way: kept under random names, for the server's own eyes, until the run is over."""

import hashlib
import os
import secrets
import shutil
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import File

from orders.importing.problems import Refused

FOLDER = "imports"
MOST_FILES = 50
MOST_NAME = 120


def folder_of(files: Iterable[dict[str, Any]]) -> Path:
    """Where the files of a run lie."""
    return path_of(next(iter(files))).parent


def path_of(file: dict[str, Any]) -> Path:
    """The path of one stored file."""
    return Path(settings.MEDIA_ROOT, str(file["path"]))


def keep(files: Iterable["File[bytes]"], *, encoding: str = "") -> list[dict[str, Any]]:
    """Store files as a stream; path, name, size, SHA-256 and declared encoding of each, as ImportRun.files holds them.

    Refused before anything is read when a file is larger than settings.IMPORT_MAX_BYTES.
    """
    wanted = list(files)
    if not wanted:
        raise Refused("no_files")
    if len(wanted) > MOST_FILES:
        raise Refused("too_many_files", limit=MOST_FILES)
    for file in wanted:
        if file.size > settings.IMPORT_MAX_BYTES:
            raise too_big(shown_name(file.name or ""), file.size)
    folder = Path(settings.MEDIA_ROOT) / FOLDER / secrets.token_urlsafe(16)
    folder.mkdir(parents=True, mode=0o700)
    try:
        return [_keep(file, folder / f"{number}.part", encoding) for number, file in enumerate(wanted)]
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def too_big(name: str, size: int) -> Refused:
    """The refusal of a file of `size` bytes."""
    return Refused("too_big", file=name, size=-(-size >> 20), limit=settings.IMPORT_MAX_BYTES >> 20)


def _keep(file: "File[bytes]", path: Path, encoding: str) -> dict[str, Any]:
    digest, size, name = hashlib.sha256(), 0, shown_name(file.name or "")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        for chunk in file.chunks():
            size += len(chunk)
            if size > settings.IMPORT_MAX_BYTES:  # whoever told the size was wrong
                raise too_big(name, size)
            digest.update(chunk)
            stream.write(chunk)
    relative = path.relative_to(settings.MEDIA_ROOT).as_posix()
    return {"path": relative, "name": name, "size": size, "sha256": digest.hexdigest(), "encoding": encoding}


def shown_name(name: str) -> str:
    """The file's name without folders and without characters that control or reverse text."""
    base = PurePath(name.replace("\\", "/")).name
    visible = "".join(char for char in base if not unicodedata.category(char).startswith("C"))
    return visible[-MOST_NAME:] or "file"


def discard(files: Iterable[dict[str, Any]]) -> None:
    """Delete the stored files and the notes beside them; the file of rejected rows stays."""
    kept = list(files)
    for file in kept:
        path_of(file).unlink(missing_ok=True)
    if kept:
        folder = folder_of(kept)
        for name in ("seen.sqlite", "seen.sqlite-journal"):
            (folder / name).unlink(missing_ok=True)
        try:
            folder.rmdir()
        except OSError:
            pass  # rejected rows are in it, or it is gone already
