"""An incident in a real browser: wide and narrow, light and dark; its plan is ticked, its message previewed."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orders.models import Anomaly, Incident
from orders.services import incidents as of_orders
from tests import factories as make
from ticketdesk.accounts.models import Role, User
from tickets import incidents

pytestmark = pytest.mark.django_db(transaction=True)
# A folder for pictures of the pages, for whoever changes them.
PICTURES = os.environ.get("PICTURES", "")
CITIES = ("Harbin", "Daqing", "Qiqihar")


@pytest.fixture
def chief() -> User:
    return make.user(make.team("logistics"), name="Lin Xiaotong", role=Role.SUPERVISOR)


@pytest.fixture
def found(real_now, chief) -> Incident:
    """Fourteen failed deliveries in a snowed-in region."""
    shop = make.shop(name="Green Home", language="en", notices_since=real_now(-500))
    made = of_orders.open_incident(
        shop_id=shop.pk, kind="region", key="CN/Heilongjiang", code="delivery_failed", cause="spike",
        started_at=real_now(-2), present=real_now(-1), evidence={
            "x": 14, "orders": 14, "expected": 0.8, "hour": real_now(-2).isoformat(), "tail": 3e-9, "drift": 6.1,
        },
    )  # fmt: skip
    assert made is not None
    hours = [(-26 + n, [0, 1, 0, 2][n % 4] if n < 24 else 9 + n % 3) for n in range(26)]
    made.series = [[real_now(hour).replace(minute=0).isoformat(), x, 0.8] for hour, x in hours]
    made.save()
    by = make.carrier(name="YTO Express")
    for number in range(14):
        buyer = make.customer(shop, email=f"b{number}@example.test", email_key=bytes([number]), language="en")
        order = make.order(
            shop, customer=buyer, dest_country="CN", dest_region="Heilongjiang", dest_city=CITIES[number % 3],
            total=99 + number, placed_at=real_now(-90),
        )  # fmt: skip
        parcel = make.shipment(order, by=by, place=f"{CITIES[number % 3]} station")
        anomaly = Anomaly.objects.create(
            shop=shop, order=order, shipment=parcel, code="delivery_failed", grade=3, department="logistics",
            since=real_now(-1.5), opened_at=real_now(-1.2), why="x",
        )  # fmt: skip
        make.ticket(
            shop, order=order, customer=buyer, anomaly=anomaly, anomaly_code="delivery_failed", subject="", carrier=by
        )
    of_orders.take_new(shop.pk, present=real_now(-1))
    incidents.sweep_until_idle()
    return made


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES, f"{name}.png"), full_page=True)


def test_an_incident_is_worked_through_on_any_screen(page: Page, sign_in, chief, found, violations) -> None:
    sign_in(chief)
    paths = {"list": "/incidents/", "incident": f"/incidents/{found.pk}/", "board": "/tickets/"}
    for width, height in ((1440, 900), (390, 844)):
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": height})
            for name, path in paths.items():
                page.goto(path)
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert violations(page) == []
                if name == "incident":
                    expect(page.get_by_text("Goods at stake")).to_be_visible()
                    expect(page.get_by_role("heading", name="Tickets in it")).to_be_visible()
                picture(page, f"{name}-{width}-{theme}")
    page.goto(f"/incidents/{found.pk}/")
    page.get_by_role("button", name="Name one person who leads").press("Enter")
    expect(page.get_by_role("button", name="Name one person who leads")).to_have_attribute("aria-pressed", "true")
    page.get_by_text("One message to all buyers").click()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("14 buyers will get it, once each.")).to_be_visible()
    picture(page, "preview")
    page.get_by_role("button", name="Send it now").click()
    expect(page.get_by_text("14 buyers were told")).to_be_visible()
