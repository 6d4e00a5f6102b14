"""One message to all buyers of an incident: previewed, then sent once through the buyers' notices.

Each buyer hears of it once, whatever the number of his orders; the words are found in his language when it is sent.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders.models import Affected, Incident
from ticketdesk.accounts.models import User

KIND = "incident"
LONGEST = 1000
# What is offered to begin with, and what a language without words of its own gets; {where} is the segment's name.
DRAFT = gettext_noop(
    "Deliveries around {where} are delayed, and your order is among them. You need not contact us: we will tell you as "
    "soon as it moves on."
)


class NotSent(ValueError):
    """The message cannot be sent like this; says why."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What sending would do: buyers that would be told, those that would not, and a sample per language."""

    buyers: int
    silent: int
    samples: list[tuple[str, str, int]]
    """(language's code, words, buyers)."""


# One order of each buyer who can be told, the latest; and those who cannot, because they have no address, want nothing,
# or their shop tells nobody.
_BUYERS = """
    SELECT DISTINCT ON (o.customer_id) o.id, o.customer_id, COALESCE(NULLIF(c.language, ''), s.language),
        c.email_key IS NOT NULL AND c.no_notices_at IS NULL AND s.notices_since IS NOT NULL AND s.present_at IS NULL,
        s.notice_hook_url <> '' AND c.no_notices_at IS NULL AND s.notices_since IS NOT NULL AND s.present_at IS NULL
    FROM orders_affected m JOIN orders_order o ON o.id = m.order_id JOIN orders_customer c ON c.id = o.customer_id
    JOIN orders_shop s ON s.id = o.shop_id
    WHERE m.incident_id = %s AND o.cancelled_at IS NULL AND o.delivered_at IS NULL
    ORDER BY o.customer_id, o.id DESC
"""
_WRITE = """
    INSERT INTO outbox_delivery (dedupe_key, audience, about_id, channel, kind, text, params, path, state, attempts,
                                 next_try_at, error, created_at)
    SELECT 'buyer-incident:' || %(incident)s || ':' || u.customer || ':' || u.channel, 'buyer', u.about, u.channel,
        %(kind)s, '', jsonb_build_object('incident', %(incident)s), '', 'waiting', 0, %(now)s, '', %(now)s
    FROM unnest(%(orders)s::bigint[], %(customers)s::bigint[], %(channels)s::text[]) AS u (about, customer, channel)
    ON CONFLICT (dedupe_key) DO NOTHING
"""


def draft(incident: Incident) -> dict[str, str]:
    """The words to begin with, in every language of the desk."""
    if incident.message:
        return dict(incident.message)
    words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words[code] = _(DRAFT).format(where=incident.label or incident.shop.name)
    return words


def preview(incident: Incident, texts: dict[str, str]) -> Preview:
    """Whom these words would reach; two queries."""
    rows = _buyers(incident.pk)
    told = [row for row in rows if row[3] or row[4]]
    languages = Counter(_spoken(row[2]) for row in told)
    samples = [(code, texts.get(code, ""), number) for code, number in sorted(languages.items())]
    return Preview(len(told), len(rows) - len(told), samples)


@transaction.atomic
def send(incident: Incident, texts: dict[str, str], *, by: User, now: datetime) -> int:
    """Write the notices; returns how many buyers are told. Raises NotSent for words missing or a second time."""
    locked = Incident.objects.select_for_update().get(pk=incident.pk)
    if locked.told_at is not None:
        raise NotSent(_("The buyers of this incident were told already."))
    for code, name in settings.LANGUAGES:
        if not texts.get(code, "").strip():
            raise NotSent(_("Write the message in this language as well: {language}.").format(language=name))
    if longest := next((code for code, text in texts.items() if len(text) > LONGEST), ""):
        raise NotSent(_("At most {most} characters: {language} has more.").format(most=LONGEST, language=longest))
    rows = [row for row in _buyers(locked.pk) if row[3] or row[4]]
    ways = [(row[0], row[1], way) for row in rows for way, open_ in (("email", row[3]), ("webhook", row[4])) if open_]
    with connection.cursor() as cursor:
        given: dict[str, Any] = {"incident": locked.pk, "kind": KIND, "now": now}
        columns = {name: [way[n] for way in ways] for n, name in enumerate(("orders", "customers", "channels"))}
        cursor.execute(_WRITE, {**given, **columns})
    locked.message = {code: texts[code].strip() for code, _name in settings.LANGUAGES}
    locked.told_at, locked.told_by, locked.told_buyers = now, by, len(rows)
    locked.save(update_fields=["message", "told_at", "told_by", "told_buyers"])
    return len(rows)


def words_of(params: dict[str, Any], language: str) -> str:
    """What a notice of an incident says in a language; empty when the incident is gone."""
    incident = Incident.objects.filter(pk=params.get("incident") or 0).first()
    return str(incident.message.get(language) or incident.message.get("en") or "") if incident else ""


def was_told(anomaly_id: Any) -> bool:
    """Whether an anomaly's buyer has heard of it with everybody else."""
    return Affected.objects.filter(anomaly=anomaly_id, incident__told_at__isnull=False).exists()


def _buyers(incident_id: int) -> list[tuple[int, int, str, bool, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_BUYERS, [incident_id])
        return list(cursor.fetchall())


def _spoken(language: str) -> str:
    try:
        return translation.get_supported_language_variant(language.replace("_", "-").lower())
    except LookupError:
        return "en"
