"""Answers given before, so that a call repeated after a lost answer is answered alike and done once."""

from datetime import timedelta
from hashlib import blake2b

from django.db import connection
from django.db.models.functions import Now

from ticketdesk.outbox.models import AnsweredCall

KEPT_FOR = timedelta(days=7)
# Each new answer clears away a few that are past their time, so the table never needs a job of its own.
CLEARED_PER_CALL = 10


def turn_number(principal: str, key: str) -> int:
    """The number of the lock: 64 bits of a hash, signed as PostgreSQL wants it."""
    return int.from_bytes(blake2b(f"{principal}\0{key}".encode(), digest_size=8).digest(), "big", signed=True)


def take_turn(principal: str, key: str) -> bool:
    """Whether this transaction is the only one at work under this key; the turn ends with the transaction.

    A lock rather than a row: a process that is killed leaves nothing behind that says "running".
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [turn_number(principal, key)])
        taken: bool = cursor.fetchone()[0]
    return taken


def answered(principal: str, key: str) -> AnsweredCall | None:
    """The answer given under this key within the last seven days."""
    return AnsweredCall.objects.filter(principal=principal, key=key, created_at__gt=Now() - KEPT_FOR).first()


def keep(call: AnsweredCall) -> None:
    """Store an answer; call it within the turn and the effect's transaction. Clears away a few old ones."""
    AnsweredCall.objects.filter(principal=call.principal, key=call.key).delete()
    call.save(force_insert=True)
    old = AnsweredCall.objects.filter(created_at__lte=Now() - KEPT_FOR).order_by("created_at")
    AnsweredCall.objects.filter(
        pk__in=list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:CLEARED_PER_CALL])
    ).delete()
