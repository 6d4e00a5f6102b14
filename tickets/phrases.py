"""Reply templates filled with a ticket's facts: {customer}, {order}, {number}, {carrier} and the other gaps in MISSING.

A fact that is missing becomes a visible [gap] in the template's language, so that nobody sends it by mistake; filling
never fails, whatever an administrator has written into a template.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

from orders.models import Order, Shipment
from ticketdesk.accounts.masking import EAST_ASIAN
from ticketdesk.accounts.models import User
from tickets.models import Template, Ticket

GAP = re.compile(r"\{(\w+)\}")
HOUR = timedelta(hours=1)
# What stands in a gap that no fact fills: (en, zh-hans, zh-hant). These are all the gaps there are.
MISSING: Mapping[str, tuple[str, str, str]] = {
    "customer": ("customer", "顾客", "顧客"),
    "order": ("order number", "订单号", "訂單編號"),
    "number": ("tracking number", "运单号", "託運單號"),
    "carrier": ("carrier", "承运商", "物流商"),
    "place": ("place", "地点", "地點"),
    "hours": ("hours", "小时数", "小時數"),
    "promised": ("promised date", "承诺日期", "承諾日期"),
    "expected": ("expected date", "预计日期", "預計日期"),
    "agent": ("your name", "客服姓名", "客服姓名"),
    "shop": ("shop", "店铺", "店鋪"),
    "ticket": ("ticket number", "工单号", "工單編號"),
}
COLUMN = {"zh-hans": 1, "zh-hant": 2}
# How a buyer is addressed. The name is sealed; no more of it goes into a text than the mask shows anyway.
BY_SURNAME = {"zh-hans": "{}先生/女士", "zh-hant": "{}先生/小姐"}
ADDRESSED = {"en": "there", "zh-hans": "尊敬的顾客", "zh-hant": "親愛的顧客"}
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
# Anomalies whose promise is the ship date, not the delivery date.
BEFORE_SHIPPING = frozenset(
    {"not_shipped", "stock_out", "unapproved", "duplicate_payment", "payment_fraud", "buyer_data"}
)


def fill(template: Template, ticket: Ticket, agent: User, now: datetime) -> str:
    """The template's text for this ticket, as known at the shop's present `now`."""
    return fill_all([template], ticket, agent, now)[0]


def fill_all(templates: Iterable[Template], ticket: Ticket, agent: User, now: datetime) -> list[str]:
    """The texts of several templates; the facts are looked up once per language, with one query for the parcel."""
    parcel = _parcel(ticket)
    by_language: dict[str, dict[str, str]] = {}
    texts = []
    for template in templates:
        language = template.language
        if language not in by_language:
            by_language[language] = _facts(ticket, parcel, agent, now, language)
        texts.append(_filled(template.body, by_language[language], language))
    return texts


def _filled(body: str, facts: Mapping[str, str], language: str) -> str:
    return GAP.sub(lambda match: facts.get(match[1]) or missing(match[1], language), body)


def missing(gap: str, language: str) -> str:
    """What stands in a gap that nothing fills; a gap that does not exist shows its own name."""
    return f"[{MISSING[gap][COLUMN.get(language, 0)] if gap in MISSING else gap}]"


def _parcel(ticket: Ticket) -> Shipment | None:
    """The parcel that the ticket is about: the anomaly's, else the order's first."""
    if ticket.anomaly_id and ticket.anomaly is not None and ticket.anomaly.shipment is not None:
        return ticket.anomaly.shipment
    if ticket.order is None:
        return None
    return Shipment.objects.filter(items__order=ticket.order_id).select_related("carrier").order_by("id").first()


def _facts(ticket: Ticket, parcel: Shipment | None, agent: User, now: datetime, language: str) -> dict[str, str]:
    facts = {
        "customer": _address(ticket, language),
        "agent": agent.name,
        "shop": ticket.shop.name,
        "ticket": f"#{ticket.pk}",
        "hours": _hours(ticket, parcel, now),
    }
    if ticket.order is not None:
        facts["order"] = ticket.order.external_no
        zone, promise = ticket.shop.time_zone, _promise(ticket, ticket.order)
        facts["promised"] = _day(promise, zone, language)
        facts["expected"] = _day(_expected(ticket, parcel, promise, now), zone, language)
    if parcel is not None:
        carrier = parcel.carrier
        facts["number"] = parcel.number
        facts["carrier"] = (carrier.name_zh if language.startswith("zh") else "") or carrier.name
        # A replayed shop's row may tell of a place that the parcel has not reached yet.
        facts["place"] = parcel.place if _past(parcel.last_scan_at, now) else ""
    return facts


def _address(ticket: Ticket, language: str) -> str:
    name = (ticket.customer.name if ticket.customer else "") or ""
    if language in BY_SURNAME and EAST_ASIAN.match(name):
        return BY_SURNAME[language].format(name[0])
    return ADDRESSED.get(language, MISSING["customer"][0])


def _promise(ticket: Ticket, order: Order) -> datetime | None:
    if ticket.anomaly_code in BEFORE_SHIPPING:
        return order.promised_ship_at
    return order.promised_delivery_at


def _expected(ticket: Ticket, parcel: Shipment | None, promise: datetime | None, now: datetime) -> datetime | None:
    """What can honestly be said: the carrier's forecast, else the promise, as long as it lies ahead."""
    if ticket.anomaly_code == "stock_out" and ticket.anomaly is not None:
        enough_at = parse_datetime(ticket.anomaly.evidence.get("enough_at") or "")
        return enough_at if enough_at is not None and enough_at > now else None
    forecast = parcel.eta_at if parcel is not None and ticket.anomaly_code not in BEFORE_SHIPPING else None
    return next((at for at in (forecast, promise) if at is not None and at > now), None)


def _hours(ticket: Ticket, parcel: Shipment | None, now: datetime) -> str:
    """Full hours for which the trouble has lasted, as the buyer counts them."""
    since = ticket.anomaly.since if ticket.anomaly_id and ticket.anomaly is not None else ticket.opened_at
    if ticket.anomaly_code == "not_shipped" and ticket.order is not None:
        since = ticket.order.paid_at or since
    elif ticket.anomaly_code == "no_first_scan" and parcel is not None:
        since = parcel.announced_at or since
    elif ticket.anomaly_code == "no_update" and parcel is not None:
        since = parcel.last_scan_at or since
    elif ticket.anomaly_code in {"unclaimed", "unsigned_overdue"} and parcel is not None:
        since = parcel.status_at or since
    return str((now - since) // HOUR) if _past(since, now) else ""


def _day(at: datetime | None, zone: str, language: str) -> str:
    if at is None:
        return ""
    # A promise for a day ends with it, which may be written as the first instant of the next.
    day = (at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()
    return f"{day.month}月{day.day}日" if language.startswith("zh") else f"{day.day} {MONTHS[day.month - 1]}"


def _past(at: datetime | None, now: datetime) -> bool:
    return at is not None and at <= now
