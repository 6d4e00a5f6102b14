"""`manage.py replay SHOP --to TIME`: move a replayed shop's present on; `--end`: back to the real present."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from orders.management.times import typed_time
from orders.models import Shop
from orders.services.replay import ReplayError, end_replay, set_present
from orders.services.sweep import sweep_until_idle


class Command(BaseCommand):
    help = "Set the present of a shop whose history is replayed, and have its orders judged as of then."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop", help="code of the shop")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--to", help="2018-03-15T12:00:00, in the shop's time zone")
        where.add_argument("--end", action="store_true", help="back to the real present: the shop's clock runs again")
        parser.add_argument("--sweep", action="store_true", help="judge what is due here and now")

    def handle(self, *args: Any, **options: Any) -> None:
        shop = Shop.objects.filter(code=options["shop"]).first()
        if shop is None:
            known = ", ".join(Shop.objects.order_by("code").values_list("code", flat=True)[:20])
            raise CommandError(f"There is no shop {options['shop']}. Shops: {known or 'none yet'}.")
        at = timezone.now() if options["end"] else typed_time(options["to"], shop)
        try:
            armed = end_replay(shop, now=at) if options["end"] else set_present(shop, at)
        except ReplayError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{shop.code}: the present is {at.isoformat()}; {armed} orders will be judged.")
        if options["sweep"]:
            judged = sweep_until_idle(turn_s=600.0)
            self.stdout.write(f"Judged {judged.orders}: {judged.opened} found, {judged.cleared} cleared.")
