"""The demo's doors for tracking news, with addresses and secrets that everybody may know."""

from orders.models import Endpoint, Shop
from orders.services.endpoints import make_endpoint

# Shop: source, key of the address, secret. For trying out by hand; a real desk makes its own (manage.py add_endpoint).
DOORS = {
    "yuanfan": ("aftership", "demo-aftership", "demo-aftership-secret"),
    "qinghe": ("kuaidi100", "demo-kuaidi100", "demo-kuaidi100-salt"),
}


def make_doors(shops: dict[str, Shop]) -> list[Endpoint]:
    """Make them for these shops, by code."""
    return [
        make_endpoint(shop=shops[code], source=source, key=key, secret=secret)
        for code, (source, key, secret) in DOORS.items()
    ]
