"""Incidents in templates."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from orders.models import Incident
from tickets import boards

register = template.Library()


@register.simple_tag
def incident_state(incident: Incident) -> SafeString:
    """Open, quiet or over, as a dot with a word."""
    words = {
        "open": ("exception", pgettext("adjective", "Open")),
        "quiet": ("waiting", gettext("Quiet")),
        "closed": ("solved", pgettext("of incidents", "Over")),
    }
    css, word = words[incident.state]
    return format_html('<span class="st {}">{}</span>', css, word)


@register.simple_tag
def open_incidents() -> int:
    """How many incidents are open, at most five seconds ago."""
    return boards.open_incidents()
