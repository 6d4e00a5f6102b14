"""Finding orders and customers by what a person types: numbers exactly, sealed fields through their blind indexes."""

import re
from typing import Any

from django.db.models import QuerySet

from orders.models import Customer, Order, ShipmentItem, Shop
from ticketdesk.accounts.sealed import blind_index, phone_keys

# Enough for a person to look through; a vaguer search is refined, not paged.
MOST = 200


def number_norm(number: str) -> str:
    """A tracking number as it is compared: upper case, without spaces and dashes."""
    return re.sub(r"[\s\-]", "", number).upper()


def find_orders(text: str, *, region: str = "CN") -> list[int]:
    """Ids of at most 200 orders whose number, parcel, recipient or buyer is exactly `text`; newest first."""
    text = text.strip()
    if not text:
        return []
    orders = [
        Order.objects.filter(external_no=text),
        Order.objects.filter(customer__in=find_customers(text, region=region)),
    ]
    orders += [Order.objects.filter(**key) for key in _people(text, region)]
    in_parcels = ShipmentItem.objects.filter(shipment__number_norm=number_norm(text))
    return _newest(*[found.values_list("id") for found in orders], in_parcels.values_list("order_id"))


def find_customers(text: str, *, region: str = "CN") -> list[int]:
    """Ids of at most 200 customers with this name, phone (whole or last four digits), e-mail or number."""
    text = text.strip()
    if not text:
        return []
    keys: list[dict[str, Any]] = [*_people(text, region), {"email_key": blind_index("email", text)}]
    # Numbers are unique within a shop, and so is their index.
    keys.append({"external_id": text, "shop__in": Shop.objects.values("id")})
    return _newest(*[Customer.objects.filter(**key).values_list("id") for key in keys])


def _newest(*ways: QuerySet[Any, tuple[int]]) -> list[int]:
    """The greatest ids found in any of these ways; one query in which each way goes through its own index (joined with
    OR across tables, none of them would)."""
    firsts = [way.order_by(f"-{way.query.values_select[0]}")[:MOST] for way in ways]
    found = {row[0] for row in firsts[0].union(*firsts[1:], all=True)}
    return sorted(found, reverse=True)[:MOST]


def _people(text: str, region: str) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = [{"name_key": blind_index("name", text)}]
    digits = re.sub(r"\D", "", text)
    if len(digits) == 4 and digits == text:
        keys.append({"phone_last4_key": blind_index("phone_last4", digits)})
    elif len(digits) >= 6 and (exact := phone_keys(text, region)[0]):
        keys.append({"phone_key": exact})
    return keys
