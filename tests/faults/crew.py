"""Real processes that run the sweeps on the test's own database, and can be killed in the middle of a transaction."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.db import connection

from orders.models import Anomaly, AnomalyChange, Order, OrderDue, Shop
from sla.models import Clock, ClockEvent
from ticketdesk.children import end, spawn, tail
from tickets.models import Ticket, TicketEvent

# Statements of a crew wait so long in the middle of their transactions, so that a kill finds somebody there.
PAUSE_S = 0.2
WRITTEN = ("orders_anomaly", "tickets_ticket", "sla_clock")


class Crew:
    """Processes by name; each name is also what PostgreSQL calls its connections."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.members: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *words: str) -> None:
        """Run `python -m words…` as a member of the crew."""
        address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
        query = "&".join(part for part in (address.query, urlencode({"application_name": name})) if part)
        env = os.environ | {"DATABASE_URL": address._replace(query=query).geturl()}
        argv = [sys.executable, "-m", *words]
        self.members[name] = spawn(argv, log=self.logs / f"{name}.log", env=env, cwd=settings.BASE_DIR)

    def kill(self, name: str) -> None:
        """kill -9, the process and all its children."""
        process = self.members.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def busy(self) -> str | None:
        """The name of a member that is in the middle of writing, if there is one."""
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT application_name FROM pg_stat_activity
                   WHERE wait_event = 'PgSleep' AND application_name = ANY(%s)""",
                [list(self.members)],
            )
            row = cursor.fetchone()
        return row[0] if row else None

    def kill_a_busy_one(self, within_s: float) -> str:
        """Kill whoever is in the middle of a transaction; waits until somebody is. Returns the name."""
        found: list[str] = []

        def look() -> bool:
            name = self.busy()
            if name:
                found.append(name)
            return bool(found)

        self.wait(look, within_s)
        self.kill(found[0])
        return found[0]

    def wait(self, done: Callable[[], bool], within_s: float) -> None:
        """Wait until `done`; fails with the ends of the crew's logs when that takes too long."""
        deadline = time.monotonic() + within_s
        while not done():
            if time.monotonic() > deadline:
                told = "\n".join(f"--- {log.name}\n{tail(log)}" for log in sorted(self.logs.glob("*.log")))
                raise AssertionError(f"not done within {within_s:.0f} s; {left()}\n{told}")
            time.sleep(0.02)

    def dismiss(self) -> None:
        """End everybody."""
        end(self.members.values(), first=signal.SIGTERM, grace_s=3.0)


def slow_writes() -> None:
    """Make each statement that writes what the sweeps write pause before its transaction can end."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep({PAUSE_S}); RETURN NULL; END $$"""
        )
        for table in WRITTEN:
            cursor.execute(f"CREATE TRIGGER pause AFTER INSERT ON {table} EXECUTE FUNCTION pause()")


def usual_writes() -> None:
    """Take the pauses out again."""
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS pause() CASCADE")


def fall_due(shops: list[Shop], count: int, present: datetime) -> set[int]:
    """`count` new orders spread over the shops, each of them overdue and due to be judged now; their ids."""
    hour, first = timedelta(hours=1), Order.objects.count()
    orders = Order.objects.bulk_create(
        Order(
            shop=shops[number % len(shops)],
            external_no=f"SO{first + number:07d}",
            placed_at=present - 90 * hour,
            paid_at=present - 80 * hour,
            shipped_at=present - 70 * hour,
            promised_delivery_at=present - hour,
        )
        for number in range(count)
    )
    OrderDue.objects.bulk_create(
        OrderDue(order=order, shop_id=order.shop_id, due_at=present - hour) for order in orders
    )
    return {order.pk for order in orders}


def left() -> dict[str, int]:
    """What still waits: due orders, and changes of anomalies that are not taken in."""
    due = [OrderDue.objects.filter(shop=shop, due_at__lte=shop.present_at).count() for shop in Shop.objects.all()]
    return {"due": sum(due), "changes": AnomalyChange.objects.count()}


def nothing_left() -> bool:
    """Whether every due order has been judged and every change taken in."""
    return not any(left().values())


def check_once_each(orders: set[int]) -> None:
    """Every order has one anomaly, one ticket that was opened once, and its two clocks that were started once."""
    assert Counter(Anomaly.objects.values_list("order_id", flat=True)) == Counter(orders)
    assert Counter(Ticket.objects.values_list("order_id", flat=True)) == Counter(orders)
    tickets = Ticket.objects.values_list("pk", flat=True)
    assert Counter(TicketEvent.objects.values_list("ticket_id", "kind")) == Counter((pk, "opened") for pk in tickets)
    clocks = Counter(Clock.objects.values_list("ticket_id", "metric"))
    assert clocks == Counter((pk, metric) for pk in tickets for metric in ("first_response", "solution"))
    started = Counter(ClockEvent.objects.values_list("clock_id", "kind"))
    assert started == Counter((pk, "start") for pk in Clock.objects.values_list("pk", flat=True))
    assert not Ticket.objects.filter(due_by=None).exists()
