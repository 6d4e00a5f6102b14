"""Lanes and the quality of predictions, in templates."""

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from orders.lanelist import Quality
from ticketdesk import charts
from ticketdesk.reliability import reliability

register = template.Library()


@register.filter
def percent(share: float | None) -> str:
    """A share as whole percent; a dash when it is not known."""
    return "–" if share is None else f"{100 * share:.0f} %"


@register.filter
def days(number: float | None) -> str:
    """Days with one decimal; a dash when they are not known."""
    return "–" if number is None else f"{number:.1f}"


@register.filter
def drifting(factor: float | None) -> str:
    """How much slower (+) or faster (−) than usual; a dash when it is not known."""
    return "–" if factor is None else f"{100 * (factor - 1):+.0f} %".replace("-", "−")


@register.simple_tag
def reliability_chart(title: str, quality: Quality) -> SafeString:
    """What was said against what came; every word in it is escaped there."""
    points = [(each.said, each.came, each.n) for each in quality.bins]
    names = (gettext("P(late) as said"), gettext("came late"), gettext("orders"))
    wide, narrow = (reliability(title, points, names, width) for width in (charts.WIDTH, charts.NARROW))
    return mark_safe(f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>')
