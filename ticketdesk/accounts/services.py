"""Everything that changes rows about people: keys, looks at personal data, preferences."""

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from ticketdesk.accounts.models import ApiKey, Language, Reveal, Role, Scope, User
from ticketdesk.accounts.zones import known_zones

KEY_TEXT = re.compile(r"(?P<prefix>pk_live_[a-z0-9]{12})_(?P<secret>[A-Za-z0-9_-]{43})", re.ASCII)
KEY_ID_ALPHABET = string.ascii_lowercase + string.digits
TOUCH_EVERY = timedelta(minutes=1)
REVEALS_PER_HOUR = 30
# Compared with when no key has the prefix, so that an unknown key takes as long to refuse as a wrong secret.
NO_HASH = "0" * 64


class NotAllowed(Exception):
    """This person may not do that."""


class KeysCannotManageKeys(NotAllowed):
    """A key was used to make or revoke a key; a stolen key must not outlive its own revocation."""


class KeysCannotReveal(NotAllowed):
    """A key was used to look at personal data; a look needs somebody who can be asked why."""


class UnknownScope(ValueError):
    """A key was asked for with no scope, or with one that does not exist."""


class ExpiryHasPassed(ValueError):
    """A key was asked for that would be expired from the start."""


class ReasonMissing(ValueError):
    """A look at personal data needs a reason and at least one field."""


class TooManyReveals(Exception):
    """The hour's looks at personal data are used up; `retry_after` is when the next one is free."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"{REVEALS_PER_HOUR} looks at personal data an hour are used up.")
        self.retry_after = retry_after


class BadPreference(ValueError):
    """A language or a time zone that does not exist."""


@transaction.atomic
def create_key(
    *, by: User, user: User, name: str, scopes: Collection[str], now: datetime, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """A key that acts for `user`, and its text, which is shown once and kept nowhere.

    NotAllowed unless `by` is an administrator at the browser; UnknownScope; ExpiryHasPassed.
    """
    _check_may_manage_keys(by)
    if not scopes or not set(scopes) <= set(Scope.values):
        raise UnknownScope(f"Choose from {', '.join(Scope.values)}.")
    if expires_at is not None and expires_at <= now:
        raise ExpiryHasPassed("The key would be expired from the start.")
    prefix = "pk_live_" + "".join(secrets.choice(KEY_ID_ALPHABET) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        created_by=by,
        expires_at=expires_at,
    )
    return key, f"{prefix}_{secret}"


def revoke_key(*, by: User, key: ApiKey, now: datetime) -> ApiKey:
    """The key opens nothing from `now` on; revoking again keeps the first time. NotAllowed as for create_key.

    Whoever a key acts for may revoke it too: a leak is stopped by whoever notices it.
    """
    if key.user_id != by.pk or by.acting_key is not None:
        _check_may_manage_keys(by)
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
    key.refresh_from_db(fields=["revoked_at"])
    return key


def authenticate_key(text: str, now: datetime) -> ApiKey | None:
    """The key with this text if it is valid at `now`, its person's `acting_key` set to it; else None. One query."""
    match = KEY_TEXT.fullmatch(text)
    if match is None:
        return None
    key = ApiKey.objects.select_related("user").filter(prefix=match["prefix"]).first()
    matches = hmac.compare_digest(_hash(match["secret"]), key.secret_hash if key else NO_HASH)
    if key is None or not matches or not key.is_valid(now):
        return None
    key.user.acting_key = key
    return key


def touch_key(key: ApiKey, now: datetime) -> bool:
    """Note that the key was used; writes at most once a minute per key, however many requests race. True if it did."""
    if key.last_used_at is not None and key.last_used_at > now - TOUCH_EVERY:
        return False
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - TOUCH_EVERY)
    return bool(ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now))


@transaction.atomic
def record_reveal(
    *, by: User, subject_type: str, subject_id: int, fields: Collection[str], reason: str, now: datetime
) -> Reveal:
    """Write down a look at personal data; call it before showing, and show nothing when it raises.

    Whether `by` may see the record at all is for the caller to have found out. NotAllowed for readers and keys,
    ReasonMissing, TooManyReveals after 30 looks within an hour.
    """
    if by.acting_key is not None:
        raise KeysCannotReveal("Sign in to look at personal data.")
    if by.role == Role.READONLY and not by.is_superuser:
        raise NotAllowed("Your role does not see personal data.")
    reason = " ".join(reason.split())
    if not reason or not fields:
        raise ReasonMissing("Say what you need the data for.")
    # The person's row is the turnstile: without it thirty requests at once would all count twenty-nine.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    looks = Reveal.objects.filter(user=by, at__gt=now - timedelta(hours=1)).order_by("-at")
    if oldest := looks[REVEALS_PER_HOUR - 1 : REVEALS_PER_HOUR].first():
        raise TooManyReveals(oldest.at + timedelta(hours=1) - now)
    return Reveal.objects.create(
        user=by,
        subject_type=subject_type,
        subject_id=subject_id,
        fields=sorted(set(fields)),
        reason=reason[:300],
        at=now,
    )


def set_language(*, by: User, language: str) -> User:
    """Keep the language a person chose. BadPreference if there is no such language."""
    if language not in Language.values:
        raise BadPreference(f"There is no language {language!r}.")
    by.language = language
    by.save(update_fields=["language"])
    return by


def save_preferences(*, by: User, language: str, timezone: str, available: bool) -> User:
    """Keep a person's own preferences. BadPreference if the language or the IANA time zone does not exist."""
    if language not in Language.values or timezone not in known_zones():
        raise BadPreference(f"There is no language {language!r} or no time zone {timezone!r}.")
    by.language, by.timezone, by.available = language, timezone, available
    by.save(update_fields=["language", "timezone", "available"])
    return by


def _check_may_manage_keys(by: User) -> None:
    if by.acting_key is not None:
        raise KeysCannotManageKeys("Sign in to manage keys.")
    if not by.is_administrator:
        raise NotAllowed("Only administrators manage keys.")


def _hash(secret: str) -> str:
    # 256 random bits cannot be guessed, so a fast hash is enough; a slow one would only cost every request.
    return hashlib.sha256(secret.encode()).hexdigest()
