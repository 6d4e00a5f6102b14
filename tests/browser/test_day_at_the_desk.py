"""An agent's and a supervisor's day in a real browser: from a late order to the wall, in English and in Chinese."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from orders.models import Order
from orders.services.sweep import sweep_until_idle
from orders.services.tracking import record_scans
from orders.timeline import Scan
from sla.defaults import setup_defaults
from tests import factories as make
from ticketdesk.accounts.models import Role, User
from tickets import intake
from tickets.defaults import setup_templates
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent() -> User:
    return make.user(make.team("front_line", name="Front line"), name="Lin Xiaotong")


@pytest.fixture
def late_order(agent: User, real_now) -> Order:
    """An order past its promise, its parcel twice knocked on a closed door; found by the real sweeps."""
    setup_defaults()
    setup_templates()
    make.team("logistics", name="Logistics")
    shop = make.shop(calendar_code="always", language="en")
    buyer = make.customer(shop, name="Wang Lei", phone="13812341234", language="en")
    order = make.order(
        shop, customer=buyer, external_no="SO-2026-1", placed_at=real_now(-120), paid_at=real_now(-119),
        promised_delivery_at=real_now(-2),
    )  # fmt: skip
    parcel = make.shipment(order, announced_at=real_now(-100), by=make.carrier(name="SF Express"))
    journey = [(-99, "picked_up", "accepted"), (-50, "in_transit", "moving"), (-20, "attempt_failed", "no_one")]
    scans = [
        Scan(real_now(h), status, sub, "generic", text=f"Scan {-h}", city="Hangzhou") for h, status, sub in journey
    ]
    record_scans(shipment=parcel, scans=scans, now=real_now(0))
    sweep_until_idle()
    intake.sweep_until_idle()
    return order


@pytest.fixture
def hosts(page: Page) -> set[str]:
    """Every host the page talked to."""
    seen: set[str] = set()
    page.on("request", lambda request: seen.add(urlsplit(request.url).hostname or ""))
    return seen


def open_top_ticket(page: Page) -> None:
    page.goto("/tickets/?view=open")
    page.locator("#rows a.subj").first.click()
    expect(page.locator("#ticket")).to_be_visible()


def test_an_agent_signs_in_works_the_top_ticket_and_hands_it_over_and_the_supervisor_sees_it(
    page: Page, agent: User, late_order: Order, hosts: set[str], sign_in
) -> None:
    agent.set_password("a long enough password")
    agent.save()
    page.goto("/")
    page.fill("[name=login]", agent.email)
    page.fill("[name=password]", "a long enough password")
    page.click("main button[type=submit], form button.pri")
    page.wait_for_url(re.compile(r"/tickets/"))

    open_top_ticket(page)
    expect(page.locator("#ticket")).to_contain_text(late_order.external_no)
    expect(page.locator("#ticket")).to_contain_text("Scan 20")  # the parcel's timeline
    why = page.locator("#ticket details, #ticket section", has_text="Why am I seeing this?").first
    expect(why).to_contain_text(re.compile(r"promise|promised|attempt", re.IGNORECASE))

    page.locator("#templates summary").click()
    page.locator("#templates [data-template]").first.click()
    expect(page.locator("#body")).to_have_value(re.compile("SF Express"))
    page.locator("#composer .foot button.pri").click()
    expect(page.locator("#pending")).to_have_count(0)
    expect(page.locator("#messages")).to_contain_text("could not deliver parcel")

    page.locator("details[data-act=hand_over] summary").click()
    page.locator("#hand_over_to_team").select_option(label="Logistics")
    page.fill("#hand_over_question", "Please ask the courier for a new attempt tomorrow.")
    page.locator("details[data-act=hand_over] form button.pri").click()
    expect(page.locator("#ticket")).to_contain_text("Please ask the courier")
    ticket = Ticket.objects.get(handovers__isnull=False)
    assert (ticket.holder, ticket.assignee, ticket.responded_at is not None) == ("logistics", agent, True)

    sign_in(make.user(role=Role.SUPERVISOR))
    page.goto("/wall/")
    expect(page.locator("#wall")).to_contain_text(late_order.external_no)
    assert hosts <= {"localhost", "127.0.0.1"}


@pytest.mark.parametrize(
    ("language", "html", "words"),
    [("zh-hans", "zh-Hans", ["我为什么", "模板", "转交"]), ("zh-hant", "zh-Hant", ["轉交"])],
)
def test_the_same_ticket_reads_in_chinese(
    page: Page, agent: User, late_order: Order, sign_in, language, html, words
) -> None:
    agent.language = language
    agent.save()
    sign_in(agent)
    open_top_ticket(page)
    assert page.get_attribute("html", "lang") == html
    text = page.locator("body").inner_text()
    assert re.search(r"[\u4e00-\u9fff]", page.locator("h1").inner_text())
    assert not re.search(r"\b(Solve|Accept|Hand over|Why am I)\b", text)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/tickets/?view=open", "ticket", "/orders/", "order", "/wall/", "/orders/imports/"])
def test_every_screen_is_accessible_in_both_themes_and_fits_a_phone(
    page: Page, late_order: Order, sign_in, violations, path: str, scheme: str
) -> None:
    sign_in(make.user(role=Role.SUPERVISOR))
    page.emulate_media(color_scheme=scheme)
    path = {"ticket": f"/tickets/{Ticket.objects.first().pk}/", "order": f"/orders/{late_order.pk}/"}.get(path, path)
    page.goto(path)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_board_is_worked_by_keyboard(page: Page, agent: User, late_order: Order, sign_in) -> None:
    sign_in(agent)
    page.goto("/tickets/?view=open")
    page.keyboard.press("j")
    page.keyboard.press("j")
    focused = page.evaluate("document.activeElement.closest('tr') && document.activeElement.textContent")
    assert focused
    page.keyboard.press("Enter")
    expect(page.locator("#ticket")).to_be_visible()
    page.wait_for_load_state()  # keys are heard once the script is there
    page.keyboard.press("n")
    page.keyboard.type("Noted by keyboard")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#messages")).to_contain_text("Noted by keyboard")


def test_a_ticket_changed_by_somebody_else_is_refused_and_nothing_typed_is_lost(
    page: Page, agent: User, late_order: Order, sign_in, complaints: list[str]
) -> None:
    from django.utils import timezone

    from tickets import services

    sign_in(agent)
    open_top_ticket(page)
    ticket = Ticket.objects.get(pk=int(page.locator("#composer").get_attribute("data-ticket")))
    services.note(ticket=ticket, by=agent, now=timezone.now(), body="Meanwhile")
    page.locator("details[data-act=solve] summary").click()
    page.locator("details[data-act=solve] select").select_option("delay")
    page.locator("details[data-act=solve] textarea").fill("Delivered after all")
    page.locator("details[data-act=solve] form button.pri").click()
    expect(page.locator("[role=alert]")).to_contain_text("changed while you were looking")
    expect(page.locator("details[data-act=solve] textarea")).to_have_value("Delivered after all")
    complaints.clear()  # Chromium reports the 409 itself
    assert Ticket.objects.get(pk=ticket.pk).status != "solved"
