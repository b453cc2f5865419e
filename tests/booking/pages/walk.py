"""A person without a browser: follows links and presses buttons as the page has them, on the real application."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}


class Element:
    def __init__(self, tag: str, attributes: dict[str, str], form: "Form | None") -> None:
        self.tag = tag
        self.attributes = attributes
        self.form = form


class Form:
    def __init__(self, attributes: dict[str, str]) -> None:
        self.method = attributes.get("method", "get")
        self.action = attributes.get("action", "")
        self.values: dict[str, str] = {}


class Page(HTMLParser):
    """What of a page can be pressed, and its forms as they are filled."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.status = answer.status_code
        self.url = str(answer.url)
        self.html = answer.text
        self.elements: list[Element] = []
        self._form: Form | None = None
        self.feed(answer.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(attributes)
        self.elements.append(Element(tag, attributes, self._form))
        is_chosen = attributes.get("type") not in ("radio", "checkbox") or "checked" in attributes
        if self._form and tag == "input" and attributes.get("name") and is_chosen:
            self._form.values[attributes["name"]] = attributes.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.html))

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    def all(self, testid: str) -> list[Element]:
        return [element for element in self.elements if element.attributes.get("data-testid") == testid]

    def links(self) -> Iterator[str]:
        for element in self.elements:
            if element.tag == "a":
                yield element.attributes["href"]


class Walker:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: Page

    async def open(self, path: str) -> Page:
        return self._at(await self.client.get(path, headers=HTML, follow_redirects=True))

    async def press(self, testid: str, which: int = 0, **fields: str) -> Page:
        """`fields`: what is typed or chosen in the button's form before."""
        element = self.page.all(testid)[which]
        if element.tag == "a":
            return await self.open(urljoin(self.page.url, element.attributes["href"]))
        assert element.form, f"{testid} is in no form"
        values = element.form.values | fields
        if element.attributes.get("name"):
            values[element.attributes["name"]] = element.attributes["value"]
        target = urljoin(self.page.url, element.form.action)
        if element.form.method == "get":
            return self._at(await self.client.get(target, params=values, headers=HTML, follow_redirects=True))
        answer = await self.client.post(target, data=values, headers=HTML, follow_redirects=False)
        if answer.status_code == 303 and "testserver" in urljoin(self.page.url, answer.headers["location"]):
            return await self.open(urljoin(self.page.url, answer.headers["location"]))
        return self._at(answer)

    def _at(self, answer: httpx.Response) -> Page:
        self.page = Page(answer)
        self.location = answer.headers.get("location")
        return self.page
