"""An administrator opens an endpoint, a carrier's webhook comes in, an unknown code gets its meaning."""

import base64
import hashlib
import hmac

import pytest
from playwright.sync_api import Page, expect

from orders.models import Endpoint, Shipment
from orders.services.door import forget_doors
from orders.services.inbound import take_in_until_idle
from orders.services.remapping import remap_until_idle
from tests import factories as make
from tests.orders import pushes
from ticketdesk.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator() -> User:
    forget_doors()
    make.shop(name="Qinghe Home")
    return make.user(role="administrator", language="en")


def test_from_a_new_endpoint_to_a_parcel_that_is_read_again(
    page: Page, administrator: User, sign_in, live_server, real_now
):
    sign_in(administrator)
    page.goto("/feeds/")
    page.get_by_role("link", name="New endpoint").first.click()
    page.select_option("#id_source", "generic")
    expect(page.locator("#id_mapping")).to_be_visible()
    page.get_by_role("button", name="Show what would be read").click()
    expect(page.locator("#tried")).to_contain_text("Signed by recipient")
    page.select_option("#id_source", "aftership")
    expect(page.locator("#id_mapping")).to_be_hidden()
    page.fill("#id_name", "AfterShip, main")
    page.get_by_role("button", name="Make it").click()
    secret = page.locator("#secret").input_value()

    endpoint = Endpoint.objects.get()
    row = pushes.checkpoint(real_now(-2), tag="Odd", subtag="Odd_042", text="Held by a dragon")
    body = pushes.aftership(row)
    sign = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    address = f"{live_server.url}/hooks/tracking/aftership/{endpoint.key}/"
    sent = page.request.post(
        address, data=body, headers={"aftership-hmac-sha256": sign, "Content-Type": "application/json"}
    )
    assert sent.status == 200
    take_in_until_idle()

    page.goto(f"/feeds/{endpoint.pk}/")
    expect(page.locator("main")).to_contain_text("Read")
    page.locator(".nav").get_by_role("link", name="Unknown codes").click()
    page.get_by_role("link", name="Odd_042").click()
    page.select_option("#id_canonical", "exception.held")
    page.get_by_role("button", name="Give it this meaning").click()
    expect(page.locator("#remap progress")).to_be_visible()
    remap_until_idle()
    expect(page.locator("#remap")).to_contain_text("1 parcels were read again")
    parcel = Shipment.objects.get()
    assert (parcel.status, parcel.sub_status) == ("exception", "held")
    page.goto("/codes/")
    expect(page.locator("main")).to_contain_text("Every code is known")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_fit_and_can_be_read_by_everybody(
    page: Page, administrator: User, sign_in, violations, real_now, width
):
    shop = make.shop(name="Yiwu Lights")
    endpoint = pushes.endpoint(shop, name="AfterShip", last_message_at=real_now(-1))
    pushes.push(endpoint, pushes.aftership(pushes.checkpoint(real_now(-3), tag="Odd", subtag="Odd_042")))
    pushes.push(endpoint, b"no json")
    take_in_until_idle()
    message = endpoint.messages.order_by("id").last()
    sign_in(administrator)
    page.set_viewport_size({"width": width, "height": 900})
    for address in (
        "/feeds/", "/feeds/new/", f"/feeds/{endpoint.pk}/", f"/feeds/{endpoint.pk}/edit/",
        "/feeds/messages/?state=dead",
        f"/feeds/messages/{message.pk}/", "/codes/", "/codes/?tab=mapped", "/codes/code/?source=aftership&code=Odd_042",
    ):  # fmt: skip
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert violations(page) == [], address
