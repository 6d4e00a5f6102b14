"""What a buyer reads: found when a notice is due, in the buyer's language, and only if it is still true.

Named in settings.OUTBOX_COMPOSERS. Deliveries hold no address: it is unsealed here and goes into the letter only.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext
from django.utils.translation.trans_real import get_supported_language_variant

from orders import labels
from orders.carriers.zones import zone_of
from orders.models import Anomaly, Customer, Order, Shipment, Shop
from orders.quiet import quiet_until
from orders.services import telling_all
from orders.services.links import address_of, link_of
from orders.services.noticing import stop_token, zone_named
from orders.showing import Shown, show
from orders.telling import TROUBLES, Told, day, moment, tell
from ticketdesk.outbox.letters import Answer, Call, Later, Mail, Skip
from ticketdesk.outbox.models import Delivery

# What has come to pass since makes an earlier step no news.
RANK = {"order_confirmed": 1, "payment_confirmed": 1, "handed_over": 2, "out_for_delivery": 3, "delivered": 4}
MUTED_FOR = timedelta(minutes=30)
# A delivery that contradicts its parcels is asked again, and forgotten in the end.
ASK_AGAIN, FORGOTTEN = timedelta(hours=1), timedelta(days=7)


def compose(delivery: Delivery, now: datetime) -> Answer:
    """The letter of a notice, or why there is none: by night, while an incident mutes it, or because it is not true."""
    order = Order.objects.select_related("shop", "customer").filter(pk=delivery.about_id or 0).first()
    if order is None:
        return Skip("order_gone")
    if reason := _never(order, delivery, now):
        return Skip(reason)
    for mute in _mutes():
        if reason := mute(order, delivery.kind, now):
            return Later(now + MUTED_FOR, reason)
    zone = zone_of_buyer(order)
    night = quiet_until(now, zone)
    if night is not None:
        return Later(night, "quiet_hours")
    with translation.override(language_of(order)), timezone.override(zone):
        shown = show(order, now)
        return _letter(order, delivery, shown, now)


def language_of(order: Order) -> str:
    """The buyer's language if we speak it, else the shop's, else English."""
    for wanted in (order.customer.language if order.customer else "", order.shop.language):
        try:
            return get_supported_language_variant(wanted.replace("_", "-").lower())
        except LookupError:
            continue
    return "en"


def zone_of_buyer(order: Order) -> ZoneInfo:
    """The zone of where the parcel goes, else the shop's."""
    return zone_of(order.dest_country, order.dest_region, order.dest_city) or zone_named(order.shop.time_zone)


def _never(order: Order, delivery: Delivery, now: datetime) -> str:
    shop, buyer = order.shop, order.customer
    if shop.notices_since is None:
        return "switched_off"
    if shop.present_at is not None:
        return "replayed"
    if buyer is not None and buyer.no_notices_at is not None:
        return "unsubscribed"
    if delivery.channel == Delivery.Channel.EMAIL and not (buyer and buyer.email):
        return "no_address"
    if delivery.channel == Delivery.Channel.WEBHOOK and not shop.notice_hook_url:
        return "no_address"
    if order.cancelled_at is not None:
        return "cancelled"
    return "too_old" if now - delivery.created_at > FORGOTTEN else ""


@cache
def _mutes() -> list[Callable[[Order, str, datetime], str]]:
    from_settings: Sequence[str] = settings.NOTICE_MUTES
    return [_imported(name) for name in from_settings]


def _imported(name: str) -> Callable[[Order, str, datetime], str]:
    found: Callable[[Order, str, datetime], str] = import_string(name)
    return found


def _letter(order: Order, delivery: Delivery, shown: Shown, now: datetime) -> Answer:
    news: list[str]
    if delivery.kind == "digest":
        collected = list(
            Delivery.objects.filter(
                audience=delivery.audience, about_id=order.pk, channel=delivery.channel,
                state=Delivery.State.COLLECTED,
            ).order_by("id")
        )  # fmt: skip
        told = [(each, words) for each in collected if (words := _news(order, each, shown, now, dated=True))]
        if not told:
            return Skip("nothing_new")
        news, carries = [words for _, words in told], tuple(each.pk for each in collected)
        subject = gettext("Order {no}: today's news").format(no=order.external_no)
    else:
        if delivery.kind == "delivered" and any(parcel.status != "delivered" for parcel in _outbound(shown)):
            return Later(now + ASK_AGAIN, "parcels_open")
        if reason := _outdated(order, delivery, shown):
            return Skip(reason)
        news, carries = [_news(order, delivery, shown, now)], ()
        if not news[0]:
            return Skip("no_longer_true")
        subject = gettext("Order {no}: {news}").format(no=order.external_no, news=news[0].rstrip(".。"))
    return _addressed(order, delivery, subject, news, tell(shown), carries)


def _outbound(shown: Shown) -> list[Any]:
    over = ("returned", "cancelled")
    return [parcel for parcel in shown.parcels if parcel.shipment.leg == "outbound" and parcel.status not in over]


