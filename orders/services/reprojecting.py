"""Building parcels anew from the raw messages that told of them, and from the scans of which no message is left.

What comes out must be what is there: a difference is a fault, or a code that is read otherwise since.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from orders.finding import number_norm
from orders.models import Endpoint, ParcelFeed, Shipment, TrackingEvent
from orders.services.feeds import COLUMNS as FEED_COLUMNS
from orders.services.feeds import Word, record_words
from orders.services.inbound import Raw, overlay, read
from orders.services.judging import lock
from orders.services.resolving import place, uses_of
from orders.services.tracking import PROJECTED, lock_parcels, orders_in, refold

BATCH = 200
COMPARED = (*PROJECTED, "eta_at", "eta_day", "origin_country", "dest_country", "carrier_id")
EVENT = ("fingerprint", "status", "sub_status", "is_physical")


@dataclass
class Rebuilt:
    """How many parcels were built anew, from how many messages, and what came out otherwise, by field."""

    parcels: int = 0
    messages: int = 0
    differences: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    samples: list[str] = field(default_factory=list)

    def compare(self, before: Mapping[int, Mapping[str, Any]], after: Mapping[int, Mapping[str, Any]]) -> None:
        """Note what differs."""
        for pk, row in before.items():
            for name, value in row.items():
                if after[pk][name] != value:
                    self.differences[name] += 1
                    if len(self.samples) < 20:
                        self.samples.append(f"parcel {pk}: {name} was {_short(value)}, is {_short(after[pk][name])}")


def _short(value: object) -> str:
    return f"{len(value)} scans" if isinstance(value, frozenset) else str(value)


class _Rolled(Exception):
    """Takes back what was only a trial."""


def rebuild(*, shipment_ids: Sequence[int], check: bool, now: datetime | None = None) -> Rebuilt:
    """Build these parcels anew, in one transaction, which is taken back with `check`."""
    done = Rebuilt()
    try:
        with transaction.atomic():
            _rebuild(shipment_ids, done, now or timezone.now())
            if check:
                raise _Rolled
    except _Rolled:
        pass
    return done


def batches(*, shipment_ids: Sequence[int] | None = None) -> Iterator[list[int]]:
    """Ids of parcels, some at a time: these, or all there are."""
    rows, last = Shipment.objects.order_by("id"), 0
    if shipment_ids is not None:
        rows = rows.filter(pk__in=list(shipment_ids))
    while part := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield part
        last = part[-1]


def _rebuild(shipment_ids: Sequence[int], done: Rebuilt, now: datetime) -> None:
    parcels = lock_parcels(shipment_ids)
    lock(orders_in(parcels))
    before = _rows(parcels)
    words = _words(parcels, done, now)
    _forget(parcels, words)
    by_shop: dict[int, list[int]] = defaultdict(list)
    for parcel in parcels.values():
        by_shop[parcel.shop_id].append(parcel.pk)
    for shop_id, own in sorted(by_shop.items()):
        present = parcels[own[0]].shop.present(now)
        told = [word for word in words if word.shipment_id in own]
        if told:
            record_words(shop_id=shop_id, parcels=parcels, words=told, now=present)
        refold(shop_id=shop_id, shipment_ids=own, now=present)
    done.parcels += len(parcels)
    done.compare(before, _rows(parcels))


def _rows(parcels: Mapping[int, Shipment]) -> dict[int, dict[str, Any]]:
    """What is compared: the parcels' rows, their scans, and what feeds say."""
    ids, months = list(parcels), {parcel.month for parcel in parcels.values()}
    found = {row["id"]: row for row in Shipment.objects.filter(pk__in=ids).values("id", *COMPARED)}
    scans: dict[int, set[Any]] = defaultdict(set)
    events = TrackingEvent.objects.filter(month__in=months, shipment__in=ids)
    for pk, name, *rest, withdrawn_at in events.values_list("shipment_id", *EVENT, "withdrawn_at"):
        scans[pk].add((bytes(name), *rest, withdrawn_at is not None))
    feeds: dict[int, set[Any]] = defaultdict(set)
    for pk, *rest in ParcelFeed.objects.filter(shipment__in=ids).values_list(
        "shipment_id", "source", "feed", *FEED_COLUMNS
    ):
        feeds[pk].add(tuple(bytes(each) if isinstance(each, memoryview) else each for each in rest))
    return {pk: {**row, "scans": frozenset(scans[pk]), "feeds": frozenset(feeds[pk])} for pk, row in found.items()}


def _words(parcels: Mapping[int, Shipment], done: Rebuilt, now: datetime) -> list[Word]:
    """What the raw messages say of these parcels, as it is read today."""
    messages = _messages(list(parcels))
    done.messages += len(messages)
    endpoints = Endpoint.objects.select_related("shop").in_bulk({raw.endpoint_id for raw in messages})
    for raw in messages:
        read(raw, endpoints[raw.endpoint_id], now)
    overlay(messages)
    mine: dict[str, list[int]] = defaultdict(list)
    for parcel in parcels.values():
        mine[parcel.number_norm].append(parcel.pk)
    pairs = [(raw, said) for raw in messages for said in raw.said if number_norm(said.told.number) in mine]
    uses = uses_of(mine.keys())
    homes = {use.id: (use.carrier_id, norm, use.generation) for norm, found in uses.items() for use in found}
    # Which parcel a message was brought to is known; only the use of the number is looked up again.
    carriers = {}
    words = []
    for raw, said in pairs:
        own = [pk for pk in raw.parcels if pk in parcels and parcels[pk].number_norm == said.norm]
        if not own:
            continue
        carriers[said.source, said.told.carrier] = homes[own[0]][0]
        for placed in place([said], carriers, uses):
            for key, scans in placed.parts:
                words += [Word(pk, said.source, said.told, scans, raw.received_at) for pk in own if homes[pk] == key]
    return words


def _messages(shipment_ids: list[int]) -> list[Raw]:
    """The raw messages that told of these parcels, oldest first; found through the index on `parcels`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT day, id, endpoint_id, received_at, headers::text, body, attempts, parcels
               FROM orders_inboundmessage WHERE parcels && %s::bigint[] AND state = 'done' ORDER BY id""",
            [shipment_ids],
        )
        return [replace(Raw(*row[:7]), parcels=row[7]) for row in cursor.fetchall()]


def _forget(parcels: Mapping[int, Shipment], words: Sequence[Word]) -> None:
    """Take away what these messages say again: feeds, and scans that came since the first message that is left."""
    since: dict[tuple[int, str], datetime] = {}
    for word in words:
        key = (word.shipment_id, word.source)
        since[key] = min(word.received_at, since.get(key, word.received_at))
    for (pk, source), first in since.items():
        TrackingEvent.objects.filter(
            month=parcels[pk].month, shipment=pk, source=source, received_at__gte=first
        ).delete()
        ParcelFeed.objects.filter(shipment=pk, source=source).delete()
