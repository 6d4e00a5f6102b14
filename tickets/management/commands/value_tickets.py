"""`manage.py value_tickets`: what every open ticket may cost, by the figures as they are now."""

from typing import Any

from django.core.management.base import BaseCommand

from tickets import valuing


class Command(BaseCommand):
    """Value every live ticket anew; safe to repeat, and beside the work."""

    help = "Value every open ticket anew, after tickets/losses.toml or LOSSES_FILE has changed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many there were."""
        self.stdout.write(f"{valuing.revalue_all()} tickets valued, in {valuing.table().base}.")
