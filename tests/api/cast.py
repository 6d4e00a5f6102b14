"""Two teams that do not see each other's tickets, and callers with and without a key."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rest_framework.test import APIClient

from orders.models import Order, Shop
from tests import factories as make
from tests.clock import NOW
from ticketdesk.accounts import services
from ticketdesk.accounts.models import Scope, Team, User
from tickets.models import Ticket


@dataclass
class Cast:
    """Team A with its agent and ticket, team B with theirs, and those who see both."""

    shop: Shop
    team_a: Team
    team_b: Team
    agent_a: User
    agent_b: User
    supervisor: User
    contact: User
    reader: User
    order: Order
    ticket_a: Ticket
    ticket_b: Ticket


def gather() -> Cast:
    """Everybody, in one shop that lives now."""
    shop = make.shop(code="demo")
    team_a, team_b = make.team(), make.team("logistics")
    agent_a, agent_b = make.user(team_a, name="Ann"), make.user(team_b, name="Bob Secret")
    order = make.order(shop, external_no="SO-1", placed_at=make.ago(5))
    return Cast(
        shop=shop,
        team_a=team_a,
        team_b=team_b,
        agent_a=agent_a,
        agent_b=agent_b,
        supervisor=make.user(role="supervisor"),
        contact=make.user(team_a, role="contact"),
        reader=make.user(role="readonly"),
        order=order,
        ticket_a=make.ticket(shop, team=team_a, order=order, subject="Mine"),
        ticket_b=make.ticket(shop, team=team_b, subject="Not mine"),
    )


def key_of(user: User, *scopes: str, expires_at: datetime | None = None) -> str:
    """The text of a new key that acts for somebody, with these scopes or all."""
    admin = User.objects.filter(role="administrator").first() or make.user(role="administrator")
    given = scopes or tuple(Scope.values)
    key = services.create_key(by=admin, user=user, name="test", scopes=given, now=NOW, expires_at=expires_at)
    return key[1]


def with_key(user: User, *scopes: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key_of(user, *scopes)}")
    return client


def with_session(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def post(client: APIClient, address: str, body: Any, **headers: str):
    return client.post(f"/api/v1/{address}", body, format="json", headers=headers or None)


def fields_of(response) -> set[str]:
    """The fields that a refusal names."""
    return {error["field"] for error in response.json()["errors"]}
