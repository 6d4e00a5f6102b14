"""`manage.py seed_demo`: an empty desk gets a made-up fortnight to look at."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ticketdesk.demo import DOMAIN, PASSWORD, SEED
from ticketdesk.demo.people import PEOPLE
from ticketdesk.demo.seeding import NotEmpty, Seeded, seed_demo


class Command(BaseCommand):
    """Fill an empty desk with the demo. Safe to repeat: where the demo or other data is, nothing is written."""

    help = "Fill an empty desk with made-up shops, people, orders, parcels and tickets. For demonstration only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="also on a desk that has people or orders of its own")
        parser.add_argument("--seed", type=int, default=SEED, help="another seed, another story")
        parser.add_argument("--scale", type=float, default=1.0, help="how much of it (1)")

    def handle(self, *, force: bool, seed: int, scale: float, **options: Any) -> None:
        try:
            seeded = seed_demo(now=timezone.now(), seed=seed, scale=scale, force=force)
        except NotEmpty as refusal:
            # `manage.py up` asks on every start: a desk in use is no failure.
            self.stdout.write(f"No demo: {refusal} (--force)")
            return
        if seeded is None:
            self.stdout.write("The demo is here already.")
            return
        self._say(seeded)

    def _say(self, seeded: Seeded) -> None:
        told = ", ".join(f"{count} {status}" for status, count in sorted(seeded.tickets.items()))
        self.stdout.write(f"Demo: {seeded.orders} orders, {seeded.parcels} parcels; tickets: {told}")
        self.stdout.write(f"Sign in as any of these with the password {PASSWORD} (demo only):")
        for person in PEOPLE:
            if person.about:
                self.stdout.write(f"  {person.email:<42} {person.name:<16} {person.about}")
        self.stdout.write(f"API key of the demo (shown once, acts for supervisor@{DOMAIN}): {seeded.api_key}")
