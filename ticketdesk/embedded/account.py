"""PostgreSQL refuses to run as root: find an account that it may run as, and a way to let that account in."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from ticketdesk.embedded.errors import EmbeddedError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """Whom to run as. `owner` is (uid, gid) or None for the present user; `prefix` goes before the command line."""

    owner: tuple[int, int] | None = None
    prefix: tuple[str, ...] = ()

    @property
    def switch(self) -> tuple[int, int] | None:
        """The (uid, gid) to change to when starting; None when there is nothing to change or the prefix does it."""
        return None if self.prefix else self.owner


def choose(*needed: Path) -> Account:
    """The account that can come to every folder in `needed`, there already or not. Raises EmbeddedError.

    No folder's permissions are changed. Under a private folder, as /root is, the account gets the capability to pass
    instead.
    """
    if os.geteuid() != 0:
        return Account()
    entry = _first_known(CANDIDATES)
    owner = (entry.pw_uid, entry.pw_gid)
    closed = next((folder for path in needed for folder in path.parents if not _open_to(folder, owner)), None)
    if closed is None:
        return Account(owner)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedError(
            f"PostgreSQL refuses to run as root, and {entry.pw_name} may not enter {closed}. "
            "Run as a normal user, or move the project to a folder that everybody may enter."
        )
    return Account(
        owner,
        (
            setpriv,
            f"--reuid={owner[0]}",
            f"--regid={owner[1]}",
            "--clear-groups",
            "--inh-caps=+dac_override",
            "--ambient-caps=+dac_override",
            "--pdeathsig=INT",
        ),
    )


def _first_known(names: tuple[str, ...]) -> pwd.struct_passwd:
    for name in names:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root, and none of the accounts {', '.join(names)} exists. "
        "Run as a normal user: su <user> -c 'make run'"
    )


def _open_to(folder: Path, owner: tuple[int, int]) -> bool:
    status = folder.stat()
    if status.st_uid == owner[0]:
        return bool(status.st_mode & 0o100)
    if status.st_gid == owner[1]:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)
