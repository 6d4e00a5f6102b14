"""Ten thousand orders overdue in the same second, by one cause: how long until they are one incident, each with one
muted ticket, and how many stand alone.

    python -m bench.onecause [--orders 10000]
"""

import argparse
import time
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from bench.ground import ground

SECONDS = 60.0


def main() -> None:
    """Make the orders, let the loops run as the workers do, print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.onecause", description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    given = parser.parse_args()
    with ground():
        measure(given.orders)


def measure(number: int) -> None:
    """One shop with four weeks behind it, its orders due in one second."""
    from orders.models import Customer, Incident, Order, OrderDue, Shop, SurgeLook
    from orders.services import surging, sweep
    from orders.services.segments import HOUR, hour_of
    from ticketdesk.accounts.models import Team, User
    from tickets import incidents, intake
    from tickets.models import Ticket

    now = timezone.now().replace(microsecond=0)
    shop = Shop.objects.create(code="one", name="One", language="en")
    head = User.objects.create_user(email="head@example.test", name="Head", role="supervisor")
    Team.objects.create(code="front", name="Front", department="front_line", head=head)
    begun = now - timedelta(days=30)
    SurgeLook.objects.create(shop=shop, watched_since=begun, seen_at=now, judged_to=hour_of(now) - HOUR)
    buyers = Customer.objects.bulk_create(Customer(shop=shop, external_id=f"c{n}") for n in range(number))
    orders = Order.objects.bulk_create(
        Order(
            shop=shop, external_no=f"O{n}", customer=buyer, placed_at=begun, paid_at=begun, shipped_at=begun,
            promised_delivery_at=now, total=100 + n, dest_country="CN", dest_region="Gansu", status="shipped",
        )
        for n, buyer in enumerate(buyers)
    )  # fmt: skip
    OrderDue.objects.bulk_create(OrderDue(order=order, shop=shop, due_at=now) for order in orders)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    at, began = now + timedelta(seconds=1), time.perf_counter()
    sweep.sweep_until_idle(now=at, turn_s=600)
    judged = time.perf_counter()
    intake.sweep_until_idle(turn_s=600)
    surging.sweep_until_idle(now=at)
    incidents.sweep_until_idle(turn_s=600)
    done = time.perf_counter()
    for found in Incident.objects.order_by("id"):
        print(f"incident: {found.code} in {found.kind} {found.label}, {found.affected:,} orders, {found.cause}")
    tickets = Ticket.objects.filter(anomaly_code="overdue", order__isnull=False)
    children = tickets.filter(parent__isnull=False, muted=True).count()
    alone = tickets.filter(parent=None).count()
    doubled = tickets.count() - tickets.values("order").distinct().count()
    print(
        f"{number:,} orders: judged {judged - began:.1f} s, tickets {done - judged:.1f} s, in all {done - began:.1f} s"
    )
    print(f"children of the incident {children:,}, alone {alone:,}, twice {doubled}")
    whole = children + alone == number and not doubled and done - began <= SECONDS
    print("PASS" if whole else "MISS", f"(one each, within {SECONDS:.0f} s)")


if __name__ == "__main__":
    main()
