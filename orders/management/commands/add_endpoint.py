"""`manage.py add_endpoint SOURCE --shop CODE`: open a door for a source of tracking news."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.carriers.mapping import problems
from orders.models import Shop
from orders.services.endpoints import EndpointError, address_of, make_endpoint


class Command(BaseCommand):
    help = "Open an address at which a source (aftership, 17track, kuaidi100, …) sends tracking news of a shop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="code of the source, such as aftership")
        parser.add_argument("--shop", required=True, help="code of the shop")
        parser.add_argument("--name", default="", help="what people call it")
        parser.add_argument("--secret", default="", help="what the source signs with; made when left out")
        parser.add_argument("--fields", default="", help="the generic source: its mapping as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        shop = Shop.objects.filter(code=options["shop"]).first()
        if shop is None:
            known = ", ".join(Shop.objects.order_by("code").values_list("code", flat=True)[:20])
            raise CommandError(f"There is no shop {options['shop']}. Shops: {known or 'none yet'}.")
        try:
            made = make_endpoint(
                shop=shop,
                source=options["source"],
                name=options["name"],
                secret=options["secret"],
                fields=_fields(options["source"], options["fields"]),
            )
        except EndpointError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Address: {address_of(made)}")
        self.stdout.write(f"Secret:  {made.secret}")


def _fields(source: str, text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text or "{}")
    except ValueError as error:
        raise CommandError(f"--fields is not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise CommandError("--fields must be a JSON object.")
    wrong = problems(fields) if source == "generic" else []
    if wrong:
        raise CommandError(f"--fields: {'; '.join(map(str, wrong))}")
    return fields
