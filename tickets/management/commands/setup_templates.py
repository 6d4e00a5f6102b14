"""`manage.py setup_templates`: the reply templates that a new desk starts with."""

from typing import Any

from django.core.management.base import BaseCommand

from tickets.defaults import setup_templates


class Command(BaseCommand):
    """Make the reply templates; safe to repeat."""

    help = "Make the default reply templates that are missing, in every language. Edited ones stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per language in which something was made."""
        for line in setup_templates() or ["Nothing to do."]:
            self.stdout.write(line)
