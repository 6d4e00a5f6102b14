"""A supervisor looks through anomalies, says which were real, and sets the limits of their detector."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from orders.models import Anomaly, DetectorSetting, SavedView
from orders.services import walking
from orders.services.sweep import sweep_until_idle
from orders.services.tracking import record_scans
from orders.timeline import Scan
from tests import factories as make
from ticketdesk.accounts.models import Role, User
from tickets import intake

pytestmark = pytest.mark.django_db(transaction=True)
# A folder for pictures of the pages, for whoever changes them.
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture
def chief() -> User:
    return make.user(make.team(), make.team("warehouse"), name="Lin Xiaotong", role=Role.SUPERVISOR)


@pytest.fixture
def found(real_now) -> list[Anomaly]:
    """Three orders that were not shipped, and a parcel that fell silent."""
    shop = make.shop(name="Green Home", language="en")
    for hours in (50, 60, 90):
        make.order(shop, placed_at=real_now(-hours - 1), paid_at=real_now(-hours))
    order = make.order(shop, placed_at=real_now(-100), paid_at=real_now(-100), shipped_at=real_now(-99))
    parcel = make.shipment(order, by=make.carrier(name="SF Express"), announced_at=real_now(-99))
    scan = Scan(real_now(-80), "in_transit", "moving", "api", city="Wuhan", country="CN")
    record_scans(shipment=parcel, scans=[scan], now=real_now(-80))
    sweep_until_idle()
    intake.sweep_until_idle()
    return list(Anomaly.objects.order_by("code", "id"))


def pictured(page: Page, name: str) -> None:
    if not PICTURES:
        return
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}-{theme}.png")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1360, "height": 860})


def fits(page: Page) -> bool:
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1360, "height": 860})
    return bool(wide <= 390)


def test_the_list_the_anomaly_and_its_verdict(page: Page, chief: User, found, sign_in, violations):
    sign_in(chief)
    page.goto("/anomalies/")
    expect(page.locator("#total")).to_have_text("4")
    assert violations(page) == [] and fits(page)
    pictured(page, "anomalies")
    page.select_option("#id_code", "no_update")
    expect(page.locator("a.subj")).to_have_count(1)
    page.fill("#view-name", "Silent parcels")
    page.click("#tools form button")
    expect(page.locator(".savedviews")).to_contain_text("Silent parcels")
    assert SavedView.objects.get().query == "code=no_update"

    page.click("a.subj")
    expect(page.locator(".why")).to_contain_text("When does it end by itself?")
    assert violations(page) == [] and fits(page)
    page.fill(".verdict input[name=note]", "The hub was closed")
    page.click(".verdict button[value=false]")
    expect(page.locator(".lifeline")).to_contain_text("The hub was closed")
    pictured(page, "anomaly")
    assert Anomaly.objects.get(code="no_update").verdict == "false"


def test_limits_are_published_and_arm_the_orders(page: Page, chief: User, found, sign_in, violations):
    sign_in(chief)
    page.goto("/detectors/")
    expect(page.locator("table.detectors")).to_contain_text("Not shipped")
    assert violations(page) == [] and fits(page)
    pictured(page, "detectors")
    page.goto("/detectors/not_shipped/")
    page.fill("#id_limit_after", "70")
    page.click("button.pri")
    expect(page.locator(".toasts")).to_contain_text("Version 1 counts")
    walking.walk_until_idle()
    page.reload()
    expect(page.locator(".walks")).to_contain_text("orders")
    assert violations(page) == [] and fits(page)
    pictured(page, "detector")
    assert DetectorSetting.objects.get().seconds == {"after": 252000}
    assert Anomaly.objects.filter(code="not_shipped", closed_at=None).count() == 1


def test_a_buyers_report_is_taken_down_on_the_orders_page(page: Page, chief: User, found, sign_in, violations):
    sign_in(chief)
    page.goto(f"/orders/{found[0].order_id}/")
    page.click("#report summary")
    page.select_option("#report_code", "wrong_item")
    page.fill("#report_note", "Red instead of blue")
    assert violations(page) == [] and fits(page)
    pictured(page, "report")
    page.click("#report button")
    expect(page.locator(".why")).to_contain_text("Red instead of blue")
    ticket = Anomaly.objects.get(code="no_update").tickets.get()
    page.goto(f"/tickets/{ticket.pk}/")
    expect(page.locator(".verdict")).to_contain_text("Was it real?")
    pictured(page, "ticket")
