"""Personal data at rest: sealed columns, blind indexes to find them by, masks to show them by.

A sealed value is `version (1 byte) | length of key id (1 byte) | key id | nonce (12 bytes) | ciphertext and tag`:
AES-256-GCM with `table|column` as associated data, so that a value copied into another column does not open.
Renaming a table or column therefore needs its values sealed again. The length of the text is not hidden.
"""

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import phonenumbers
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from ticketdesk.accounts.masking import mask_address, mask_email, mask_name, mask_phone

__all__ = [
    "SealError",
    "SealedTextField",
    "blind_index",
    "mask_address",
    "mask_email",
    "mask_name",
    "mask_phone",
    "normalise_phone",
    "phone_keys",
    "seal",
    "seal_bytes",
    "seals_key",
    "unseal",
    "unseal_bytes",
]

VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16
INDEX_BYTES = 16


class SealError(Exception):
    """A sealed value cannot be made or read; nothing of it is given away."""


class UnknownKey(SealError):
    """The value names a key that PII_KEYS does not hold (removed too early, or from another installation)."""


class BrokenSeal(SealError):
    """The value was changed, truncated, copied from another column, or sealed with another key of that name."""


def seal(text: str, table: str, column: str) -> bytes:
    """`text` sealed with the active key for this column. Random nonce: the same text never seals alike twice."""
    try:
        plain = text.encode()
    except UnicodeEncodeError as error:
        raise SealError("The text holds a lone surrogate; it is not valid Unicode.") from error
    return seal_bytes(plain, table, column)


def seal_bytes(plain: bytes, table: str, column: str) -> bytes:
    """The same for any bytes."""
    key_id: str = settings.PII_ACTIVE_KEY
    name = key_id.encode()
    nonce = os.urandom(NONCE_BYTES)
    return bytes((VERSION, len(name))) + name + nonce + _cipher(key_id).encrypt(nonce, plain, _bound(table, column))


def unseal(data: bytes | memoryview, table: str, column: str) -> str:
    """The text inside. UnknownKey or BrokenSeal, never garbage, when it cannot be opened."""
    return unseal_bytes(data, table, column).decode()


def unseal_bytes(data: bytes | memoryview, table: str, column: str) -> bytes:
    """The bytes inside; the same errors."""
    raw = bytes(data)
    key_id, start = _key_id_and_start(raw)
    nonce, body = raw[start : start + NONCE_BYTES], raw[start + NONCE_BYTES :]
    try:
        return _cipher(key_id).decrypt(nonce, body, _bound(table, column))
    except InvalidTag as error:
        raise BrokenSeal(f"A value of {table}.{column} does not open with key {key_id!r}.") from error


def seals_key(data: bytes | memoryview) -> str:
    """Id of the key a value was sealed with, without opening it; for finding what a rotation still has to do."""
    return _key_id_and_start(bytes(data))[0]


def _key_id_and_start(raw: bytes) -> tuple[str, int]:
    if len(raw) < 2 or raw[0] != VERSION or len(raw) < 2 + raw[1] + NONCE_BYTES + TAG_BYTES:
        raise BrokenSeal("The value is not sealed, or it is cut short.")
    start = 2 + raw[1]
    return raw[2:start].decode("ascii", "replace"), start


def _bound(table: str, column: str) -> bytes:
    return f"{table}|{column}".encode()


def _cipher(key_id: str) -> AESGCM:
    material = settings.PII_KEYS.get(key_id)
    if material is None:
        raise UnknownKey(f"PII_KEYS holds no key {key_id!r}.")
    return _cipher_of(material)


# Keyed by the key itself, so that a changed setting is never answered with an old cipher.
@lru_cache(maxsize=16)
def _cipher_of(material: str) -> AESGCM:
    return AESGCM(_key_bytes(material))


@lru_cache(maxsize=16)
def _key_bytes(material: str) -> bytes:
    try:
        key = base64.b64decode(material, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SealError("A key for personal data is not base64.") from error
    if len(key) != 32:
        raise SealError(f"A key for personal data holds {len(key)} bytes, not 32.")
    return key


if TYPE_CHECKING:
    TextColumn = models.Field[str | None, str | None]
else:
    TextColumn = models.Field


class SealedTextField(TextColumn):
    """Text that is sealed in the database (bytea) and plain in Python; found by a blind index, never by itself.

    Works with save, bulk_create, bulk_update, update and values(); the only lookup is isnull, since a random
    nonce makes comparing meaningless. max_length limits the text in forms.
    """

    description = "Sealed text"
    column: str

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def to_python(self, value: Any) -> str | None:
        return value if value is None or isinstance(value, str) else str(value)

    def from_db_value(self, value: bytes | memoryview | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else unseal(value, self.model._meta.db_table, self.column)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        text = self.to_python(super().get_db_prep_value(value, connection, prepared))
        if text is None:
            return None
        return connection.Database.Binary(seal(text, self.model._meta.db_table, self.column))


def blind_index(kind: str, text: str, scope: str = "") -> bytes:
    """16 bytes by which equal texts of a kind are found without being read; HMAC-SHA256 with PII_INDEX_KEY.

    Width, case and spacing are levelled first. `scope` (a shop, say) keeps equal texts of two scopes apart.
    """
    level = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    # Lengths in front: ("a", "b|c") and ("a|b", "c") must not meet.
    message = b"".join(len(part).to_bytes(4) + part for part in (scope.encode(), kind.encode(), level.encode()))
    return hmac.digest(_key_bytes(settings.PII_INDEX_KEY), message, hashlib.sha256)[:INDEX_BYTES]


def normalise_phone(phone: str, region: str = "CN") -> str:
    """E.164 where the number is possible in `region` (ISO 3166), `;ext=` kept; else its digits; "" without any."""
    text = unicodedata.normalize("NFKC", phone).strip()
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return _digits(text)
    if not phonenumbers.is_possible_number(number):
        return _digits(text)
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164};ext={number.extension}" if number.extension else e164


def phone_keys(phone: str, region: str = "CN", scope: str = "") -> tuple[bytes, bytes]:
    """Blind indexes (whole number, its last four digits); both b"" without digits, so that no empty phones meet."""
    number = normalise_phone(phone, region)
    digits = _digits(number.partition(";")[0])
    if not digits:
        return b"", b""
    return blind_index("phone", number, scope), blind_index("phone_last4", digits[-4:], scope)


def _digits(text: str) -> str:
    # Any script's digits, written as ASCII: Arabic-Indic and full-width numbers are the same number.
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())