def _outdated(order: Order, delivery: Delivery, shown: Shown) -> str:
    """Why a single notice is no news any more; empty when it is."""
    kind, done = delivery.kind, {stage.code for stage in shown.stages if stage.ended_at is not None}
    if kind == "anomaly":
        if telling_all.was_told(delivery.params.get("anomaly")):
            return "told_together"
        still = Anomaly.objects.filter(pk=delivery.params.get("anomaly"), closed_at__isnull=True).exists()
        return "" if still else "cleared"
    if kind == "delayed":
        return "no_longer_true" if shown.delivered_at is not None or _expected(shown) is None else ""
    if kind == "out_for_delivery":
        status = Shipment.objects.filter(pk=delivery.params.get("parcel")).values_list("status", flat=True).first()
        return "" if status == "out_for_delivery" else "overtaken"
    if kind == telling_all.KIND:
        return "" if shown.delivered_at is None else "no_longer_true"
    if kind not in done and not (kind == "delivered" and shown.delivered_at):
        return "no_longer_true"
    reached = max((RANK.get(code, 0) for code in done), default=0)
    if any(parcel.status in ("out_for_delivery", "delivered") for parcel in shown.parcels):
        reached = max(reached, RANK["out_for_delivery"])
    return "overtaken" if RANK.get(kind, reached) < reached else ""


def _expected(shown: Shown) -> datetime | None:
    """The new date, while it is later than the promise that stands."""
    told = tell(shown).expected_at
    baseline = next((stage.planned_to for stage in shown.stages if stage.code == "delivered"), None)
    return told if told and told > shown.present and (baseline is None or told > baseline) else None


def _news(order: Order, delivery: Delivery, shown: Shown, now: datetime, *, dated: bool = False) -> str:
    """One sentence of what has happened; with its time in a digest. Empty when it has been taken back since."""
    kind = delivery.kind
    if kind == telling_all.KIND:
        return telling_all.words_of(delivery.params, translation.get_language() or "en")
    if kind == "anomaly":
        words = TROUBLES.get(delivery.params.get("code", ""))
        return str(words[0]) if words and not _outdated(order, delivery, shown) else ""
    if kind == "delayed":
        expected = _expected(shown)
        words_ = gettext("The new expected date is {date}.")
        return words_.format(date=day(expected, now)) if expected else ""
    if kind == "out_for_delivery" and _outdated(order, delivery, shown):
        return ""
    ended = {stage.code: stage.ended_at for stage in shown.stages}
    at = ended.get(kind)
    sentence = {
        "payment_confirmed": gettext("We have received your payment."),
        "order_confirmed": gettext("Your order is confirmed."),
        "handed_over": gettext("Your order has been handed to the carrier."),
        "out_for_delivery": gettext("Your parcel is out for delivery."),
        "delivered": gettext("Your order has been delivered."),
    }.get(kind) or f"{labels.milestone_label(kind)}."
    if kind != "out_for_delivery" and at is None:
        return ""
    return f"{moment(at, now)} · {sentence}" if dated and at is not None else sentence


def _addressed(
    order: Order, delivery: Delivery, subject: str, news: Sequence[str], told: Told, carries: tuple[int, ...]
) -> Mail | Call:
    link, stop = link_of(order), stop_address(order.customer) if order.customer else ""
    context = {
        "shop": order.shop,
        "number": order.external_no,
        "subject": subject,
        "news": news,
        "told": told,
        "link": address_of(link),
        "stop": stop,
    }
    if delivery.channel == Delivery.Channel.WEBHOOK:
        return _call(order, delivery, context, carries)
    assert order.customer is not None and order.customer.email  # _never has looked
    return Mail(
        to=order.customer.email,
        subject=" ".join(subject.split()),
        text=render_to_string("emails/notice.txt", context),
        html=render_to_string("emails/notice.html", context),
        headers=_headers(order.shop, stop),
        carries=carries,
    )


def _headers(shop: Shop, stop: str) -> dict[str, str]:
    """One click stops it (RFC 8058), no auto-reply answers it, and a real answer goes to the shop."""
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    return {**headers, "Reply-To": shop.contact_email} if shop.contact_email else headers


def _call(order: Order, delivery: Delivery, context: dict[str, Any], carries: tuple[int, ...]) -> Call:
    """A thin body: the shop's gateway knows the phone number by the order; it is not sent around."""
    told: Told = context["told"]
    body = {
        "type": f"order.{delivery.kind}",
        "order": order.external_no,
        "channel": order.channel,
        "customer": order.customer.external_id if order.customer else None,
        "language": translation.get_language(),
        "text": " ".join([f"{order.external_no}:", *context["news"]]),
        "link": context["link"],
        "expected_at": told.expected_at.isoformat() if told.expected_at else None,
    }
    return Call(order.shop.notice_hook_url, order.shop.notice_hook_secret or "", body, carries)


def stop_address(customer: Customer) -> str:
    """The whole address of the way out of notices."""
    return settings.BASE_URL.rstrip("/") + reverse("stop_notices", args=[stop_token(customer.pk)])
