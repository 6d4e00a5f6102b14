"""Buyers and sellers. Personal values are sealed; a seal that already opens to the same text is kept as it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from orders.importing.rows import ReadRow
from orders.importing.seen import NEW
from orders.services.storing.batch import Stored, Work
from orders.services.upserting import find, write
from ticketdesk.accounts.sealed import SealError, blind_index, phone_keys, seal, unseal
from ticketdesk.outbox.bulk import Column

TEXTS = ("country", "region", "city", "postcode")
SEALED = ("name", "phone", "email")
CUSTOMER, SELLER = "orders_customer", "orders_seller"


def customer_number(told: Mapping[str, Any], region: str) -> str:
    """How a buyer is known: by the source's own id, else by a blind index of phone or e-mail; "" for nobody."""
    if told.get("external_id"):
        return str(told["external_id"])
    if told.get("phone") and (key := phone_keys(told["phone"], told.get("country") or region)[0]):
        return f"phone:{key.hex()}"
    if told.get("email"):
        return f"email:{blind_index('email', told['email']).hex()}"
    return ""


def store_customers(
    work: Work, told: Mapping[str, dict[str, Any]], rows: Mapping[str, int]
) -> tuple[Stored, dict[str, int]]:
    """Upsert buyers by number; ids by number. What the first row of a run says about a buyer holds for the run."""
    stored, numbers = Stored(), list(told)
    if not numbers:
        return stored, {}
    constants = {"shop_id": work.shop.pk}
    keys = {"external_id": Column("text", numbers)}
    found = find(CUSTOMER, keys, constants=constants, fetch=SEALED)
    ids = {number: row[0] for number, row in zip(numbers, found, strict=True) if row is not None}
    first = {number for number in numbers if work.seen.tell(("buyer", number), 0, rows[number]) == NEW}
    if work.dry:
        stored.count_found("customer", [row for n, row in zip(numbers, found, strict=True) if n in first])
        return stored, ids
    fresh = [number for number in numbers if number in first or number not in ids]
    before = dict(zip(numbers, found, strict=True))
    written = write(
        CUSTOMER,
        [ids.get(number) for number in fresh],
        {"external_id": Column("text", fresh)},
        _customer_columns(work, [told[number] for number in fresh], [before[number] for number in fresh]),
        constants=constants,
        defaults={
            **dict.fromkeys((*TEXTS, "language"), ""),
            **{name: seal("", CUSTOMER, name) for name in SEALED},
            "tier": "normal",
        },
    )
    stored.count("customer", written)
    return stored, ids | dict(zip(fresh, written.ids, strict=True))


def _customer_columns(
    work: Work, told: Sequence[Mapping[str, Any]], stored: Sequence[tuple[Any, ...] | None]
) -> dict[str, Column]:
    columns = {
        name: Column("text", [each.get(name) for each in told])
        for name in (*TEXTS, "tier")
        if any(name in each for each in told)
    }
    for position, name in enumerate(SEALED, start=1):
        if any(name in each for each in told):
            before = [row[position] if row else None for row in stored]
            columns[name] = Column("bytea", resealed(CUSTOMER, name, [each.get(name) for each in told], before))
    regions = [each.get("country") or work.shop.country for each in told]
    columns |= index_columns(told, regions, {"name": "name", "phone": "phone"})
    if "email" in columns:
        emails = [each.get("email") for each in told]
        columns["email_key"] = Column("bytea", [blind_index("email", text) if text else None for text in emails])
    return columns


def resealed(
    table: str, column: str, texts: Sequence[str | None], before: Sequence[bytes | None]
) -> list[bytes | None]:
    """Each text sealed; the seal from before where it opens to the same text, so that nothing differs by its nonce."""
    return [
        None
        if not text
        else old
        if old is not None and _opens_to(old, text, table, column)
        else seal(text, table, column)
        for text, old in zip(texts, before, strict=True)
    ]


def _opens_to(sealed: bytes, text: str, table: str, column: str) -> bool:
    try:
        return unseal(sealed, table, column) == text
    except SealError:
        return False


def index_columns(
    told: Sequence[Mapping[str, Any]], regions: Sequence[str], sources: Mapping[str, str]
) -> dict[str, Column]:
    """Blind indexes of names and phones: `sources` says under which key of `told` the name and the phone stand."""
    columns: dict[str, Column] = {}
    if any(sources["name"] in each for each in told):
        names = [each.get(sources["name"]) for each in told]
        columns["name_key"] = Column("bytea", [blind_index("name", name) if name else None for name in names])
    if any(sources["phone"] in each for each in told):
        phones = [each.get(sources["phone"]) for each in told]
        pairs = [
            phone_keys(phone, region) if phone else (b"", b"") for phone, region in zip(phones, regions, strict=True)
        ]
        columns["phone_key"] = Column("bytea", [exact or None for exact, _ in pairs])
        columns["phone_last4_key"] = Column("bytea", [last4 or None for _, last4 in pairs])
    return columns


def store_customer_rows(work: Work, rows: Sequence[ReadRow]) -> Stored:
    """A file of buyers. Where the source's orders know a buyer by another name, that alias is noted for the run."""
    told: dict[str, dict[str, Any]] = {}
    numbers: dict[str, int] = {}
    for row in rows:
        values = row.part("customer")
        number = customer_number(values, work.shop.country)
        told.setdefault(number, values)
        numbers.setdefault(number, row.number)
        if values.get("alias"):
            work.seen.name(values["alias"], {"number": number} | {name: values.get(name) for name in TEXTS})
    return store_customers(work, told, numbers)[0]


def store_sellers(work: Work, rows: Sequence[ReadRow]) -> Stored:
    """A file of sellers."""
    stored, told = Stored(), [row.part("seller") for row in rows]
    keys = {"external_id": Column("text", [each["external_id"] for each in told])}
    found = find(SELLER, keys, constants={"shop_id": work.shop.pk})
    if work.dry:
        stored.count_found("seller", found)
        return stored
    values = {
        name: Column("text", [each.get(name) for each in told])
        for name in (*TEXTS, "name")
        if any(name in each for each in told)
    }
    written = write(
        SELLER,
        [row[0] if row else None for row in found],
        keys,
        values,
        constants={"shop_id": work.shop.pk},
        defaults=dict.fromkeys((*TEXTS, "name"), ""),
    )
    stored.count("seller", written)
    return stored


def seller_ids(work: Work, numbers: Sequence[str]) -> dict[str, int]:
    """Ids of sellers by number; a seller that no file described is made with his number alone."""
    wanted = sorted(set(numbers))
    keys = {"external_id": Column("text", wanted)}
    found = find(SELLER, keys, constants={"shop_id": work.shop.pk})
    written = write(
        SELLER,
        [row[0] if row else None for row in found],
        keys,
        {},
        constants={"shop_id": work.shop.pk},
        defaults=dict.fromkeys((*TEXTS, "name"), ""),
    )
    return dict(zip(wanted, written.ids, strict=True))
