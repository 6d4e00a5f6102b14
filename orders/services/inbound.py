"""Raw messages become scans: read, brought to their parcels, stored, folded; in batches, in one transaction each.

A message that cannot be used is dead and says why; one that raises what nobody expected is tried again. Neither stops
the others. A worker that is killed leaves its batch as it found it.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction
from django.utils import timezone

from orders.carriers import catalogue
from orders.carriers.base import Setting, Told, Unusable
from orders.models import Endpoint, ParcelPoll, Shipment
from orders.services.codes import count_unknown, laid_over, meanings
from orders.services.correcting import correct_carriers
from orders.services.door import message_of
from orders.services.feedhours import Hour, add_hours, hour_of
from orders.services.feeds import Word, record_words
from orders.services.judging import lock
from orders.services.resolving import OTHER_SHOP, Placed, Said, carriers_for, make_parcels, place, uses_of
from orders.services.tracking import lock_parcels, orders_in
from orders.timeline import fingerprint
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column
from ticketdesk.outbox.errors import Raised
from ticketdesk.outbox.heartbeat import beat

BATCH = 200
TURN_S = 20.0
# After an error that nobody expected; the last one is final.
RETRIES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
ELSEWHERE = (OTHER_SHOP, "Another shop follows this number. Check the carrier and the number.")
log = structlog.get_logger("orders.inbound")


@dataclass(slots=True)
class Raw:
    """A claimed message, what it says, and what becomes of it."""

    day: date
    id: int
    endpoint_id: int
    received_at: datetime
    headers: str
    body: bytes
    attempts: int
    said: list[Said] = field(default_factory=list)
    parcels: list[int] = field(default_factory=list)
    new: int = 0
    state: str = "done"
    error: str = ""
    detail: str = ""
    not_before: datetime | None = None

    def die(self, code: str, detail: str) -> None:
        """It cannot be used."""
        self.state, self.error, self.detail = "dead", code[:40], detail[:300]

    def fail(self, error: Exception, now: datetime) -> None:
        """Try again later, unless it was tried often enough."""
        raised = Raised.by(error)
        log.error("message not read", message=self.id, attempts=self.attempts + 1, **raised._asdict())
        if self.attempts >= len(RETRIES):
            self.die("error", f"{raised.error} at {raised.place}. Replay it when that is mended.")
        else:
            self.state, self.not_before = "waiting", now + RETRIES[self.attempts]
        self.attempts += 1


def take_in_until_idle(*, now: datetime | None = None, batch: int = BATCH, turn_s: float = TURN_S) -> int:
    """Read what waits; may run anywhere, any number of times, overlapping. Returns how many messages were read.

    `now` is the desk's clock; stops after `turn_s` seconds.
    """
    beat("inbound")
    total, size, ends = 0, batch, time.monotonic() + turn_s
    while time.monotonic() < ends:
        claimed: list[Raw] = []
        present = now or timezone.now()
        try:
            with transaction.atomic():
                claimed = claim(size, present)
                if not claimed:
                    break
                take_in(claimed, present)
        except Exception as error:  # whatever it is: it must not hold up the messages behind it
            if len(claimed) > 1:
                size = 1  # one of them spoils the batch: each stands alone until it is found
                continue
            if not claimed:
                raise
            _put_off(claimed[0], error, present)
            size = batch
        total += len(claimed)
    return total


def claim(limit: int, now: datetime) -> list[Raw]:
    """At most so many waiting messages, oldest first, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT day, id, endpoint_id, received_at, headers::text, body, attempts FROM orders_inboundmessage
               WHERE state = 'waiting' AND (not_before IS NULL OR not_before <= %s)
               ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
            [now, limit],
        )
        return [Raw(*row) for row in cursor.fetchall()]


def _put_off(raw: Raw, error: Exception, now: datetime) -> None:
    raw.state = "done"
    raw.fail(error, now)
    with transaction.atomic():
        _close([raw], now)


