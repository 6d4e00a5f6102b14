"""Tracking events from files: they take the way of a carrier's message, to parcels that are followed from then on."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from orders.carriers import catalogue
from orders.carriers.base import UNMAPPED, Told
from orders.carriers.times import moment
from orders.importing.problems import Rejection
from orders.importing.rows import ReadRow
from orders.importing.values import Bad, read_moment
from orders.models import Carrier
from orders.services.codes import Meanings, count_unknown, meaning, meanings
from orders.services.judging import lock
from orders.services.resolving import UNNAMED, Placed, Said, make_parcels, place, uses_of
from orders.services.storing.batch import Stored, Work
from orders.services.storing.parcels import carriers_by_name
from orders.services.tracking import lock_parcels, orders_in, refold, store
from orders.statuses import Canonical
from orders.timeline import FUTURE, Scan, fingerprint

# Codes of a file that names no source, and of one that names a source of its own.
NAMELESS, OWN = "generic:file", "generic:"
MOST_SOURCE = 32
Row = tuple[int, Said]


def store_events(work: Work, rows: Sequence[ReadRow]) -> Stored:
    """Store events and let their parcels follow; a constant number of statements. A dry run only reads them."""
    stored = Stored()
    sources = {_source(row) for row in rows}
    given, known = meanings(sources), carriers_by_name()
    read: list[Row] = []
    for row in rows:
        said, wrong = _said(work, row, given, known)
        stored.rejected += wrong
        if said:
            read.append((row.number, said))
    _place(work, read, known, stored)
    return stored


def _source(row: ReadRow) -> str:
    told = row.value("event.source")
    if not told:
        return NAMELESS
    return told.lower() if told.lower() in catalogue() else f"{OWN}{told}"[:MOST_SOURCE]


def _said(work: Work, row: ReadRow, given: Meanings, known: Mapping[str, int]) -> tuple[Said | None, list[Rejection]]:
    """What a row says of its parcel, or what is wrong with it."""
    told, reject = row.part("event"), work.reader.reject
    carrier = told.get("carrier") or ""
    word, code = told.get("status") or "", told.get("code") or ""
    if not (word or code):
        name = "event.status" if "status" in told else "event.code"
        return None, [reject(row.number, "missing", name)]
    if carrier and carrier.casefold() not in known:
        return None, [reject(row.number, "carrier_unknown", "event.carrier", carrier)]
    try:
        at = _moment(work, told)
    except Bad as bad:
        return None, [reject(row.number, bad.code, "event.time", told["time"], **bad.params)]
    if at[0] > max(work.present, work.reader.setting.now) + FUTURE:
        return None, [reject(row.number, "future", "event.time", told["time"])]
    source = _source(row)
    raw_code, canonical = _status(source, code, word, given)
    scan = Scan(
        at[0], *canonical, source=source, time_precision=at[1], tz_source=at[2], raw_code=raw_code, raw_status=word,
        text=told.get("text") or "", city=told.get("city") or "", country=told.get("country") or "",
    )  # fmt: skip
    return Said(work.shop.pk, source, Told(told["number"], carrier=carrier), (meaning(scan, canonical),)), []


def _moment(work: Work, told: Mapping[str, Any]) -> tuple[Any, Any, str]:
    """Where the event happened says its zone, else the shop does."""
    zone = work.reader.setting.zone
    place_ = {"country": told.get("country") or "", "city": told.get("city") or ""}
    if found := moment(told["time"], **place_, shop_zone=zone.key):
        return found
    read = read_moment(told["time"], work.reader.setting, happened=False)
    return read.at, "date" if read.day_only else "minute", "shop"


def _status(source: str, code: str, word: str, given: Meanings) -> tuple[str, Canonical]:
    """The key into the codes, and what it means: by an administrator, by the source's list, in our own words."""
    raw_code = code or word[:64]
    if canonical := given.get((source, raw_code)):
        return raw_code, canonical
    if word:
        try:
            return code, Canonical.parse(word)
        except ValueError:
            pass
    kind = catalogue().get(source) or catalogue()["generic"]
    return raw_code, kind.codes.get(raw_code, UNMAPPED)


def _place(work: Work, read: Sequence[Row], known: Mapping[str, int], stored: Stored) -> None:
    """Bring the rows to their parcels; those of another shop's are rejected."""
    said = [each for _, each in read]
    uses = uses_of({each.norm for each in said})
    placed = place(said, _carriers(work, said, known), uses)
    ids = {(use.carrier_id, norm, use.generation): (use.id, use.shop_id) for norm, of in uses.items() for use in of}
    fit: list[Placed] = []
    for (number, _), each in zip(read, placed, strict=True):
        if each.error or any(ids.get(key, (0, work.shop.pk))[1] != work.shop.pk for key, _ in each.parts):
            stored.rejected.append(
                work.reader.reject(number, "parcel_elsewhere", "event.number", each.said.told.number)
            )
        else:
            fit.append(each)
    wanted = {key: each.said for each in fit for key, _ in each.parts if key not in ids}
    stored.counted["parcel new"] += len(wanted)
    if work.dry:
        stored.counted["event new"] += len(fit)
        return
    if wanted:
        make_parcels(wanted)
        norms = {each.said.norm for each in fit}
        ids = {(u.carrier_id, norm, u.generation): (u.id, u.shop_id) for norm, of in uses_of(norms).items() for u in of}
    told: dict[int, list[Scan]] = defaultdict(list)
    for each in fit:
        for key, scans in each.parts:
            told[ids[key][0]] += scans
    new = _record(work, told)
    stored.counted["event new"] += new
    stored.counted["event same"] += len(fit) - new


def _carriers(work: Work, said: Iterable[Said], known: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Carrier ids by (source, word); the one of numbers whose carrier nobody has told is made when it is needed."""
    code, name = UNNAMED
    nobody = known.get(code)
    found: dict[tuple[str, str], int] = {}
    for each in said:
        word = each.told.carrier
        if not word and nobody is None:
            nobody = 0 if work.dry else Carrier.objects.get_or_create(code=code, defaults={"name": name})[0].pk
        found[each.source, word] = known[word.casefold()] if word else nobody or 0
    return found


def _record(work: Work, told: Mapping[int, Sequence[Scan]]) -> int:
    """Store and fold, as record_many does, and count the codes of new scans that nobody has read."""
    parcels = lock_parcels(told)
    lock(orders_in(list(parcels)))
    new = store([(parcels[pk], scan) for pk, scans in told.items() for scan in scans], work.present)
    if new:
        refold(shop_id=work.shop.pk, shipment_ids={pk for pk, _ in new}, now=work.present)
        left = set(new)
        fresh = []
        for pk, scans in told.items():
            for scan in scans:
                mark = (pk, fingerprint(scan))
                if mark in left:
                    left.discard(mark)
                    fresh.append((pk, scan))
        count_unknown(fresh, work.present)
    return len(new)
