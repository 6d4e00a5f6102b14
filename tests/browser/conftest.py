"""A real browser against a real server: Debian's Chromium, driven by Playwright.

Every page is watched: an error in the console, an exception in a script, a breach of the content security policy or a
failed request for our own files fails the test that caused it. Set CHROMIUM to use another binary.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WAIT_MS = 10_000

# Playwright's loop runs in the test's thread; Django would take every query for one inside async code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever lies in this folder needs a browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str | None:
    """The path of the browser; None when there is none."""
    return next(
        (found for name in (os.environ.get("CHROMIUM", ""), *NAMES) if name and (found := shutil.which(name))), None
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this process; skips where Chromium is not installed."""
    path = chromium()
    if path is None:
        pytest.skip("Chromium is not installed: apt-get install chromium, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:
    """A fresh profile that knows the server's address; `page.goto("/")` is enough."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1360, "height": 860}, locale="en-GB")
    context.set_default_timeout(WAIT_MS)
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about; a test may clear what it provoked."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    """A page that must not complain."""
    page = context.new_page()
    page.on("console", lambda line: complaints.append(f"console: {line.text}") if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    page.on("requestfailed", lambda request: complaints.append(f"request: {request.url} {request.failure}"))
    yield page
    aborted = [line for line in complaints if "ERR_ABORTED" not in line]  # leaving a page ends what it was loading
    assert aborted == []


@pytest.fixture
def sign_in(context: BrowserContext, live_server) -> Callable[[object], None]:
    """Put a user's session into the browser: `sign_in(agent)`."""

    def sign_in(user: object) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return sign_in


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page, one line each: `assert violations(page) == []`."""

    def violations(page: Page) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]

    return violations


@pytest.fixture
def real_now() -> Callable[[float], datetime]:
    """So many hours from the real present: pages in a browser live in it."""
    now = timezone.now()
    return lambda hours: now + timedelta(hours=hours)