def take_in(claimed: Sequence[Raw], now: datetime) -> None:
    """Read these messages and draw the consequences; call it in a transaction. A constant number of statements for
    each shop among them. Parcels are locked first, lowest id first, then their orders."""
    endpoints = Endpoint.objects.select_related("shop").in_bulk({raw.endpoint_id for raw in claimed})
    for raw in claimed:
        read(raw, endpoints[raw.endpoint_id], now)
    overlay(claimed)
    hours: dict[tuple[int, datetime], Hour] = defaultdict(Hour)
    words, parcels = _resolve(claimed)
    shops = {parcel.shop_id: parcel.shop for parcel in parcels.values()}
    lock(orders_in(parcels))
    fresh: set[tuple[int, bytes]] = set()
    for shop_id, shop in sorted(shops.items()):
        own = [word for _, word in words if parcels[word.shipment_id].shop_id == shop_id]
        fresh |= record_words(shop_id=shop_id, parcels=parcels, words=own, now=shop.present(now))
    _account(words, fresh, hours, now)
    _stop_asking(words)
    for raw in claimed:
        hour = hours[raw.endpoint_id, hour_of(raw.received_at)]
        hour.messages += raw.state != "waiting"
        hour.dead += raw.state == "dead"
    _close(claimed, now)
    add_hours(hours)
    _alive(claimed)


def read(raw: Raw, endpoint: Endpoint, now: datetime) -> None:
    """Read one message, or say why it cannot be read."""
    setting = Setting(endpoint.shop.time_zone, endpoint.fields)
    try:
        found = catalogue()[endpoint.source].parse(
            message_of(raw.body, json.loads(raw.headers), raw.received_at), setting
        )
        raw.said = [_said(endpoint, told) for told in found]
    except Unusable as unusable:
        raw.die(unusable.code, str(unusable))
    except Exception as error:  # one message that a source's file cannot bear must not stop the others
        raw.fail(error, now)


def _said(endpoint: Endpoint, told: Told) -> Said:
    source, scans = endpoint.code_source, told.scans
    if source != endpoint.source:
        scans = tuple(replace(scan, source=source) for scan in scans)
    return Said(endpoint.shop_id, source, told, scans)


def overlay(claimed: Iterable[Raw]) -> None:
    """Lay administrators' meanings over the codes of these messages."""
    given = meanings({said.source for raw in claimed for said in raw.said})
    if given:
        for raw in claimed:
            raw.said = [said._replace(scans=tuple(laid_over(scan, given) for scan in said.scans)) for said in raw.said]


def _resolve(claimed: Sequence[Raw]) -> tuple[list[tuple[Raw, Word]], dict[int, Shipment]]:
    """What the messages say of which parcel, and these parcels, locked. Parcels that nobody knows are made."""
    pairs = [(raw, said) for raw in claimed for said in raw.said]
    said = [each for _, each in pairs]
    if not said:
        return [], {}
    norms = {each.norm for each in said}
    carriers = carriers_for(said)
    uses = uses_of(norms)
    placed = place(said, carriers, uses)
    known = _ids(uses)
    wanted = {key: each.said for each in placed for key, _ in each.parts if key not in known}
    if wanted:
        make_parcels(dict(reversed(wanted.items())))
        known = _ids(uses_of(norms))
    words = [
        (raw, Word(known[key][0], each.said.source, each.said.told, scans, raw.received_at))
        for (raw, _), each in zip(pairs, placed, strict=True)
        for key, scans in _own_parts(raw, each, known)
    ]
    parcels = lock_parcels({word.shipment_id for _, word in words})
    correct_carriers(parcels, [word for _, word in words], carriers)
    return words, parcels


def _ids(uses: Mapping[str, Sequence[Any]]) -> dict[tuple[int, str, int], tuple[int, int]]:
    return {
        (use.carrier_id, norm, use.generation): (use.id, use.shop_id) for norm, found in uses.items() for use in found
    }


