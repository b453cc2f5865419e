"""A person at a browser: presses what can be seen, and never meets a barrier (axe-core judges every page)."""

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, Error, Locator, Page
from tests.support.system import System
from tests.support.waiting import wait_until

AXE = Path("node_modules/axe-core/axe.min.js")
RUN_AXE = """async () => {
    AXE
    return (await axe.run(document, {resultTypes: ['violations']})).violations.map(
        v => `${v.id}: ${v.help} (${v.nodes.map(n => n.target.join(' ')).join(', ')})`)
}"""
SHAPE = """() => [...new Set([...document.querySelectorAll('*')].map(
    e => `${e.tagName}.${e.className}[${e.getAttributeNames()}]`))].sort().join()"""
JUDGED: set[tuple[int, str, str]] = set()
"""Width, address and elements of the pages that were judged: the same once more has nothing new to say."""
GOES_ON_MAX = 5
SCREENSHOTS = os.environ.get("SCREENSHOTS")
"""A folder: each page that is met is photographed there."""


class Citizen:
    def __init__(self, system: System, page: Page, language: str) -> None:
        self.system = system
        self.page = page
        self.language = language
        self.width = page.viewport_size["width"] if page.viewport_size else 0
        self.email = f"buergerin-{uuid.uuid4().hex[:8]}@example.org"
        self.console: list[str] = []
        page.on("console", lambda message: self.console.append(message.text) if message.type == "error" else None)

    @classmethod
    @contextmanager
    def arriving(
        cls, system: System, browser: Browser, width: int = 360, height: int = 740, language: str = "de"
    ) -> Iterator[Self]:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            bypass_csp=True,  # axe is injected; a test of its own reads the CSP header
            java_script_enabled=True,
        )
        citizen = cls(system, context.new_page(), language)
        try:
            yield citizen
        finally:
            context.close()

    def open(self, url: str) -> None:
        self.page.goto(url)
        self.judge()

    def find(self, testid: str) -> Locator:
        return self.page.get_by_test_id(testid)

    def press(self, testid: str, which: int = 0) -> None:
        self.find(testid).nth(which).click()
        self.page.wait_for_load_state()
        self.judge()

    def fill(self, name: str, value: str) -> None:
        self.page.locator(f"[name={name}]").fill(value)

    def judge(self) -> None:
        """Of a page that goes on by itself, the one at which it ends."""
        for _ in range(GOES_ON_MAX):
            try:
                return self._judge()
            except Error as error:
                if "context was destroyed" not in str(error):
                    raise
                self.page.wait_for_load_state()
        raise AssertionError(f"{self.page.url} goes on and on")

    def _judge(self) -> None:
        """Nothing wider than the screen, and no violation; each kind of page is judged once."""
        overflow = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{self.page.url}: {overflow} px wider than the screen"
        kind = re.sub(r"[0-9a-f-]{36}|[\w-]{60,}", "*", self.page.url.split("?")[0]) + self.page.title()
        judged = (self.width, kind, self.page.evaluate(SHAPE))
        if judged in JUDGED:
            return
        if SCREENSHOTS:
            self._photograph(kind)
        violations: list[Any] = self.page.evaluate(RUN_AXE.replace("AXE", AXE.read_text()))
        assert not violations, f"{self.page.url}: {violations}"
        JUDGED.add(judged)

    def _photograph(self, kind: str) -> None:
        folder = Path(str(SCREENSHOTS))
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", kind.split("//", 1)[1])[:80]
        file = folder / f"{self.width}-{self.language}-{name}.png"
        self.page.screenshot(path=str(file), full_page=True)

    # --- what people do -----------------------------------------------------------------------

    def choose_service(self, tenant: str, query: str, name: str) -> None:
        self.open(f"{self.system.url('booking')}/{tenant}/")
        self.fill("q", query)
        self.press("service-search")
        self.page.get_by_test_id("service-result").filter(has_text=name).first.click()
        self.page.wait_for_load_state()
        self.judge()

    def reserve(self, day: int = 0) -> None:
        """From a service's page to the contact form: the first day, or a later one of the list, and the first time."""
        self.press("book")
        self.press("day", which=day)
        self.press("time")

    def give_contact(self, **fields: str) -> None:
        for name, value in ({"email": self.email} | fields).items():
            self.fill(name, value)
        self.press("contact-submit")

    def number(self) -> str:
        """The appointment's number, once it is confirmed."""
        wait_until(self._is_confirmed, 20)
        return self.find("confirmation-number").inner_text().strip()

    def appointment_id(self) -> str:
        """Of the appointment on whose page the person is."""
        found = re.search(r"/termin/([0-9a-f-]{36})", self.page.url)
        assert found, self.page.url
        return found.group(1)

    def _is_confirmed(self) -> bool:
        if self.find("confirmation-number").count():
            return True
        self.page.wait_for_timeout(300)
        return False
