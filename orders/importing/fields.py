"""The fields a mapping may fill, and how their cells are read. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from orders.importing.values import (
    MOST_QTY,
    MOST_SMALL,
    Bad,
    Moment,
    Setting,
    end_of_day,
    read_amount,
    read_code,
    read_letters,
    read_moment,
    read_number,
    read_text,
    read_whole,
)

Value = str | int | Decimal | datetime | Moment
Read = Callable[[str, Setting], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """How a cell is read; `personal` names the mask under which it may be shown."""

    read: Read
    personal: str = ""


def _text(limit: int, *, cut: bool = False, personal: str = "") -> Field:
    return Field(lambda text, setting: read_text(text, limit, cut=cut), personal)


def _code(limit: int, *, personal: str = "") -> Field:
    return Field(lambda text, setting: read_code(text, limit), personal)


def _word(name: str, known: frozenset[str]) -> Field:
    def read(text: str, setting: Setting) -> str:
        return setting.words.get(name, {}).get(text.casefold(), text if text in known else "normal")

    return Field(read)


def _promise(text: str, setting: Setting) -> datetime:
    return end_of_day(read_moment(text, setting, happened=False), setting.zone)


HAPPENED = Field(lambda text, setting: read_moment(text, setting, happened=True))
PROMISED = Field(_promise)
AMOUNT = Field(lambda text, setting: read_amount(text))
QTY = Field(lambda text, setting: read_whole(text, MOST_QTY))
SMALL = Field(lambda text, setting: read_whole(text, MOST_SMALL))
COUNT = Field(lambda text, setting: read_whole(text, MOST_SMALL, least=0))
WEIGHT = Field(lambda text, setting: read_number(text, places=3))
COUNTRY = Field(lambda text, setting: read_letters(text, 2, "country", setting.words.get("country", {})))
CURRENCY = Field(lambda text, setting: read_letters(text, 3, "currency", setting.words.get("currency", {})))

FIELDS: dict[str, Field] = {
    "order.number": _code(64),
    "order.channel": _text(32),
    "order.type": _text(32),
    "order.status_word": _text(40),
    "order.placed_at": HAPPENED,
    "order.paid_at": HAPPENED,
    "order.shipped_at": HAPPENED,
    "order.delivered_at": HAPPENED,
    "order.cancelled_at": HAPPENED,
    "order.promised_ship_at": PROMISED,
    "order.promised_delivery_at": PROMISED,
    "order.currency": CURRENCY,
    "order.total": AMOUNT,
    "order.dest_country": COUNTRY,
    "order.dest_region": _text(64, cut=True),
    "order.dest_city": _text(80, cut=True),
    "order.dest_postcode": _text(16),
    "order.ship_name": _text(200, personal="name"),
    "order.ship_phone": _code(64, personal="phone"),
    "order.ship_address": _text(500, personal="address"),
    "order.customer_alias": _code(64),
    "customer.external_id": _code(64),
    "customer.alias": _code(64),
    "customer.tier": _word("tier", frozenset({"normal", "vip"})),
    "customer.name": _text(200, personal="name"),
    "customer.phone": _code(64, personal="phone"),
    "customer.email": _text(254, personal="email"),
    "customer.country": COUNTRY,
    "customer.region": _text(64, cut=True),
    "customer.city": _text(80, cut=True),
    "customer.postcode": _text(16),
    "line.order": _code(64),
    "line.line_no": SMALL,
    "line.sku": _code(64),
    "line.name": _text(200, cut=True),
    "line.qty": QTY,
    "line.unit_price": AMOUNT,
    "line.freight": AMOUNT,
    "line.amount": AMOUNT,
    "line.weight": WEIGHT,
    "line.seller": _code(64),
    "line.ship_limit_at": PROMISED,
    "parcel.number": _code(64),
    "parcel.carrier": _text(80),
    "event.number": _code(64),
    "event.carrier": _text(80),
    "event.time": _text(40),
    "event.code": _text(64),
    "event.status": _text(60),
    "event.text": _text(500, cut=True),
    "event.city": _text(120, cut=True),
    "event.country": COUNTRY,
    "event.source": _text(24),
    "payment.order": _code(64),
    "payment.seq": SMALL,
    "payment.method": _text(32),
    "payment.amount": AMOUNT,
    "payment.installments": COUNT,
    "payment.paid_at": HAPPENED,
    "stock.warehouse": _code(32),
    "stock.sku": _code(64),
    "stock.name": _text(200, cut=True),
    "stock.on_hand": Field(lambda text, setting: read_whole(text, MOST_QTY, least=0)),
    "stock.low_at": Field(lambda text, setting: read_whole(text, MOST_QTY, least=0)),
    "incoming.qty": Field(lambda text, setting: read_whole(text, MOST_QTY, least=0)),
    "incoming.expected_at": PROMISED,
    "incoming.reference": _code(64),
    "seller.external_id": _code(64),
    "seller.name": _text(120, cut=True),
    "seller.country": COUNTRY,
    "seller.region": _text(64, cut=True),
    "seller.city": _text(80, cut=True),
    "seller.postcode": _text(16),
}

__all__ = ["FIELDS", "Bad", "Field", "Value"]