def _own_parts(raw: Raw, placed: Placed, known: Mapping[Any, tuple[int, int]]) -> list[tuple[Any, Any]]:
    """The parts that belong to the message's own shop; the message is dead when nothing in it does."""
    parts = [(key, scans) for key, scans in placed.parts if known[key][1] == placed.said.shop_id]
    if placed.error or len(parts) < len(placed.parts):
        raw.error, raw.detail = ELSEWHERE
    raw.parcels += [known[key][0] for key, _ in parts]
    return parts


def _account(
    words: Sequence[tuple[Raw, Word]],
    fresh: set[tuple[int, bytes]],
    hours: Mapping[tuple[int, datetime], Hour],
    now: datetime,
) -> None:
    """Who brought which new scan: the first message that told it."""
    left, unknown = set(fresh), []
    for raw, word in words:
        for scan in word.scans if left else ():
            mark = (word.shipment_id, fingerprint(scan))
            if mark in left:
                left.discard(mark)
                raw.new += 1
                hours[raw.endpoint_id, hour_of(raw.received_at)].hear(scan.occurred_at, raw.received_at)
                unknown.append((word.shipment_id, scan))
    count_unknown(unknown, now)


def _stop_asking(words: Sequence[tuple[Raw, Word]]) -> None:
    """A source that has stopped is not asked any more."""
    stopped = {(word.shipment_id, raw.endpoint_id) for raw, word in words if word.told.stopped}
    if stopped:
        polls = ParcelPoll.objects.filter(shipment__in={pk for pk, _ in stopped})
        gone = [pk for pk, *pair in polls.values_list("id", "shipment_id", "endpoint_id") if tuple(pair) in stopped]
        ParcelPoll.objects.filter(pk__in=gone).delete()


def _close(claimed: Sequence[Raw], now: datetime) -> None:
    """Write what became of the messages."""
    for raw in claimed:
        if raw.state == "done" and raw.error and not raw.parcels:
            raw.state = "dead"
    source, parameters = bulk.unnest(
        {
            "day": Column("date", [raw.day for raw in claimed]),
            "id": Column("bigint", [raw.id for raw in claimed]),
            "state": Column("text", [raw.state for raw in claimed]),
            "attempts": Column("smallint", [raw.attempts for raw in claimed]),
            "not_before": Column("timestamptz", [raw.not_before for raw in claimed]),
            "error": Column("text", [raw.error for raw in claimed]),
            "detail": Column("text", [raw.detail for raw in claimed]),
            "parcels": Column("text", ["{" + ",".join(map(str, sorted(set(raw.parcels)))) + "}" for raw in claimed]),
            "events": Column("integer", [raw.new for raw in claimed]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_inboundmessage m SET state = u.state, attempts = u.attempts, not_before = u.not_before,
                    error = u.error, detail = u.detail, parcels = u.parcels::bigint[], events = u.events,
                    done_at = CASE WHEN u.state <> 'waiting' THEN %s::timestamptz END
                FROM {source} WHERE m.day = u.day AND m.id = u.id AND m.state = 'waiting'""",
            [now, *parameters],
        )


def _alive(claimed: Sequence[Raw]) -> None:
    """Say of the endpoints when they were last heard."""
    last: dict[int, datetime] = {}
    for raw in claimed:
        last[raw.endpoint_id] = max(raw.received_at, last.get(raw.endpoint_id, raw.received_at))
    source, parameters = bulk.unnest(
        {"id": Column("bigint", sorted(last)), "at": Column("timestamptz", [last[pk] for pk in sorted(last)])}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_endpoint e SET last_message_at = u.at, silent_since = NULL FROM {source}
                WHERE e.id = u.id AND (e.last_message_at IS NULL OR e.last_message_at < u.at)""",
            parameters,
        )
