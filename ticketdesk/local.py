"""The environment of a copy that runs out of its own folder: secrets of its own, embedded servers, plain HTTP.

`python -m ticketdesk.local COMMAND ...` is `manage.py COMMAND ...` inside that environment; what is set already wins.
Production never comes here: it sets everything itself.
"""

import base64
import os
import secrets
import sys
from collections.abc import MutableMapping
from pathlib import Path

from ticketdesk import embedded

ROOT = Path(__file__).resolve().parent.parent
# Which servers this copy brings itself, told to `manage.py up`: "postgres", "redis", both or none.
EMBEDDED = "TICKETDESK_EMBEDDED"


def furnish(environ: MutableMapping[str, str]) -> None:
    """Fill in what is not set, making the secrets on first use. Raises OSError when the folder can't be written."""
    var = folder(environ)
    if "SECRET_KEY" not in environ or "PII_KEYS" not in environ or "PII_INDEX_KEY" not in environ:
        for name, value in kept_secrets(var / "secrets.env").items():
            environ.setdefault(name, value)
    own = [name for name, url in (("postgres", "DATABASE_URL"), ("redis", "REDIS_URL")) if url not in environ]
    environ.setdefault(EMBEDDED, ",".join(own))
    environ.setdefault("DATABASE_URL", embedded.database_url(var))
    environ.setdefault("REDIS_URL", embedded.redis_url(var))
    environ.setdefault("HTTPS", "0")
    # Letters stay here, in var/mail, until somebody names a mail server.
    environ.setdefault("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")


def folder(environ: MutableMapping[str, str]) -> Path:
    """Where this copy keeps its data, logs and secrets."""
    return Path(environ.get("VAR_DIR", str(ROOT / "var"))).resolve()


def kept_secrets(path: Path) -> dict[str, str]:
    """The secrets in `path`, made and kept there (mode 600) when the file is missing or a line of it is.

    A copy's data can't be read without them: they belong into its backups, apart from the data.
    """
    kept = dict(line.split("=", 1) for line in _lines(path) if "=" in line and not line.startswith("#"))
    fresh = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "PII_KEYS": f"k1:{_key()}",
        "PII_ACTIVE_KEY": "k1",
        "PII_INDEX_KEY": _key(),
    }
    missing = {name: value for name, value in fresh.items() if name not in kept}
    if "PII_KEYS" in kept:
        missing.pop("PII_ACTIVE_KEY", None)  # whoever added keys by hand says which one is active, or the first is
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name}={value}\n" for name, value in (kept | missing).items())
        new = path.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(f"# Made by `make run`. Without these the data can't be read: keep a copy elsewhere.\n{text}")
        new.replace(path)
    return kept | missing


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    try:
        furnish(os.environ)
    except OSError as error:
        sys.exit(f"Can't write {folder(os.environ)}: {error.strerror}. Run as its owner, or set VAR_DIR to your own.")
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, "manage.py", *sys.argv[1:]])  # noqa: S606  # no shell on purpose
