"""`manage.py setup_defaults`: the calendars and the policy that a new desk starts with."""

from typing import Any

from django.core.management.base import BaseCommand

from sla.defaults import setup_defaults


class Command(BaseCommand):
    """Make calendars and policy; safe to repeat."""

    help = "Make the default calendars and the default SLA policy, or bring unedited holidays up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per thing made."""
        for line in setup_defaults() or ["Nothing to do."]:
            self.stdout.write(line)
