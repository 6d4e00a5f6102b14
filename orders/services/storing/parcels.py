"""Parcels that a file of orders names, and their carriers."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from django.db import connection
from django.utils.text import slugify

from orders.finding import number_norm
from orders.importing.problems import Rejection
from orders.importing.records import OrderRecord
from orders.importing.seen import NEW
from orders.models import Carrier
from orders.services.storing.batch import Stored, Work
from orders.services.upserting import find, write
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

SHIPMENT, ITEM = "orders_shipment", "orders_shipmentitem"
# Carriers use a number again; a parcel announced so long after the last one ended is another parcel.
RECYCLED_AFTER = timedelta(days=60)
Key = tuple[int, str]


def carriers_by_name() -> dict[str, int]:
    """Carrier ids by code and by either name, all in lower case; codes go before names."""
    known: dict[str, int] = {}
    rows = list(Carrier.objects.values_list("id", "code", "name", "name_zh"))
    for column in (1, 2, 3):
        for row in rows:
            if row[column]:
                known.setdefault(str(row[column]).casefold(), row[0])
    return known


def resolve_carriers(work: Work, records: Sequence[OrderRecord]) -> dict[str, int]:
    """Carriers by name; with carriers = "create" those that are missing are made, code and name from the cell."""
    known = carriers_by_name()
    if work.mapping.carriers != "create" or work.dry:
        return known
    wanted = {parcel["carrier"] for record in records for _, parcel, _ in record.parcels if parcel.get("carrier")}
    for name in sorted(wanted):
        if name.casefold() not in known:
            code = slugify(name)[:50] or f"carrier-{blake2b(name.casefold().encode(), digest_size=4).hexdigest()}"
            known[name.casefold()] = Carrier.objects.get_or_create(code=code, defaults={"name": name})[0].pk
    return known


def check_parcels(work: Work, records: Sequence[OrderRecord], carriers: dict[str, int]) -> list[Rejection]:
    """What is wrong with the records' parcels: no carrier, an unknown one, or a number that another shop follows."""
    problems: list[Rejection] = []
    keys: dict[Key, list[int]] = {}
    creating = work.mapping.carriers == "create"
    for record in records:
        for row, parcel, _ in record.parcels:
            name = parcel.get("carrier")
            if not name:
                problems.append(work.reader.reject(row, "carrier_missing", "parcel.carrier"))
            elif name.casefold() not in carriers and not creating:
                problems.append(work.reader.reject(row, "carrier_unknown", "parcel.carrier", name))
            elif name.casefold() in carriers:
                keys.setdefault((carriers[name.casefold()], number_norm(parcel["number"])), []).append(row)
    for key in _elsewhere(work, keys):
        for row in keys[key]:
            problems.append(work.reader.reject(row, "parcel_elsewhere", "parcel.number", key[1]))
    return problems


