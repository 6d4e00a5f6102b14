"""Silent feeds as incidents: one for each source that stopped talking, and no stalls of its parcels meanwhile.

Whether a feed is silent is for orders.services.feedhealth to say (Endpoint.silent_since).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from orders.facts import OrderFacts
from orders.judge import Judgement
from orders.models import Endpoint, Incident
from orders.services import incidents

CODE = "feed_silent"
# What silence looks like from the parcel's side.
STALLS = frozenset({"no_update", "stuck_in_transit", "stuck", "no_first_scan", "lost_by_silence"})
# What a feed has to say after an outage comes in piles: so long its parcels are given to catch up.
CATCH_UP = timedelta(hours=1)
# A muted parcel is looked at again after this.
LOOK_AGAIN = timedelta(hours=1)
# A source's own word for parcels it never told of: those of the carriers it told of lately.
LATELY = timedelta(days=30)

# Parcels whose only talking sources are silent; and those that nobody has told of yet, by a carrier of such a source.
_HUSHED = """
    WITH mute AS (SELECT i.key AS source, i.evidence -> 'carriers' AS carriers FROM orders_incident i
                  WHERE i.shop_id = %(shop)s AND i.kind = 'feed' AND i.code = %(code)s AND i.closed_at IS NULL)
    SELECT p.id FROM orders_shipment p WHERE p.id = ANY(%(parcels)s) AND (
        EXISTS (SELECT 1 FROM orders_parcelfeed f JOIN mute ON mute.source = f.source WHERE f.shipment_id = p.id)
        AND NOT EXISTS (SELECT 1 FROM orders_parcelfeed f WHERE f.shipment_id = p.id AND f.stopped_at IS NULL
                        AND f.source NOT IN (SELECT source FROM mute))
        OR NOT EXISTS (SELECT 1 FROM orders_parcelfeed f WHERE f.shipment_id = p.id)
        AND EXISTS (SELECT 1 FROM mute WHERE mute.carriers @> to_jsonb(p.carrier_id)))
"""


def hushed(shop_id: int, facts: Sequence[OrderFacts]) -> frozenset[int]:
    """Ids of the parcels in these orders whose silence is their source's; one query where every feed talks."""
    if not Incident.objects.filter(shop=shop_id, kind="feed", code=CODE, closed_at=None).exists():
        return frozenset()
    parcels = [parcel.id for order in facts for parcel in order.parcels]
    with connection.cursor() as cursor:
        cursor.execute(_HUSHED, {"shop": shop_id, "code": CODE, "parcels": parcels})
        return frozenset(row[0] for row in cursor.fetchall())


def hush(verdict: Judgement, parcels: frozenset[int], now: datetime) -> Judgement:
    """The verdict without new stalls of these parcels; it is asked for again within the hour. Pure."""
    heard = [each for each in verdict.opened if each.code not in STALLS or each.parcel_id not in parcels]
    if len(heard) == len(verdict.opened):
        return verdict
    again = now + LOOK_AGAIN
    return replace(verdict, opened=heard, next_due=again if verdict.next_due is None else min(verdict.next_due, again))


def follow(*, now: datetime | None = None) -> int:
    """Open an incident for each feed that has fallen silent, close those whose feed has talked for a while."""
    at = now or timezone.now()
    opened = 0
    for endpoint in Endpoint.objects.filter(silent_since__isnull=False, active=True).select_related("shop"):
        opened += _silent(endpoint, endpoint.shop.present(at))
    for pk in Incident.objects.filter(kind="feed", code=CODE, closed_at=None).values_list("pk", flat=True):
        _talks(pk, at)
    return opened


@transaction.atomic
def _silent(endpoint: Endpoint, present: datetime) -> bool:
    since = endpoint.silent_since
    assert since is not None
    evidence = {
        "endpoint": endpoint.pk, "silent_since": since.isoformat(), "carriers": _carriers(endpoint.code_source, present)
    }  # fmt: skip
    made = incidents.open_incident(
        shop_id=endpoint.shop_id, kind="feed", key=endpoint.code_source, code=CODE, cause="silence",
        started_at=since, present=present, evidence=evidence, label=endpoint.name,
    )  # fmt: skip
    return made is not None


def _carriers(source: str, present: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT p.carrier_id FROM orders_parcelfeed f JOIN orders_shipment p ON p.id = f.shipment_id
               WHERE f.source = %s AND f.as_of >= %s ORDER BY 1 LIMIT 50""",
            [source, present - LATELY],
        )
        return [row[0] for row in cursor.fetchall()]


@transaction.atomic
def _talks(pk: int, at: datetime) -> None:
    """A window per look at a feed that talks; closed when it has talked for `CATCH_UP`."""
    row = Incident.objects.select_for_update(skip_locked=True).select_related("shop").filter(pk=pk).first()
    if row is None or row.closed_at is not None:
        return
    present = row.shop.present(at)
    endpoint = Endpoint.objects.filter(pk=row.evidence.get("endpoint")).first()
    if endpoint is not None and endpoint.active and endpoint.silent_since is not None:
        if row.windows:
            row.windows, row.state = [], Incident.State.OPEN
            row.save(update_fields=["windows", "state"])
        return
    if not row.windows:
        row.windows = [{"hour": present.isoformat(), "x": 0, "expected": 0, "quiet": True}]
        row.state = Incident.State.QUIET
        row.save(update_fields=["windows", "state"])
    elif present - datetime.fromisoformat(row.windows[0]["hour"]) >= CATCH_UP:
        row.windows.append({"hour": present.isoformat(), "x": 0, "expected": 0, "quiet": True})
        row.save(update_fields=["windows"])
        incidents.close_incident(row, present=present, reason="talks_again")
