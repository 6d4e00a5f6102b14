"""What carriers' codes mean: an administrator's meaning is laid over ours, and what nobody has read yet is counted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import connection, transaction

from orders.carriers import catalogue
from orders.carriers.reading import LONGEST
from orders.models import CodeMap, Remap, UnknownCode
from orders.statuses import Canonical
from orders.timeline import Scan
from ticketdesk.accounts.models import User
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

Meanings = Mapping[tuple[str, str], Canonical]
RETURN = " return"
"""How the raw status of a scan on its way back ends (see orders.carriers.own)."""


class BadMeaning(ValueError):
    """A code cannot be given this meaning: `field` and what to write instead."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(remedy)
        self.field = field


def meanings(sources: Collection[str]) -> dict[tuple[str, str], Canonical]:
    """The newest meaning that administrators gave to codes of these sources; one query."""
    rows = CodeMap.objects.filter(source__in=list(sources)).order_by("source", "raw_code", "-version")
    newest = rows.distinct("source", "raw_code").values_list("source", "raw_code", "status", "sub_status")
    return {(source, code): Canonical(status, sub_status) for source, code, status, sub_status in newest}


def laid_over(scan: Scan, given: Meanings) -> Scan:
    """The scan with an administrator's meaning of its code, if there is one."""
    canonical = given.get((scan.source, scan.raw_code)) if scan.raw_code else None
    return scan if canonical is None else meaning(scan, canonical)


def meaning(scan: Scan, canonical: Canonical) -> Scan:
    """The scan with this status. On its way back a parcel is never delivered to the buyer."""
    if scan.raw_status.endswith(RETURN) and canonical.status == "delivered" and canonical.sub_status != "partial":
        canonical = Canonical("returned", "received")
    physical = canonical.about.is_physical or canonical.status == "unknown"
    return replace(scan, status=canonical.status, sub_status=canonical.sub_status, is_physical=physical)


COUNT = """
    INSERT INTO orders_unknowncode AS k
        (source, raw_code, count, first_seen_at, last_seen_at, sample_text, sample_parcel_id)
    SELECT u.source, u.raw_code, u.count, u.at, u.at, u.sample, u.parcel FROM {source}
    ON CONFLICT (source, raw_code) DO UPDATE SET count = k.count + EXCLUDED.count,
        last_seen_at = GREATEST(k.last_seen_at, EXCLUDED.last_seen_at), sample_text = EXCLUDED.sample_text,
        sample_parcel_id = EXCLUDED.sample_parcel_id
"""


def count_unknown(scans: Iterable[tuple[int, Scan]], now: datetime) -> None:
    """Count new scans, given with their parcels' ids, whose codes nobody has read; one statement."""
    counts: dict[tuple[str, str], tuple[int, str, int]] = {}
    for parcel_id, scan in scans:
        if scan.raw_code and (scan.status, scan.sub_status) == ("unknown", "unmapped_code"):
            key = (scan.source, scan.raw_code)
            counts[key] = (counts[key][0] + 1 if key in counts else 1, scan.text, parcel_id)
    if not counts:
        return
    rows = sorted(counts.items())
    source, parameters = bulk.unnest(
        {
            "source": Column("text", [key[0] for key, _ in rows]),
            "raw_code": Column("text", [key[1] for key, _ in rows]),
            "count": Column("integer", [found[0] for _, found in rows]),
            "at": Column("timestamptz", [now] * len(rows)),
            "sample": Column("text", [found[1] for _, found in rows]),
            "parcel": Column("bigint", [found[2] for _, found in rows]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(source=source), parameters)


@transaction.atomic
def map_code(*, source: str, raw_code: str, canonical: str, by: User, now: datetime) -> CodeMap:
    """Give a source's code a meaning, such as "in_transit.moving", and have the parcels that hold it read again.

    The new version counts at once for what comes in; stored scans follow in the background (see
    orders.services.remapping). BadMeaning for an unknown source or status.
    """
    if source not in catalogue() and not source.startswith("generic:"):
        raise BadMeaning("source", f"There is no source {source}. Choose one from the list.")
    if not raw_code or len(raw_code) > LONGEST["raw_code"]:
        raise BadMeaning("raw_code", "Give the code as the source writes it, at most 64 characters.")
    try:
        status = Canonical.parse(canonical)
    except ValueError as error:
        raise BadMeaning("canonical", str(error)) from None
    with connection.cursor() as cursor:  # two administrators at once get two versions
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"code map {source} {raw_code}"])
    before = CodeMap.objects.filter(source=source, raw_code=raw_code).order_by("-version").first()
    made = CodeMap.objects.create(
        source=source, raw_code=raw_code, version=before.version + 1 if before else 1, status=status.status,
        sub_status=status.sub_status, author=by,
    )  # fmt: skip
    UnknownCode.objects.filter(source=source, raw_code=raw_code).update(mapped_at=now)
    # An older reading of the same code would only be undone by this one.
    Remap.objects.filter(code_map__source=source, code_map__raw_code=raw_code, ended_at=None).update(ended_at=now)
    Remap.objects.create(code_map=made)
    return made


def relabel(changed: Sequence[tuple[int, date, Scan]]) -> None:
    """Write the status of stored scans, given by id and month, as these scans have it; one statement."""
    source, parameters = bulk.unnest(
        {
            "id": Column("bigint", [pk for pk, _, _ in changed]),
            "month": Column("date", [month for _, month, _ in changed]),
            "status": Column("text", [scan.status for _, _, scan in changed]),
            "sub_status": Column("text", [scan.sub_status for _, _, scan in changed]),
            "is_physical": Column("boolean", [scan.is_physical for _, _, scan in changed]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_trackingevent e SET status = u.status, sub_status = u.sub_status,
                    is_physical = u.is_physical FROM {source} WHERE e.month = u.month AND e.id = u.id""",
            parameters,
        )
