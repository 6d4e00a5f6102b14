"""An agent follows an order that is made to order: promises another time, says that a step is done."""

import re

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order, Promise
from orders.services.milestones import sync_milestones
from sla.defaults import setup_defaults
from tests import factories as make
from ticketdesk.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent() -> User:
    return make.user(make.team(), name="Lin Xiaotong")


@pytest.fixture
def order(real_now) -> Order:
    setup_defaults()
    made = make.order(
        make.shop(language="en"), external_no="MTO-1", order_type="made_to_order", placed_at=real_now(-400),
        paid_at=real_now(-390), promised_delivery_at=real_now(500),
    )  # fmt: skip
    sync_milestones([made.pk])
    return made


def test_a_promise_and_a_finished_step_are_shown_at_once(page: Page, agent: User, order: Order, sign_in, real_now):
    sign_in(agent)
    page.goto(f"/orders/{order.pk}/")
    page.locator("#milestones details[data-act=promise] summary").click()
    page.select_option("#promise_code", "delivered")
    page.fill("#promise_promised_at", real_now(700).strftime("%Y-%m-%dT%H:%M"))
    page.fill("#promise_reason", "The mill is late")
    page.fill("#promise_told_to", "Ms Brandt")
    page.select_option("#promise_channel", "phone")
    page.locator("details[data-act=promise] button.pri").click()
    expect(page.locator(".promises")).to_contain_text("Ms Brandt, Phone")
    assert Promise.objects.get().author == agent

    page.locator("details[data-act=done-order_confirmed] summary").click()
    page.fill("#done_order_confirmed_evidence", "PI countersigned")
    page.locator("details[data-act=done-order_confirmed] button.pri").click()
    row = page.locator("#milestones tr", has_text="Confirmed")
    expect(row).to_contain_text("PI countersigned")
    expect(page.locator("#milestones svg.chart:visible")).to_have_count(1)

    page.locator("#story nav a", has_text="Milestones").click()
    expect(page.locator("#story [aria-current]")).to_contain_text("Milestones")
    expect(page.locator("#story .k-promise")).to_contain_text("The mill is late")


def test_a_refused_promise_keeps_what_was_typed(page: Page, agent: User, order: Order, sign_in, real_now, complaints):
    sign_in(agent)
    page.goto(f"/orders/{order.pk}/")
    page.locator("#milestones details[data-act=promise] summary").click()
    page.fill("#promise_promised_at", real_now(-48).strftime("%Y-%m-%dT%H:%M"))
    page.fill("#promise_reason", "A typed reason")
    page.locator("details[data-act=promise] button.pri").click()
    expect(page.locator("details[data-act=promise] .errorlist")).to_contain_text("This time has passed")
    expect(page.locator("#promise_reason")).to_have_value("A typed reason")
    complaints.clear()  # the browser reports the 422 itself


@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_fit_and_can_be_read_by_everybody(page: Page, agent: User, order: Order, sign_in, violations, width):
    parcel = make.shipment(order)
    sign_in(agent)
    page.set_viewport_size({"width": width, "height": 900})
    for address in (f"/orders/{order.pk}/", f"/parcels/{parcel.pk}/"):
        page.goto(address)
        expect(page.locator("h1")).to_have_text(re.compile(r"MTO-1|TN"))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
