"""Charts in templates. Views hand over plain rows; only this file knows that they become SVG."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.template.context import Context
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, pgettext

from ticketdesk import charts, gantt
from ticketdesk.templatetags.desk import moment

register = template.Library()

# Every function of ticketdesk.charts escapes the words it is given, so its output may be marked safe.


def _both(draw: Callable[[int], str]) -> SafeString:
    """The picture for a desk and the one for a phone; the style sheet shows one of them."""
    return mark_safe(f'<div class="wide">{draw(charts.WIDTH)}</div><div class="narrow">{draw(charts.NARROW)}</div>')


@register.simple_tag
def line_chart(title: str, labels: Sequence[str], series: Sequence[Any]) -> SafeString:
    """Lines over days; a series has name, values, colour and perhaps area."""
    return _both(lambda width: charts.lines(title, labels, series, width))


@register.simple_tag
def attainment_chart(title: str, labels: Sequence[str], met: Any, missed: Any, target: int) -> SafeString:
    """Share met per day against a target in percent."""
    names = gettext("Met"), gettext("Missed")
    return _both(lambda width: charts.attainment(title, labels, met, missed, names, target, width))


@register.simple_tag
def heat_chart(title: str, rows: Sequence[str], columns: Sequence[str], grid: Any) -> SafeString:
    """A map of numbers, weekday by hour."""
    return _both(lambda width: charts.heat(title, rows, columns, grid, width))


@register.simple_tag
def bar_chart(title: str, rows: Sequence[Any]) -> SafeString:
    """Lying bars; a row has label, parts [(name, value, colour)], note and href."""
    return _both(lambda width: charts.bars(title, rows, width))


@register.simple_tag
def spark(values: Sequence[float], colour: str) -> SafeString:
    """A line without words."""
    return mark_safe(charts.spark(values, colour))


@register.simple_tag(takes_context=True)
def gantt_chart(context: Context, title: str, stages: Sequence[Any], width: int = 352) -> SafeString:
    """Milestones, planned against promised, expected and actual, in the reader's zone, up to the page's present."""
    present = context.get("present")
    now = present if isinstance(present, datetime) else timezone.now()
    words = (gettext("Planned"), pgettext("of a step", "Promised"), gettext("Expected"), gettext("Actual"))
    plan = gantt.Plan(width, lambda at: moment(at, now), words)
    local = [gantt.Stage(stage.label, *(at and timezone.localtime(at) for at in _times(stage))) for stage in stages]
    return mark_safe(gantt.gantt(title, local, timezone.localtime(now), plan))


def _times(stage: Any) -> tuple[datetime | None, ...]:
    return (
        stage.planned_from, stage.planned_to, stage.started_at, stage.ended_at, stage.promised_at,
        stage.forecast_from, stage.forecast_at,
    )  # fmt: skip
