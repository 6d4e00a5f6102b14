"""What a buyer is told about an order: the answer first, then what is wrong and what is done, then what comes next.

Words are in the active language and dates in the active zone. Nothing here is personal: no name, phone, address, price.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from orders import labels
from orders.models import Carrier
from orders.showing import Shown

# What is wrong, and what we do about it, for the anomalies that a buyer is told of. An agent's title says it shorter.
TROUBLES: Mapping[str, tuple[Any, Any]] = {
    "not_shipped": (
        _("Your order has not left our warehouse yet."),
        _("We are sorry for the wait; the warehouse has been reminded."),
    ),
    "no_first_scan": (
        _("The carrier has not scanned your parcel yet."),
        _("We are checking with the warehouse and the carrier."),
    ),
    "no_update": (
        _("There has been no news of your parcel for some time."),
        _("We have asked the carrier and will tell you what we learn."),
    ),
    "overdue": (
        _("Your order is later than promised."),
        _("We are sorry, and keep after it until it is with you."),
    ),
    "unsigned_overdue": (
        _("Your parcel was taken out for delivery, and its result has not been reported."),
        _("We are asking the carrier."),
    ),
    "delivery_failed": (
        _("The carrier could not hand over your parcel."),
        _("There will be another attempt; please make sure that somebody can take it in."),
    ),
    "unreachable": (
        _("The courier could not reach you."),
        _("Please answer the courier's call, or tell us when it suits you."),
    ),
    "out_of_area": (
        _("This carrier does not deliver to your address."),
        _("We are arranging another way and will write to you."),
    ),
    "address_error": (
        _("The carrier cannot find your address."),
        _("Please write to us so that we can correct it; otherwise the parcel comes back."),
    ),
    "unclaimed": (
        _("Your parcel waits to be collected."),
        _("Please collect it soon; otherwise it comes back to us."),
    ),
    "customs_hold": (
        _("Customs are holding your parcel."),
        _("We are finding out what they need; if it is something from you, we will write."),
    ),
    "refused": (_("Delivery was refused."), _("If this was not you, please write to us.")),
    "returning": (_("Your parcel is on its way back to us."), _("Tell us whether to send it again or refund it.")),
    "returned": (_("Your parcel has come back to us."), _("Tell us whether to send it again or refund it.")),
    "lost": (
        _("Your parcel seems to be lost."),
        _("We are sorry. You need not wait for the carrier: write to us, and we will settle it with you."),
    ),
    "damaged": (
        _("Your parcel was reported damaged."),
        _("We are sorry. You need not wait for the carrier: write to us, and we will settle it with you."),
    ),
}


# Our own steps, which say nothing to a buyer.
OURS = {"risk_cleared", "closed"}
# A parcel of which a carrier has told no more than this has not moved yet.
AT_REST = {"not_found", "unknown", "info_received", "picked_up"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the progress bar: `done`, `cur` (the last one reached), or ahead."""

    label: str
    state: str
    icon: str


@dataclass(frozen=True, slots=True)
class Next:
    """The step that comes next, and when; `by` is empty when nobody can say."""

    label: str
    by: str


@dataclass(frozen=True, slots=True)
class Told:
    """The answer in one line, how it looks (ok, soon, bad, calm), and what is wrong, if anything."""

    headline: str
    tone: str
    trouble: str = ""
    remedy: str = ""
    next: Next | None = None
    expected_at: datetime | None = None


def day(at: datetime, now: datetime) -> str:
    """A date as people say it in the active language and zone; with its year when that is not the present one."""
    local = timezone.localtime(at)
    same = local.year == timezone.localtime(now).year
    return date_format(local, "MONTH_DAY_FORMAT" if same else "DATE_FORMAT")


def moment(at: datetime, now: datetime) -> str:
    """The same with the time of day."""
    return f"{day(at, now)} {timezone.localtime(at):%H:%M}"


def carrier_name(carrier: Carrier) -> str:
    """The carrier as the reader knows it."""
    return carrier.name_zh if carrier.name_zh and (get_language() or "").startswith("zh") else carrier.name


