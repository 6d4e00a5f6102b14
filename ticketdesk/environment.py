"""Reading the environment: every helper names the variable and the remedy when a value is missing or wrong."""

import base64
import binascii
import os

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """The variable's text; without a default it must be set."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. See .env.example, or start with `make run`.")
    return value


def flag(name: str, default: bool) -> bool:
    """A yes/no variable: 1/0, true/false, yes/no, on/off."""
    value = os.environ.get(name, str(int(default))).strip().lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Use 1 or 0.")
    return value in TRUE


def number(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number.") from error


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas; blanks are dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def key(name: str) -> str:
    """A base64 text of 32 bytes, as `openssl rand -base64 32` prints it."""
    return _checked_key(name, text(name))


def keys(name: str) -> dict[str, str]:
    """Several named keys: `k1:<base64>,k2:<base64>`."""
    found = dict(part.split(":", 1) for part in words(name) if ":" in part)
    if not found:
        raise ImproperlyConfigured(f"{name} is not set. Write k1:<base64 of 32 random bytes>; see .env.example.")
    return {key_id: _checked_key(name, value) for key_id, value in found.items()}


def _checked_key(name: str, value: str) -> str:
    try:
        size = len(base64.b64decode(value, validate=True))
    except (binascii.Error, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is not base64. Make one with `openssl rand -base64 32`.") from error
    if size != 32:
        raise ImproperlyConfigured(f"{name} holds {size} bytes, not 32. Make one with `openssl rand -base64 32`.")
    return value
