"""Files that stay: kept under random names in the media folder, for authorised eyes only, with their digest.

What a file is, is told by its first bytes, never by its name or by what the sender says.
"""

import hashlib
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.files.base import File

from orders.importing.problems import Refused
from orders.services.uploads import shown_name

FOLDER = "documents"
MAGIC = ((b"%PDF-", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"PK\x03\x04", "xlsx"))
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"Rar!", b"7z\xbc\xaf")
TABLES = frozenset({"csv", "xlsx"})
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "jpeg": "image/jpeg",
    "png": "image/png",
}


class Kept(NamedTuple):
    """A stored file."""

    key: str
    name: str
    type: str
    size: int
    sha256: str


def keep(file: "File[bytes]") -> Kept:
    """Store the file. Refused when it is too large, empty, or begins like nothing that is kept; nothing stays then.

    "csv" means text that is still to be read as a table: whoever keeps it must do so.
    """
    name = shown_name(file.name or "")
    if file.size > settings.DOCUMENT_MAX_BYTES:
        raise too_big(name, file.size)
    if not file.size:
        raise Refused("empty", file=name)
    token = secrets.token_urlsafe(24)
    key = f"{FOLDER}/{token[:2]}/{token}"
    path = path_of(key)
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    digest, size, start = hashlib.sha256(), 0, b""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            for chunk in file.chunks():
                start, size = start or chunk[:16], size + len(chunk)
                if size > settings.DOCUMENT_MAX_BYTES:  # whoever told the size was wrong
                    raise too_big(name, size)
                digest.update(chunk)
                stream.write(chunk)
        return Kept(key, name, _type(start, name), size, digest.hexdigest())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def too_big(name: str, size: int) -> Refused:
    """The refusal of a file of `size` bytes."""
    return Refused("paper_too_big", file=name, size=-(-size >> 20), limit=settings.DOCUMENT_MAX_BYTES >> 20)


def _type(start: bytes, name: str) -> str:
    for magic, kind in MAGIC:
        if start.startswith(magic):
            return kind
    if start.startswith(PACKED):
        raise Refused("file_type", file=name)
    return "csv"


def path_of(key: str) -> Path:
    """Where a stored file lies."""
    return Path(settings.MEDIA_ROOT, key)


def discard(kept: Kept | None) -> None:
    """Delete a stored file that nothing refers to."""
    if kept is not None:
        path_of(kept.key).unlink(missing_ok=True)
