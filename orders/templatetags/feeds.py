"""What waits for somebody at the sources, for the rail and the pages about them."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.db import connection
from django.template.context import Context

from orders.feedlist import lateness, title_of

register = template.Library()

MOST = 99
COUNT = """
    SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM orders_inboundmessage WHERE state = 'dead' LIMIT %(most)s) dead),
           (SELECT COUNT(*) FROM (SELECT 1 FROM orders_unknowncode WHERE mapped_at IS NULL LIMIT %(most)s) codes)
"""

register.filter("source_title", title_of)
register.filter("lateness", lateness)


@dataclass(frozen=True, slots=True)
class Counts:
    """Dead letters and codes that nobody has read; counted up to a hundred."""

    dead: int = 0
    codes: int = 0

    @property
    def dead_shown(self) -> str:
        """As it stands beside the word."""
        return _shown(self.dead)

    @property
    def codes_shown(self) -> str:
        """As it stands beside the word."""
        return _shown(self.codes)


def _shown(count: int) -> str:
    return str(count) if count <= MOST else f"{MOST}+"


@register.simple_tag(takes_context=True)
def feed_counts(context: Context) -> Counts:
    """For supervisors and administrators; counted once a request."""
    request: Any = context["request"]
    if not request.user.is_supervisor:
        return Counts()
    if not hasattr(request, "feed_counts"):
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"most": MOST + 1})
            request.feed_counts = Counts(*cursor.fetchone())
    counts: Counts = request.feed_counts
    return counts
