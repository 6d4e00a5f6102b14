"""A desk with its promises set up, and a shop that is open round the clock so that hours are easy to count.

Imports of models wait until a fixture runs: pytest reads this file before Django is ready.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.clock import NOW

if TYPE_CHECKING:
    from orders.models import Shop
    from ticketdesk.accounts.models import Team, User
    from tickets.models import Ticket


@pytest.fixture
def promises(db: None) -> None:
    from sla.defaults import setup_defaults

    setup_defaults()


@pytest.fixture
def shop(promises: None) -> Shop:
    from tests import factories as make

    return make.shop(calendar_code="always")


@pytest.fixture
def front_line(promises: None) -> Team:
    from tests import factories as make

    return make.team("front_line")


@pytest.fixture
def agent(front_line: Team) -> User:
    from tests import factories as make

    return make.user(front_line)


@pytest.fixture
def opened(shop: Shop, front_line: Team) -> Callable[..., Ticket]:
    """Open a ticket at NOW: P2 by e-mail (answer in 1 h, solution in 4 h) unless told otherwise."""
    from tickets.services import NewTicket, open_ticket

    def open_one(**given) -> Ticket:
        now = given.pop("now", NOW)
        plain = {"shop": shop, "kind": "consultation", "channel": "email", "subject": "Where?", "grade": 2}
        return open_ticket(new=NewTicket(**{**plain, "team": front_line, **given}), by=None, now=now)

    return open_one
