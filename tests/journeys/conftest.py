"""Citizens with a browser, before the running system."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.find_browser import CHROMIUM_FLAGS, find_browser
from tests.journeys.citizen import Citizen
from tests.support.system import System


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Gone before another module's tests run: Playwright keeps an event loop, which async tests cannot share."""
    path = find_browser()
    assert path, "no Chromium: run `make test`, or set CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def citizen(system: System, browser: Browser) -> Iterator[Citizen]:
    """On a phone, in German."""
    with Citizen.arriving(system, browser) as citizen:
        yield citizen


@pytest.fixture
def visitor(system: System, browser: Browser) -> Iterator[Citizen]:
    """At a desk, in English."""
    with Citizen.arriving(system, browser, width=1280, height=900, language="en") as citizen:
        yield citizen
