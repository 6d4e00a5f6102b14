"""Plain facts for detector tests: nothing here touches the database."""

from collections.abc import Callable
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from orders.facts import OrderFacts, ParcelFacts

PLACED = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@pytest.fixture
def parcel() -> Callable[..., ParcelFacts]:
    """Build a parcel of which nothing is known but its number; keywords replace what the test is about."""

    def build(**known: Any) -> ParcelFacts:
        every = fields(ParcelFacts)
        blank: dict[str, Any] = {each.name: None if each.default is MISSING else each.default for each in every}
        blank |= {"id": 7, "number": "RR123456789CN", "carrier": "ems", "status": "not_found", "sub_status": "no_info"}
        blank |= {"leg": "outbound", "attempts": 0, "cross_border": False, "place": ""}
        return ParcelFacts(**(blank | known))

    return build


@pytest.fixture
def order() -> Callable[..., OrderFacts]:
    """Build an order placed on 2 March 2026 at 08:00 UTC, neither paid nor shipped; keywords say what else is known."""

    def build(**known: Any) -> OrderFacts:
        every = fields(OrderFacts)
        blank: dict[str, Any] = {each.name: None if each.default is MISSING else each.default for each in every}
        blank |= {"id": 1, "number": "A-1001", "placed_at": PLACED, "value": Decimal("59.90"), "currency": "EUR"}
        blank |= {"vip": False, "cross_border": False}
        return OrderFacts(**(blank | known))

    return build
