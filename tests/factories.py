"""Rows for tests, each with what it needs and nothing else; keyword arguments replace any column."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from orders.models import Carrier, Customer, Order, OrderDue, Shipment, ShipmentItem, Shop
from tests.clock import NOW
from ticketdesk.accounts.models import Membership, Role, Team, User
from tickets.models import Ticket

HOUR = timedelta(hours=1)
_numbers = count(1)


def ago(hours: float) -> datetime:
    """So many hours before NOW."""
    return NOW - timedelta(hours=hours)


def ahead(hours: float) -> datetime:
    """So many hours after NOW."""
    return NOW + timedelta(hours=hours)


def shop(**columns: Any) -> Shop:
    number = next(_numbers)
    return Shop.objects.create(**{"code": f"shop-{number}", "name": f"Shop {number}"} | columns)


def team(department: str = "front_line", **columns: Any) -> Team:
    number = next(_numbers)
    given = {"code": f"team-{number}", "name": f"{department} {number}", "department": department}
    return Team.objects.create(**given | columns)


def user(*teams: Team, role: str = Role.AGENT, **columns: Any) -> User:
    number = next(_numbers)
    given = {"email": f"person{number}@example.test", "name": f"Person {number}", "role": role}
    person = User.objects.create_user(**given | columns)
    for each in teams:
        Membership.objects.create(user=person, team=each)
    return person


def customer(of: Shop, **columns: Any) -> Customer:
    return Customer.objects.create(**{"shop": of, "external_id": f"c{next(_numbers)}"} | columns)


def order(of: Shop, *, armed: bool = True, **columns: Any) -> Order:
    """An order placed an hour before NOW; due at once unless `armed` is false."""
    given = {"shop": of, "external_no": f"SO{next(_numbers):08d}", "placed_at": ago(1), "total": 100}
    made = Order.objects.create(**given | columns)
    if armed:
        OrderDue.objects.create(order=made, shop=of, due_at=made.placed_at)
    return made


def carrier(**columns: Any) -> Carrier:
    number = next(_numbers)
    return Carrier.objects.create(**{"code": f"carrier-{number}", "name": f"Carrier {number}"} | columns)


def shipment(*orders: Order, by: Carrier | None = None, **columns: Any) -> Shipment:
    """A parcel with these orders in it, announced an hour before NOW."""
    number = f"TN{next(_numbers):08d}"
    given = {
        "shop": orders[0].shop, "carrier": by or carrier(), "number": number, "number_norm": number,
        "announced_at": ago(1), "status": "info_received", "sub_status": "label_created",
    }  # fmt: skip
    parcel = Shipment.objects.create(**given | columns)
    for each in orders:
        ShipmentItem.objects.create(shipment=parcel, order=each)
    return parcel


def ticket(of: Shop, **columns: Any) -> Ticket:
    """A ticket opened an hour before NOW, written as a row: no clocks, no history."""
    given = {"shop": of, "subject": f"Ticket {next(_numbers)}", "opened_at": ago(1), "updated_at": ago(1)}
    return Ticket.objects.create(**given | columns)
