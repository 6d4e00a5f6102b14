"""What buyers were told, will be told and were not told: rows for pages, and the words for why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from orders import labels, wording
from orders.models import Order
from orders.services.noticing import AUDIENCE
from ticketdesk.outbox.models import Delivery

PAGE = 50
STATES: Mapping[str, Any] = {
    Delivery.State.WAITING: _("Waits"),
    Delivery.State.COLLECTED: _("For the digest"),
    Delivery.State.SENT: _("Sent"),
    Delivery.State.SKIPPED: _("Not sent"),
    Delivery.State.DEAD: _("Failed"),
}
KINDS: Mapping[str, Any] = {"delayed": _("New date"), "digest": _("Digest of the day"), "incident": _("Incident")}
CHANNELS: Mapping[str, Any] = {"email": _("E-mail"), "webhook": _("Webhook")}
REASONS: Mapping[str, Any] = {
    "bad_address": _("the webhook's address is not one"),
    "cancelled": _("the order was cancelled"),
    "cleared": _("it was over before the buyer heard of it"),
    "http_410": _("the webhook says that it is gone for good"),
    "no_address": _("there is no address"),
    "incident": _("an incident is open, of which all its buyers hear together"),
    "no_longer_true": _("it was taken back"),
    "nothing_new": _("nothing of it was still news"),
    "order_gone": _("the order is gone"),
    "overtaken": _("a later step came first"),
    "parcels_open": _("not all parcels have arrived"),
    "private_address": _("the webhook leads into a private network"),
    "quiet_hours": _("it is night where the buyer is"),
    "replayed": _("the shop replays history"),
    "switched_off": _("the shop's notices are off"),
    "told_together": _("the buyer has heard of it with everybody else"),
    "too_old": _("it waited too long"),
    "unsubscribed": _("the buyer wants no notices"),
}
TONES = {"sent": "delivered", "dead": "exception", "skipped": "cancelled", "waiting": "waiting", "collected": "waiting"}


@dataclass(frozen=True, slots=True)
class Line:
    """One notice as a page shows it."""

    delivery: Delivery
    order: Order | None

    @property
    def what(self) -> str:
        """What it told, or would tell."""
        kind = self.delivery.kind
        if kind == "anomaly":
            return wording.title(self.delivery.params.get("code", ""))
        return str(KINDS.get(kind) or labels.milestone_label(kind))

    @property
    def channel(self) -> str:
        """The way it goes."""
        return str(CHANNELS.get(self.delivery.channel, self.delivery.channel))

    @property
    def state(self) -> str:
        """What became of it, in a word."""
        return str(STATES.get(self.delivery.state, self.delivery.state))

    @property
    def tone(self) -> str:
        """How its state looks."""
        return TONES.get(self.delivery.state, "")

    @property
    def why(self) -> str:
        """Why it waits, failed or was not sent; an error's own name where there are no words for it."""
        reason = self.delivery.error
        return str(REASONS.get(reason, reason))

    @property
    def at(self) -> datetime:
        """When it was sent, or else was written."""
        return self.delivery.sent_at or self.delivery.created_at


@dataclass(frozen=True, slots=True)
class LinePage:
    """A page of the list, newest first, and the cursor of the next one ("" on the last)."""

    lines: list[Line]
    next: str


def page(*, state: str = "", number: str = "", before: int | None = None, limit: int = PAGE) -> LinePage:
    """Notices of all shops, narrowed to a state and an order's number; two queries."""
    found = Delivery.objects.filter(audience=AUDIENCE, about_id__isnull=False)
    if state in STATES:
        found = found.filter(state=state)
    if number:
        found = found.filter(about_id__in=Order.objects.filter(external_no=number).values("pk"))
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: limit + 1])
    shown = rows[:limit]
    return LinePage(_lines(shown), str(shown[-1].pk) if len(rows) > limit else "")


def of_order(order: Order, limit: int = 20) -> list[Line]:
    """The newest notices of one order; one query."""
    rows = Delivery.objects.filter(audience=AUDIENCE, about_id=order.pk).order_by("-pk")[:limit]
    return [Line(row, order) for row in rows]


def _lines(rows: Sequence[Delivery]) -> list[Line]:
    orders = Order.objects.only("external_no", "shop__name").select_related("shop")
    known = orders.in_bulk({row.about_id for row in rows if row.about_id is not None})
    return [Line(row, known.get(row.about_id or 0)) for row in rows]