def _elsewhere(work: Work, keys: Iterable[Key]) -> list[Key]:
    wanted = list(keys)
    if not wanted:
        return []
    source, parameters = bulk.unnest(
        {"carrier_id": Column("bigint", [k[0] for k in wanted]), "norm": Column("text", [k[1] for k in wanted])}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT u.carrier_id, u.norm FROM {source}
                JOIN {SHIPMENT} s ON s.carrier_id = u.carrier_id AND s.number_norm = u.norm WHERE s.shop_id <> %s""",
            [*parameters, work.shop.pk],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def store_parcels(
    work: Work,
    records: Sequence[OrderRecord],
    order_ids: Sequence[int],
    carriers: dict[str, int],
    line_ids: dict[tuple[int, str | int], int],
) -> Stored:
    """Upsert the parcels of stored orders and say what lies in them.

    A parcel holds its whole order unless the order has several; then each holds the line its row tells.
    """
    stored = Stored()
    links: dict[tuple[Key, int, int | None], None] = {}
    told: dict[Key, tuple[str, Any, str]] = {}
    for record, order_id in zip(records, order_ids, strict=True):
        several = len({number_norm(parcel["number"]) for _, parcel, _ in record.parcels}) > 1
        for _, parcel, line in record.parcels:
            key = (carriers[parcel["carrier"].casefold()], number_norm(parcel["number"]))
            country = record.order.get("dest_country") or ""
            told.setdefault(key, (parcel["number"], record.order.get("shipped_at"), country))
            held = line_ids.get((order_id, line)) if several and line is not None else None
            links[key, order_id, held] = None
    if not told:
        return stored
    ids = _upsert(work, told, {order_id for _, order_id, _ in links}, stored)
    inserted = bulk.insert(
        ITEM,
        {
            "shipment_id": Column("bigint", [ids[key] for key, _, _ in links]),
            "order_id": Column("bigint", [order_id for _, order_id, _ in links]),
            "line_id": Column("bigint", [line_id for _, _, line_id in links]),
        },
        conflict="(shipment_id, order_id, line_id) DO NOTHING",
        returning=("order_id",),
    )
    stored.changed |= {row[0] for row in inserted}
    return stored


def _upsert(work: Work, told: dict[Key, tuple[str, Any, str]], order_ids: set[int], stored: Stored) -> dict[Key, int]:
    current = _current(told, order_ids)
    keys = list(told)
    generations = []
    for key in keys:
        generation, ended_at = current.get(key, (1, None))
        announced_at = told[key][1]
        again = ended_at is not None and announced_at is not None and announced_at - ended_at > RECYCLED_AFTER
        generations.append(generation + 1 if again else generation)
    columns = {
        "carrier_id": Column("bigint", [key[0] for key in keys]),
        "number_norm": Column("text", [key[1] for key in keys]),
        "generation": Column("smallint", generations),
    }
    ids = [row[0] if row else None for row in find(SHIPMENT, columns)]
    # Orders may share a parcel: what the first of a run says about it holds, or two orders would take turns for ever.
    first = [work.seen.tell(("parcel", *key), 0, 0) == NEW for key in keys]
    says = [
        told[key] if new or id_ is None else (None, None, None) for key, id_, new in zip(keys, ids, first, strict=True)
    ]
    written = write(
        SHIPMENT,
        ids,
        columns,
        {
            "number": Column("text", [number for number, _, _ in says]),
            "announced_at": Column("timestamptz", [announced_at for _, announced_at, _ in says]),
            "dest_country": Column("text", [country or None for _, _, country in says]),
        },
        constants={"shop_id": work.shop.pk},
        defaults={
            "leg": "outbound",
            "status": "not_found",
            "sub_status": "no_info",
            "flags": "",
            "place": "",
            "origin_country": work.shop.country,
            "dest_country": "",
            "attempts": 0,
            "events_count": 0,
            "version": 1,
        },
        touch=", version = t.version + 1",
    )
    stored.count("parcel", written)
    _tell_orders(written.touched, stored)
    return dict(zip(keys, written.ids, strict=True))


def _current(told: Iterable[Key], order_ids: set[int]) -> dict[Key, tuple[int, Any]]:
    """Generation and end of the parcel each key means now: one that holds these orders, else the newest."""
    keys = list(told)
    source, parameters = bulk.unnest(
        {"carrier_id": Column("bigint", [k[0] for k in keys]), "norm": Column("text", [k[1] for k in keys])}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT ON (s.carrier_id, s.number_norm) s.carrier_id, s.number_norm, s.generation,
                       CASE WHEN h.held THEN NULL ELSE COALESCE(s.returned_at, s.delivered_at) END
                FROM {source} JOIN {SHIPMENT} s ON s.carrier_id = u.carrier_id AND s.number_norm = u.norm,
                LATERAL (SELECT EXISTS (SELECT 1 FROM {ITEM} i WHERE i.shipment_id = s.id
                                        AND i.order_id = ANY(%s)) AS held) h
                ORDER BY s.carrier_id, s.number_norm, h.held DESC, s.generation DESC""",
            [*parameters, sorted(order_ids)],
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}


def _tell_orders(shipment_ids: Sequence[int], stored: Stored) -> None:
    if shipment_ids:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT order_id FROM {ITEM} WHERE shipment_id = ANY(%s)", [list(shipment_ids)])
            stored.changed |= {row[0] for row in cursor.fetchall()}
