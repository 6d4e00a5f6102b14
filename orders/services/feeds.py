"""What sources say of parcels: scans, the newest list of each feed, expected delivery, and that a source has stopped.

Of each feed one row is kept (ParcelFeed). What it says is the same in whatever order messages came.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from orders.carriers.base import Told
from orders.models import ParcelFeed, Shipment
from orders.services.tracking import KnownScan, fold, follow_parcels, known_of, store
from orders.snapshots import Known, Snapshot, changes, newest, snapshot_of
from orders.timeline import Scan
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

# Shipment, source, and which of its lists.
FeedKey = tuple[int, str, str]
NOTE_MOST = 200


class Word(NamedTuple):
    """What one message says of one parcel; `scans` are those of this use of the number, with our meaning of codes."""

    shipment_id: int
    source: str
    told: Told
    scans: Sequence[Scan]
    received_at: datetime

    @property
    def feed(self) -> FeedKey:
        """Where it belongs."""
        return self.shipment_id, self.source, self.told.feed


@dataclass(slots=True)
class Feed:
    """The row of a feed, and the scans of its newest list as long as they are known."""

    as_of: datetime | None = None
    size: int = 0
    digest: bytes = b""
    oldest_at: datetime | None = None
    eta_at: datetime | None = None
    eta_day: date | None = None
    provider_status: str = ""
    stopped_at: datetime | None = None
    note: str = ""
    newest: Snapshot | None = None
    is_changed: bool = False

    def hear(self, word: Word) -> None:
        """Take in what a message says, unless something newer is known."""
        told = word.told
        snapshot = snapshot_of(word.scans, told.as_of) if told.snapshot else None
        times = [scan.occurred_at for scan in word.scans]
        as_of = told.as_of or max(times, default=word.received_at)
        if told.stopped and (self.stopped_at is None or self.stopped_at < word.received_at):
            self._set(stopped_at=word.received_at, note=told.note[:NOTE_MOST])
        if snapshot and newest((self.newest, snapshot)) is snapshot:
            self.newest = snapshot
            self._set(as_of=as_of, size=snapshot.size, digest=snapshot.digest, oldest_at=snapshot.oldest_at)
            self._expect(told)
        elif snapshot is None and not told.stopped and (self.as_of is None or as_of >= self.as_of):
            self._expect(told)
            if self.newest is None:
                self._set(as_of=as_of)
        if self.stopped_at and not told.stopped and as_of > self.stopped_at:
            self._set(stopped_at=None, note="")

    def _expect(self, told: Told) -> None:
        eta = told.eta
        self._set(eta_at=eta.at if eta else None, eta_day=eta.day if eta else None)
        self._set(provider_status=told.provider_status)

    def _set(self, **columns: object) -> None:
        for name, value in columns.items():
            if getattr(self, name) != value:
                setattr(self, name, value)
                self.is_changed = True


COLUMNS = {
    "as_of": "timestamptz", "size": "integer", "digest": "bytea", "oldest_at": "timestamptz", "eta_at": "timestamptz",
    "eta_day": "date", "provider_status": "text", "stopped_at": "timestamptz", "note": "text",
}  # fmt: skip


def record_words(
    *, shop_id: int, parcels: Mapping[int, Shipment], words: Sequence[Word], now: datetime
) -> set[tuple[int, bytes]]:
    """Store what messages say of locked parcels of one shop, fold them and let their orders follow; a constant number
    of statements. (parcel's id, fingerprint) of each new scan. `now`: the shop's present.
    """
    new = store([(parcels[word.shipment_id], scan) for word in words for scan in word.scans], now)
    feeds = feeds_of({word.shipment_id for word in words})
    before = {key: feed.eta_at for key, feed in feeds.items()}
    for word in words:
        feeds.setdefault(word.feed, Feed()).hear(word)
    listed = {key[0] for key, feed in feeds.items() if feed.newest and feed.newest.names is not None}
    moved = {pk for pk, _ in new} | listed
    known = known_of(sorted(moved))
    withdrawn = _withdrawn(known, feeds, new)
    _withdraw(parcels, withdrawn, now)
    _write(feeds)
    expected = {key[0] for key, feed in feeds.items() if before.get(key) != feed.eta_at}
    tell_parcels(parcels, words, feeds, expected)
    touched = sorted({pk for pk, _ in new} | {pk for pk, _ in withdrawn})
    fold(
        {
            pk: [each.scan for each in known[pk] if not withdrawn.get((pk, each.name), each.is_withdrawn)]
            for pk in touched
        },
        now,
    )
    follow_parcels(shop_id=shop_id, shipment_ids=sorted({*touched, *expected}), now=now)
    return new


def feeds_of(shipment_ids: Collection[int]) -> dict[FeedKey, Feed]:
    """The feeds of these parcels; one query."""
    found: dict[FeedKey, Feed] = {}
    rows = ParcelFeed.objects.filter(shipment__in=list(shipment_ids))
    for pk, source, name, *columns in rows.values_list("shipment_id", "source", "feed", *COLUMNS):
        feed = Feed(*columns)
        feed.digest = bytes(feed.digest)
        if feed.size and feed.as_of and feed.oldest_at:
            feed.newest = Snapshot(feed.as_of, feed.size, feed.digest, feed.oldest_at)
        found[pk, source, name] = feed
    return found


def _withdrawn(
    known: Mapping[int, Sequence[KnownScan]], feeds: Mapping[FeedKey, Feed], new: Collection[tuple[int, bytes]]
) -> dict[tuple[int, bytes], bool]:
    """Which stored scans change: (parcel's id, fingerprint) -> whether it is withdrawn now."""
    scans: dict[FeedKey, list[Known]] = defaultdict(list)
    for pk, each in ((pk, each) for pk, found in known.items() for each in found):
        key = (pk, each.scan.source, each.scan.provider_key)
        scans[key].append(Known(each.name, each.scan.occurred_at, each.is_withdrawn))
    fresh: dict[int, set[bytes]] = defaultdict(set)
    for pk, name in new:
        fresh[pk].add(name)
    return {
        (key[0], name): is_gone
        for key, found in scans.items()
        if key in feeds and (by := feeds[key].newest)
        for name, is_gone in changes(found, by=by, fresh=frozenset(fresh[key[0]])).items()
    }


def _withdraw(parcels: Mapping[int, Shipment], changed: Mapping[tuple[int, bytes], bool], now: datetime) -> None:
    if not changed:
        return
    source, parameters = bulk.unnest(
        {
            "month": Column("date", [parcels[pk].month for pk, _ in changed]),
            "pk": Column("bigint", [pk for pk, _ in changed]),
            "name": Column("bytea", [name for _, name in changed]),
            "is_gone": Column("boolean", list(changed.values())),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_trackingevent e SET withdrawn_at = CASE WHEN u.is_gone THEN %s::timestamptz END
                FROM {source} WHERE e.month = u.month AND e.shipment_id = u.pk AND e.fingerprint = u.name""",
            [now, *parameters],
        )


def _write(feeds: Mapping[FeedKey, Feed]) -> None:
    changed = {key: feed for key, feed in sorted(feeds.items()) if feed.is_changed}
    bulk.insert(
        "orders_parcelfeed",
        {
            "shipment_id": Column("bigint", [key[0] for key in changed]),
            "source": Column("text", [key[1] for key in changed]),
            "feed": Column("text", [key[2] for key in changed]),
            **{
                name: Column(type_, [getattr(feed, name) for feed in changed.values()])
                for name, type_ in COLUMNS.items()
            },
        },
        conflict="(shipment_id, source, feed) DO UPDATE SET "
        + ", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS),
        returning=(),
    )


def tell_parcels(
    parcels: Mapping[int, Shipment], words: Iterable[Word], feeds: Mapping[FeedKey, Feed], expected: Collection[int]
) -> None:
    """When the newest source expects delivery of these parcels, and countries that nobody has told yet."""
    etas: dict[int, Feed] = {}
    for (pk, _, _), feed in sorted(feeds.items(), key=lambda pair: (pair[1].as_of is not None, pair[1].as_of, pair[0])):
        if pk in expected and (feed.eta_at or pk not in etas):
            etas[pk] = feed
    origins, dests = _countries(parcels, words)
    rows = sorted({*etas, *origins, *dests})
    if not rows:
        return
    source, parameters = bulk.unnest(
        {
            "id": Column("bigint", rows),
            "is_told": Column("boolean", [pk in etas for pk in rows]),
            "eta_at": Column("timestamptz", [etas[pk].eta_at if pk in etas else None for pk in rows]),
            "eta_day": Column("date", [etas[pk].eta_day if pk in etas else None for pk in rows]),
            "origin": Column("text", [origins.get(pk, "") for pk in rows]),
            "dest": Column("text", [dests.get(pk, "") for pk in rows]),
        }
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orders_shipment s SET version = s.version + 1,
                    eta_at = CASE WHEN u.is_told THEN u.eta_at ELSE s.eta_at END,
                    eta_day = CASE WHEN u.is_told THEN u.eta_day ELSE s.eta_day END,
                    origin_country = COALESCE(NULLIF(s.origin_country, ''), u.origin),
                    dest_country = COALESCE(NULLIF(s.dest_country, ''), u.dest)
                FROM {source} WHERE s.id = u.id""",
            parameters,
        )


def _countries(parcels: Mapping[int, Shipment], words: Iterable[Word]) -> tuple[dict[int, str], dict[int, str]]:
    origins: dict[int, str] = {}
    dests: dict[int, str] = {}
    for word in words:
        parcel = parcels[word.shipment_id]
        if word.told.origin_country and not parcel.origin_country:
            origins.setdefault(parcel.pk, word.told.origin_country[:2])
        if word.told.dest_country and not parcel.dest_country:
            dests.setdefault(parcel.pk, word.told.dest_country[:2])
    return origins, dests
