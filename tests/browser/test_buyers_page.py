"""What a buyer meets on a phone: no sign-in, no script, no foreign host, nothing that keeps anybody out."""

from urllib.parse import urlsplit

import pytest

from orders.models import Milestone
from orders.projection import Scan
from orders.services.links import link_of, revoke
from orders.services.tracking import record_scans
from tests import factories as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(real_now):
    shop = make.shop(name="Blue Mill", contact_name="Care team", contact_email="care@shop.example")
    order = make.order(
        shop, placed_at=real_now(-60), paid_at=real_now(-59), promised_delivery_at=real_now(48), dest_city="杭州"
    )
    journey = [
        Scan(real_now(-40 + hours), "in_transit", "moving", "generic", city=city)
        for hours, city in enumerate(["杭州", "嘉兴", "上海", "苏州", "南京"])
    ]
    for number in range(2):
        parcel = make.shipment(order, announced_at=real_now(-50), eta_at=real_now(60 + number))
        record_scans(shipment=parcel, scans=journey, now=real_now(0))
    return order


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_the_page_is_accessible_and_fits_the_narrowest_phone(page, violations, order, language, scheme):
    foreign = []
    page.on("request", lambda request: foreign.append(request.url) if urlsplit(request.url).port is None else None)
    page.set_viewport_size({"width": 320, "height": 640})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"/track/{link_of(order).token}?lang={language}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert foreign == []


def test_it_works_without_script_and_by_keyboard(browser, live_server, order):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"/track/{link_of(order).token}")
    first = page.locator(".parcel-card").first
    assert first.locator(".tl li:visible").count() == 3
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    assert first.locator(".tl li:visible").count() == 5
    page.get_by_role("link", name="简体中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    context.close()


def test_the_order_of_many_steps_is_told_from_top_to_bottom(page, violations, order):
    for seq, code in enumerate(list(Milestone.Code)[2:9], 21):
        order.milestones.get_or_create(code=code, defaults={"seq": seq})
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/track/{link_of(order).token}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_link_that_opens_nothing_says_so_kindly(page, violations, complaints, order, real_now):
    way = f"/track/{link_of(order).token}"
    revoke(order, now=real_now(0))
    page.goto(way)
    assert page.get_by_role("heading", name="This link opens nothing").is_visible()
    assert violations(page) == []
    complaints.clear()  # Chromium reports the 404 that was asked for


def test_an_agent_makes_the_link_and_copies_it(page, context, sign_in, order):
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(make.user(make.team(), role="supervisor"))
    page.goto(f"/orders/{order.pk}/")
    page.get_by_role("button", name="Make buyer's link").click()
    page.get_by_role("button", name="Copy buyer's link").click()
    assert page.evaluate("navigator.clipboard.readText()").endswith(link_of(order).token)
