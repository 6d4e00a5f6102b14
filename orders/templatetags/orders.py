"""An order's words and masked personal data in templates."""

from django import template

from orders import labels, wording
from ticketdesk.accounts import masking
from ticketdesk.words import in_each_language

register = template.Library()

register.filter("anomaly_title", in_each_language(wording.title))
register.filter("sentence", wording.sentence)
register.filter("cleared_label", labels.cleared_label)
register.filter("evidence_rows", labels.evidence_rows)
register.filter("department_label", labels.department_label)
register.filter("stage_label", labels.stage_label)


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
