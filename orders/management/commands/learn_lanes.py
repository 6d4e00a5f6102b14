"""`manage.py learn_lanes [--shop CODE]`: learn the lanes now, as every night, for instance after an import."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.lanes import LEAST
from orders.models import Shop
from orders.services.learning import learn_shop


class Command(BaseCommand):
    help = "Learn how long parcels take on each lane, so that late ones are seen before their promise has passed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", help="code of one shop; without it, every shop")

    def handle(self, *args: Any, **options: Any) -> None:
        shops = Shop.objects.order_by("code")
        if options["shop"]:
            shops = shops.filter(code=options["shop"])
            if not shops:
                known = ", ".join(Shop.objects.order_by("code").values_list("code", flat=True)[:20])
                raise CommandError(f"There is no shop {options['shop']}. Shops: {known or 'none yet'}.")
        for shop in shops:
            learnt = learn_shop(shop.pk)
            few = f"nothing to learn from: fewer than {LEAST} orders arrived in the last 400 days."
            self.stdout.write(f"{shop.code}: " + (f"learnt from {learnt:,} journeys." if learnt else few))