def tell(shown: Shown) -> Told:
    """What a buyer is told at the order's present."""
    now, delivered = shown.present, shown.delivered_at
    if shown.stage == "cancelled":
        return Told(gettext("This order was cancelled"), "calm")
    if delivered is not None:
        return Told(gettext("Delivered on {date}").format(date=day(delivered, now)), "ok")
    expected = expected_at(shown)
    trouble, remedy = trouble_of(shown)
    if expected is not None and expected > now:
        headline = gettext("Arrives by {date}").format(date=day(expected, now))
    elif shown.stage in ("shipped", "partly_delivered"):
        headline = gettext("On its way to you")
    else:
        headline = gettext("We are preparing your order")
    if shown.is_overdue and not trouble:
        trouble, remedy = (str(words) for words in TROUBLES["overdue"])
    arrived = sum(parcel.status == "delivered" for parcel in shown.parcels)
    if arrived:
        words = gettext("{count} of {total} parcels delivered").format(count=arrived, total=len(shown.parcels))
        headline = f"{words} · {headline}"
    promised = shown.promised_at
    later = bool(
        expected and promised and not trouble and expected > promised and day(expected, now) != day(promised, now)
    )
    if later and promised is not None:
        trouble = gettext("This is later than we promised ({date}).").format(date=day(promised, now))
        remedy = gettext("We are sorry for the wait.")
    tone = "soon" if later else "bad" if trouble else "ok"
    return Told(headline, tone, trouble, remedy, next_of(shown), expected)


def expected_at(shown: Shown) -> datetime | None:
    """When the last parcel should arrive: the carriers' word, else our forecast, else the promise."""
    stored = {stage.code: stage for stage in shown.stages}.get("delivered")
    forecast = getattr(stored, "forecast_at", None)
    return shown.eta_at or forecast or shown.promised_at


def trouble_of(shown: Shown) -> tuple[str, str]:
    """What is wrong in the buyer's words, and what is done: of the gravest anomaly that buyers are told of."""
    for anomaly in sorted(shown.open_anomalies, key=lambda each: (each.grade, each.since)):
        if anomaly.code in TROUBLES:
            trouble, remedy = TROUBLES[anomaly.code]
            return str(trouble), str(remedy)
    return "", ""


def next_of(shown: Shown) -> Next | None:
    """The first step that has not happened, with the time it is promised, planned or expected for."""
    for stage in shown.stages:
        if stage.ended_at is None and stage.code not in OURS and "done" not in stage.state:
            forecast = getattr(stage, "forecast_at", None)
            at = expected_at(shown) if stage.code == "delivered" else forecast or stage.promised_at or stage.planned_to
            by = day(at, shown.present) if at is not None and at > shown.present else ""
            return Next(stage.label, by)
    return None


def steps_of(shown: Shown, troubled: bool) -> list[Step]:
    """The progress bar: what was reached, with the way between hand-over and delivery as a step of its own."""
    reached: list[tuple[str, bool, str]] = []
    for stage in shown.stages:
        if stage.code in OURS:
            continue
        if stage.code == "delivered":
            moving = any(parcel.status not in AT_REST for parcel in shown.parcels)
            label = labels.status_label("in_transit", "moving")
            reached.append((label, moving or stage.ended_at is not None, "truck"))
        reached.append((stage.label, stage.ended_at is not None, "check"))
    last = max((number for number, (_, done, _) in enumerate(reached) if done), default=-1)
    over = last == len(reached) - 1
    return [
        Step(label, _state(number, last, over, troubled), _icon(number, last, over, troubled, icon))
        for number, (label, _, icon) in enumerate(reached)
    ]


def _state(number: int, last: int, over: bool, troubled: bool) -> str:
    if number == last and not over:
        return "cur bad" if troubled else "cur"
    return "done" if number <= last else ""


def _icon(number: int, last: int, over: bool, troubled: bool, icon: str) -> str:
    if number > last:
        return ""
    if number < last or over:
        return "check"
    return "triangle-alert" if troubled else icon
