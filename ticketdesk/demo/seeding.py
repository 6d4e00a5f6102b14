"""Seeds the demo: once, whole or not at all, and never on a desk that has data of its own."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.apps import apps
from django.db import connection, transaction

from orders.models import Order, Shop
from sla.defaults import setup_defaults
from ticketdesk.accounts.models import Scope, User
from ticketdesk.accounts.services import create_key
from ticketdesk.demo import SEED
from ticketdesk.demo.catalogue import SHOPS
from ticketdesk.demo.doors import make_doors
from ticketdesk.demo.following import promise_anew, write_followed
from ticketdesk.demo.goods import Goods
from ticketdesk.demo.history import History
from ticketdesk.demo.incident import make_incident
from ticketdesk.demo.letters import post
from ticketdesk.demo.notices import begin_to_tell
from ticketdesk.demo.orders import settle_statuses, write_orders
from ticketdesk.demo.people import make_people
from ticketdesk.demo.plan import make_plan
from ticketdesk.demo.roster import Roster
from ticketdesk.demo.shops import make_calendars, make_carriers, make_shops
from tickets.defaults import setup_templates
from tickets.models import Ticket


class NotEmpty(RuntimeError):
    """The desk has people or orders of its own; made-up ones must not be mixed in unasked."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made. `api_key` is shown once and kept nowhere."""

    orders: int
    parcels: int
    tickets: Counter[str] = field(default_factory=Counter)
    api_key: str = ""


def is_seeded() -> bool:
    """Whether the demo is here already: its first shop is the mark."""
    return Shop.objects.filter(code=SHOPS[0].code).exists()


@transaction.atomic
def seed_demo(*, now: datetime, seed: int = SEED, scale: float = 1.0, force: bool = False) -> Seeded | None:
    """Make the demo around `now`; None when it is here already or just being made. Raises NotEmpty unless `force`.

    One transaction: an interruption leaves nothing, and no worker meets half of it.
    """
    if is_seeded() or not _alone():
        return None
    if not force and (User.objects.exists() or Order.objects.exists()):
        raise NotEmpty("This desk has people or orders of its own; the demo is for an empty one.")
    setup_defaults()
    setup_templates()
    make_calendars(now)
    people, shops, carriers = make_people(), make_shops(), make_carriers()
    make_doors(shops)
    plan = make_plan(seed=seed, now=now, scale=scale)
    shipments = write_orders(plan, shops, carriers)
    write_followed(shops, people, now=plan.now, seed=seed)
    goods = Goods(shops, people, now=plan.now, seed=seed)
    _analyze()
    history = History(
        plan.now, shops.values(), Roster(User.objects.filter(pk__in=[u.pk for u in people.values()])), seed
    )
    history.tell(plan.parcels, shipments)
    history.expect(post(plan, seed, scale))
    goods.tell(history)
    history.play()
    goods.fill()
    promise_anew(people, now=plan.now)
    make_incident(shops, carriers, people, plan.now)
    settle_statuses(plan.now)
    begin_to_tell(shops.values(), plan.now)
    _analyze()
    admin = people["admin"]
    _, key = create_key(
        by=admin,
        user=people["supervisor"],
        name="Demo",
        scopes=Scope.values,
        now=now,
        expires_at=now + timedelta(days=90),
    )
    return Seeded(len(plan.orders), len(plan.parcels), Counter(Ticket.objects.values_list("status", flat=True)), key)


def _alone() -> bool:
    """Whether nobody else is seeding at this moment; until the transaction ends nobody else will."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEED])
        return bool(cursor.fetchone()[0])


def _analyze() -> None:
    """Tell PostgreSQL what our tables look like now: it plans fresh tables as if they were empty."""
    rooms = [apps.get_app_config(label) for label in ("accounts", "outbox", "orders", "tickets", "sla")]
    tables = [model._meta.db_table for room in rooms for model in room.get_models(include_auto_created=True)]
    with connection.cursor() as cursor:
        # Ours by name: the locks last until the end, and the catalogue's tables are everybody's.
        cursor.execute(f"ANALYZE {', '.join(tables)}")
