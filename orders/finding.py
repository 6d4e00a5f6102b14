"""Finding orders and customers by what a person types: numbers exactly, sealed fields through their blind indexes."""

import re

from django.db.models import Q

from orders.models import Customer, Order
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
    condition = Q(external_no=text) | Q(shipments__number_norm=number_norm(text))
    condition |= _people(text, region) | Q(customer__in=find_customers(text, region=region))
    return list(Order.objects.filter(condition).order_by("-id").values_list("id", flat=True).distinct()[:MOST])


def find_customers(text: str, *, region: str = "CN") -> list[int]:
    """Ids of at most 200 customers with this name, phone (whole or last four digits), e-mail or number."""
    text = text.strip()
    if not text:
        return []
    condition = _people(text, region) | Q(email_key=blind_index("email", text)) | Q(external_id=text)
    return list(Customer.objects.filter(condition).values_list("id", flat=True)[:MOST])


def _people(text: str, region: str) -> Q:
    condition = Q(name_key=blind_index("name", text))
    digits = re.sub(r"\D", "", text)
    if len(digits) == 4 and digits == text:
        condition |= Q(phone_last4_key=blind_index("phone_last4", digits))
    elif len(digits) >= 6 and (exact := phone_keys(text, region)[0]):
        condition |= Q(phone_key=exact)
    return condition
