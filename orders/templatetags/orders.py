"""An order's words and masked personal data in templates."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.template.context import Context

from orders import labels, wording
from orders.anomaly_forms import ReportForm
from orders.follow_up_forms import step_length
from orders.models import Order
from orders.story import KINDS, MOST, Line, counted, story
from ticketdesk.accounts import masking
from ticketdesk.accounts.models import Role
from ticketdesk.words import in_each_language

register = template.Library()

register.filter("anomaly_title", in_each_language(wording.title))
register.filter("sentence", wording.sentence)
register.filter("cleared_label", labels.cleared_label)
register.filter("evidence_rows", labels.evidence_rows)
register.filter("department_label", labels.department_label)
register.filter("stage_label", labels.stage_label)
register.filter("milestone_label", labels.milestone_label)
register.filter("payment_label", in_each_language(labels.payment_label))
register.filter("anomaly_state", labels.anomaly_state)
register.filter("verdict_label", labels.verdict_label)
register.filter("limit_label", labels.limit_label)
register.filter("happened_label", labels.happened_label)
register.filter("parcel_status", labels.status_label)
register.filter("step_length", step_length)


@register.filter
def masked_name(name: str | None) -> str:
    """A name as everybody may see it."""
    return masking.mask_name(name or "") or "–"


@register.filter
def masked_phone(phone: str | None) -> str:
    """A phone number as everybody may see it."""
    return masking.mask_phone(phone or "") or "–"


@register.filter
def masked_email(email: str | None) -> str:
    """An e-mail address as everybody may see it."""
    return masking.mask_email(email or "") or "–"


@register.filter
def masked_address(address: str | None) -> str:
    """An address as everybody may see it."""
    return masking.mask_address(address or "") or "–"


@register.simple_tag(takes_context=True)
def order_story(context: Context, others: Sequence[Line]) -> dict[str, Any]:
    """The order's time line with what others add: `lines` of the chosen kind, `counts` of all, `more` left out."""
    promises: Any = context.get("promises", ())
    lines = story(context["shown"], promises, others)
    kind = context.get("story_kind", "")
    chosen = [line for line in lines if kind in ("", line.chosen_with)]
    shown = chosen if context.get("story_all") else chosen[:MOST]
    return {"lines": shown, "counts": counted(lines), "more": len(chosen) - len(shown), "kinds": KINDS}


STATE_TONES = {"open": "new", "reopened": "new", "acknowledged": "in_progress", "suspected": "waiting"}


@register.filter
def state_tone(state: str) -> str:
    """How an anomaly's state looks: as the ticket's state that means the same."""
    return STATE_TONES.get(state, "solved")


@register.simple_tag(takes_context=True)
def report_form(context: Context, order: Order) -> ReportForm | None:
    """The form with which a buyer's report is taken down; None for who may not."""
    user = context["user"]
    return ReportForm(order=order) if user.role == Role.AGENT or user.is_supervisor else None
