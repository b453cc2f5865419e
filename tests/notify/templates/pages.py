"""What a reader sees of an HTML mail, piece by piece, and where its links lead."""

from html.parser import HTMLParser


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.links: set[str] = set()
        self.tags: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._hidden += tag in {"style", "title"}
        address = dict(attrs).get("href") or ""
        if tag == "a" and not address.startswith("mailto:"):
            self.links.add(address)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"style", "title"}

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._hidden:
            self.pieces.append(data.strip())


def reader_of(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader
