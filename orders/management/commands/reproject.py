"""`manage.py reproject`: build parcels anew from their raw messages, and say what differs."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.finding import number_norm
from orders.models import Shipment
from orders.services.reprojecting import batches, rebuild


class Command(BaseCommand):
    help = "Build parcels anew from the raw messages that told of them; prints what differs, which must be nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--parcel", type=int, metavar="ID", help="one parcel")
        which.add_argument("--number", help="every parcel with this tracking number")
        which.add_argument("--all", action="store_true", help="every parcel there is")
        parser.add_argument("--check", action="store_true", help="change nothing, only say what would differ")

    def handle(self, *args: Any, **options: Any) -> None:
        ids = self.wanted(options)
        differences: Counter[str] = Counter()
        parcels = messages = 0
        for part in batches(shipment_ids=ids):
            done = rebuild(shipment_ids=part, check=options["check"])
            parcels, messages = parcels + done.parcels, messages + done.messages
            differences.update(done.differences)
            for sample in done.samples:
                self.stdout.write(sample)
            if parcels % 10_000 < len(part):
                self.stdout.write(f"{parcels} parcels from {messages} messages …")
        self.stdout.write(f"{parcels} parcels from {messages} messages; differences: {sum(differences.values())}")
        for name, count in sorted(differences.items()):
            self.stdout.write(f"  {name}: {count}")
        if differences and options["check"]:
            raise CommandError("There are differences. Without --check they are written.")

    def wanted(self, options: dict[str, Any]) -> list[int] | None:
        """Ids of the parcels that were asked for, None for all."""
        if options["all"]:
            return None
        rows = Shipment.objects.all()
        if options["parcel"] is not None:
            rows = rows.filter(pk=options["parcel"])
        else:
            rows = rows.filter(number_norm=number_norm(options["number"]))
        found = list(rows.values_list("pk", flat=True))
        if not found:
            raise CommandError("There is no such parcel. Look for its number in the list of orders.")
        return found
