"""How the pages behave: without script, under an input method, when sending fails, by address bar, by size."""

import gzip

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests import factories as make
from ticketdesk.accounts.models import User
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
COLD_BYTES, NODES = 60_000, 2_000


@pytest.fixture
def agent() -> User:
    return make.user(make.team(), name="Lin Xiaotong")


@pytest.fixture
def shop():
    return make.shop()


def ticket(shop, agent: User, hours: float = 1, **columns) -> Ticket:
    now = timezone.now()
    times = {"opened_at": now, "updated_at": now, "due_by": now + timezone.timedelta(hours=hours)}
    return make.ticket(shop, team_id=agent.team_ids[0], **times | columns)


@pytest.fixture
def opened(page: Page, shop, agent: User, sign_in) -> Ticket:
    """A ticket whose page is open."""
    made = ticket(shop, agent)
    sign_in(agent)
    page.goto(f"/tickets/{made.pk}/")
    return made


def test_lists_filters_and_buttons_work_without_script(browser, live_server, shop, agent, sign_in, context):
    urgent, calm = ticket(shop, agent, grade=1, subject="Urgent one"), ticket(shop, agent, grade=4, subject="Calm one")
    sign_in(agent)
    bare = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, storage_state=context.storage_state()
    )
    page = bare.new_page()
    page.goto("/tickets/?view=open")
    page.select_option("#id_grade", "1")
    page.click("#ff noscript button")
    assert page.locator("a.subj").all_inner_texts() == ["Urgent one"]
    page.click("a.subj")
    page.click("details[data-act=wait] summary")
    page.fill("#wait_reason", "photos")
    page.click("details[data-act=wait] button.pri")
    urgent.refresh_from_db()
    assert (urgent.status, calm.status) == ("waiting", "new")
    bare.close()


def test_filters_write_the_address_and_going_back_undoes_them(page, shop, agent, sign_in):
    ticket(shop, agent, grade=1, subject="Urgent one")
    ticket(shop, agent, grade=4, subject="Calm one")
    sign_in(agent)
    page.goto("/tickets/?view=open")
    page.select_option("#id_grade", "4")
    expect(page.locator("a.subj")).to_have_text(["Calm one"])
    assert "grade=4" in page.url
    page.go_back()
    expect(page.locator("a.subj")).to_have_count(2)


def test_ticked_tickets_are_taken_by_one_key(page, shop, agent, sign_in):
    made = [ticket(shop, agent, hours) for hours in (1, 2, 3)]
    sign_in(agent)
    page.goto("/tickets/?view=unassigned")
    for key in "jxjx":
        page.keyboard.press(key)
    expect(page.locator("#bulk [data-n]")).to_have_text("2 selected")
    page.keyboard.press("a")
    expect(page.locator("#rows tr.tk")).to_have_count(1)
    assert list(Ticket.objects.filter(assignee=agent).order_by("pk")) == made[:2]


def test_the_panel_follows_the_focus_and_escape_closes_it(page, shop, agent, sign_in):
    first, second = ticket(shop, agent, 1, subject="First"), ticket(shop, agent, 2, subject="Second")
    sign_in(agent)
    page.goto("/tickets/?view=open")
    page.keyboard.press("j")
    page.keyboard.press("Space")
    expect(page.locator("#peek")).to_contain_text(f"#{first.pk}")
    page.keyboard.press("j")
    expect(page.locator("#peek")).to_contain_text(f"#{second.pk}")
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()


def test_the_palette_opens_what_it_finds(page, opened):
    page.keyboard.press("Control+k")
    page.keyboard.type(f"#{opened.pk}")
    expect(page.locator("#pal-found [role=option]")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{opened.pk}/")


def test_nothing_is_sent_while_an_input_method_composes(page, context, opened):
    page.fill("#body", "ni hao")
    keys = context.new_cdp_session(page)
    enter = {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229, "modifiers": 2}
    keys.send("Input.imeSetComposition", {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6})
    keys.send("Input.dispatchKeyEvent", enter)
    page.wait_for_timeout(300)
    assert opened.messages.count() == 0


@pytest.mark.parametrize("failure", ["refused by the server", "no connection"])
def test_a_failed_send_keeps_the_words_and_says_so(page, opened, complaints, failure):
    answer = (lambda route: route.abort()) if failure == "no connection" else (lambda route: route.fulfill(status=503))
    page.route(lambda url: "/say/" in url, answer)
    page.fill("#body", "These words must stay")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast.bad")).to_be_visible()
    expect(page.locator("#body")).to_have_value("These words must stay")
    expect(page.locator("#composer .foot button.pri")).to_be_enabled()
    complaints.clear()  # the failure was ours


def test_a_draft_survives_a_reload(page, opened):
    page.fill("#body", "Half a sentence")
    page.reload()
    expect(page.locator("#body")).to_have_value("Half a sentence")


def test_single_keys_can_be_switched_off(page, shop, agent, sign_in):
    ticket(shop, agent)
    sign_in(agent)
    page.goto("/tickets/?view=open")
    page.keyboard.press("?")
    page.locator("[data-single-keys]").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.closest('tr')") is None


def test_a_chosen_theme_is_drawn_by_the_server_so_that_nothing_flashes(page, opened):
    for _ in range(2):  # system, light, dark
        page.click("[data-cycle=theme]")
    reply = page.request.get(f"/tickets/{opened.pk}/")
    assert 'data-theme="dark"' in reply.text()


def test_a_full_board_stays_within_its_budget(page, shop, agent, sign_in):
    for number in range(50):
        order = make.order(shop, customer=make.customer(shop))
        ticket(shop, agent, number + 1, order=order, assignee=agent)
    sign_in(agent)
    sizes: dict[str, int] = {}
    page.on("response", lambda reply: sizes.update({reply.url: len(gzip.compress(reply.body(), 6))}))
    page.goto("/tickets/?view=open", wait_until="networkidle")
    assert page.locator("#rows tr.tk").count() == 50
    assert sum(sizes.values()) < COLD_BYTES, sizes
    assert page.evaluate("document.querySelectorAll('*').length") < NODES
