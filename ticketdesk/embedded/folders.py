"""Where embedded servers keep their data and their sockets, and who may use them now."""

import fcntl
import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path
from typing import IO

from ticketdesk.embedded.errors import EmbeddedError

# A socket's path holds 103 bytes on macOS and 107 on Linux; PostgreSQL adds "/.s.PGSQL.5432.lock".
SOCKET_FOLDER_MAX = 80


def sockets(folder: Path) -> Path:
    """Where the sockets lie: inside `folder`, or in a short folder of their own when that path is too long."""
    inside = folder.resolve() / "run"
    if len(os.fsencode(inside)) <= SOCKET_FOLDER_MAX:
        return inside
    name = hashlib.sha256(os.fsencode(inside)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ticketdesk-{os.getuid()}-{name}"


def make_sockets(path: Path, owner: tuple[int, int] | None) -> None:
    """Make the socket folder, for `owner` and this user only. Raises EmbeddedError when somebody else made it."""
    path.mkdir(mode=0o700, exist_ok=True)
    allowed = {os.getuid()} | ({owner[0]} if owner else set())
    if path.is_symlink() or path.stat().st_uid not in allowed:
        raise EmbeddedError(f"{path} belongs to another user. Remove it, or move the project to a shorter path.")
    if owner:
        os.chown(path, *owner)
    path.chmod(0o700)


def lock(folder: Path) -> IO[str]:
    """Take the folder for this process. Raises EmbeddedError when another one holds it."""
    stream = (folder / "lock").open("a+")
    try:
        # The kernel drops the lock with its process, so a crash leaves nothing to clean up.
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.seek(0)
        holder = stream.read().strip() or "unknown"
        stream.close()
        raise EmbeddedError(f"{folder} is in use by process {holder}. Stop that one first: make stop") from None
    stream.truncate(0)
    stream.write(str(os.getpid()))
    stream.flush()
    return stream


def holder(folder: Path) -> int | None:
    """The process id of whoever holds the folder now; None when nobody does."""
    try:
        with (folder / "lock").open("r+") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return None
    except BlockingIOError:
        return int((folder / "lock").read_text().strip() or 0) or None
    except FileNotFoundError:
        return None


def package(name: str) -> Path:
    """The folder of an installed package, found without importing it. Raises EmbeddedError."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            f"The package {name} is not installed. Run: pip install -r requirements-embedded.txt, "
            "or set DATABASE_URL and REDIS_URL to servers of your own."
        )
    return Path(next(iter(spec.submodule_search_locations)))
