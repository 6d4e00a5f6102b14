"""Which parcel a message is about: its carrier by any of its names, its number, and which use of the number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from django.utils.text import slugify

from orders.carriers.aliases import code_and_name, known_as
from orders.carriers.base import Told
from orders.finding import number_norm
from orders.generations import by_use
from orders.models import Carrier, Shipment
from orders.timeline import Scan
from ticketdesk.outbox import bulk
from ticketdesk.outbox.bulk import Column

UNNAMED = ("unknown", "Not known yet")
"""The carrier of a number whose source does not say who carries it."""


class Said(NamedTuple):
    """What a message says, with whose door it came through."""

    shop_id: int
    source: str
    told: Told
    scans: tuple[Scan, ...]

    @property
    def norm(self) -> str:
        """The number as it is compared."""
        return number_norm(self.told.number)


class Use(NamedTuple):
    """One use of a number, as far as it matters here."""

    id: int
    shop_id: int
    carrier_id: int
    generation: int
    ended_at: datetime | None


OTHER_SHOP = "other_shop"


def carriers_for(said: Iterable[Said]) -> dict[tuple[str, str], int]:
    """Carrier ids by (source, its word for the carrier); carriers that nobody knows yet are made."""
    words = {
        (each.source, word)
        for each in said
        for word in (each.told.carrier, each.told.corrected_carrier)
        if word or word is each.told.carrier
    }
    known = _known_carriers()
    missing = {}
    for source, word in sorted(words):
        if _find(known, source, word) is None:
            code, name = code_and_name(source, word) if word else UNNAMED
            missing[_slug(code)] = name[:80]
    if missing:
        codes = sorted(missing)
        columns = {"code": Column("text", codes), "name": Column("text", [missing[code] for code in codes])}
        constants = {"name_zh": "", "tracking_url": ""}
        bulk.insert("orders_carrier", columns, constants=constants, conflict="(code) DO NOTHING", returning=())
        known = _known_carriers()
    return {(source, word): pk for source, word in words if (pk := _find(known, source, word)) is not None}


def _known_carriers() -> dict[str, int]:
    """Ids by code, and by name where no code is the same; lower case."""
    rows = list(Carrier.objects.order_by("id").values_list("id", "code", "name", "name_zh"))
    known = {row[1].casefold(): row[0] for row in rows}
    for row in rows:
        for name in row[2:]:
            known.setdefault(name.casefold(), row[0])
    return known


def _find(known: Mapping[str, int], source: str, word: str) -> int | None:
    names = known_as(source, word) if word else UNNAMED[:1]
    found = (known.get(name) or known.get(_slug(name)) for name in names)
    return next((pk for pk in found if pk), None)


def _slug(code: str) -> str:
    return slugify(code)[:50] or f"carrier-{blake2b(code.casefold().encode(), digest_size=4).hexdigest()}"


def uses_of(norms: Collection[str]) -> dict[str, list[Use]]:
    """Every use of these numbers, oldest first; one query through the index on numbers."""
    found: dict[str, list[Use]] = defaultdict(list)
    rows = Shipment.objects.filter(number_norm__in=list(norms)).order_by("generation", "id")
    for pk, norm, shop, carrier, generation, flags, *ends in rows.values_list(
        "id", "number_norm", "shop_id", "carrier_id", "generation", "flags", "returned_at", "delivered_at",
        "last_scan_at",
    ):  # fmt: skip
        ended_at = next((end for end in ends if end), None) if "T" in flags else None
        found[norm].append(Use(pk, shop, carrier, generation, ended_at))
    return found


def line_of(uses: Sequence[Use], shop_id: int, carrier_id: int) -> list[Use] | str | None:
    """The uses of the number that a message of this shop means, oldest first.

    Those under the carrier it names, else those under the only other carrier by which the shop follows the number.
    None when there are none, OTHER_SHOP when the carrier's are another shop's.
    """
    own: dict[int, list[Use]] = defaultdict(list)
    for use in uses:
        if use.shop_id == shop_id:
            own[use.carrier_id].append(use)
    if carrier_id in own:
        return own[carrier_id]
    if len(own) == 1:
        return next(iter(own.values()))
    return OTHER_SHOP if any(use.carrier_id == carrier_id for use in uses) else None


class Placed(NamedTuple):
    """Where the scans of a message belong: (carrier, number, generation) and the scans there; or why nowhere."""

    said: Said
    parts: list[tuple[tuple[int, str, int], list[Scan]]]
    error: str = ""


def place(
    said: Sequence[Said], carriers: Mapping[tuple[str, str], int], uses: Mapping[str, Sequence[Use]]
) -> list[Placed]:
    """Where each of these belongs, by (carrier, number, generation); what is not there yet is still to be made."""
    made: dict[tuple[int, str], int] = {}
    found = [_home_of(each, carriers[each.source, each.told.carrier], uses.get(each.norm, ()), made) for each in said]
    together: dict[tuple[int, str], list[Scan]] = defaultdict(list)
    for each, (carrier_id, line) in zip(said, found, strict=True):
        if line != OTHER_SHOP:
            together[carrier_id, each.norm] += each.scans
    splits = {}
    placed = []
    for each, (carrier_id, line) in zip(said, found, strict=True):
        if isinstance(line, str):
            placed.append(Placed(each, [], line))
            continue
        key = (carrier_id, each.norm)
        if key not in splits:
            ended = {use.generation: use.ended_at for use in line or ()} or {1: None}
            split = by_use(together[key], ended)
            splits[key] = ({scan: use for use, scans in split.items() for scan in scans}, max(ended))
        of, last = splits[key]
        parts: dict[int, list[Scan]] = defaultdict(list)
        for scan in each.scans:
            parts[of[scan]].append(scan)
        placed.append(Placed(each, [((*key, use), scans) for use, scans in sorted((parts or {last: []}).items())]))
    return placed


def _home_of(
    said: Said, carrier_id: int, uses: Sequence[Use], made: dict[tuple[int, str], int]
) -> tuple[int, list[Use] | str | None]:
    """The carrier under which the number is followed, and its uses. Of a number that is new the first to name a
    carrier decides, here as over several calls."""
    line = line_of(uses, said.shop_id, carrier_id)
    if isinstance(line, list):
        return line[0].carrier_id, line
    return (made.setdefault((said.shop_id, said.norm), carrier_id) if line is None else carrier_id), line


def make_parcels(wanted: Mapping[tuple[int, str, int], Said]) -> None:
    """Make the parcels that are not there yet, lowest key first so that two workers never wait for each other."""
    keys = sorted(wanted)
    bulk.insert(
        "orders_shipment",
        {
            "carrier_id": Column("bigint", [key[0] for key in keys]),
            "number_norm": Column("text", [key[1] for key in keys]),
            "generation": Column("smallint", [key[2] for key in keys]),
            "shop_id": Column("bigint", [wanted[key].shop_id for key in keys]),
            "number": Column("text", [wanted[key].told.number[:64] for key in keys]),
        },
        constants={
            "leg": "outbound", "status": "not_found", "sub_status": "no_info", "flags": "", "place": "",
            "origin_country": "", "dest_country": "", "attempts": 0, "events_count": 0, "version": 1,
        },
        conflict="(carrier_id, number_norm, generation) DO NOTHING",
        returning=(),
    )  # fmt: skip
