"""Asks the service as the people of the story do, and keeps what was asked and answered."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking.day.writing import Names, Text, first_lines, lay_out, pick
from tests.booking.support.payment_stand_in import PaymentStandIn
from tests.booking.support.staff import staff_headers

from booking.clients.payment import PaymentClient
from booking.domain.catalogue_files import Files
from booking.domain.configuration import id_for
from booking.store.catalogue_cache import CatalogueCache
from kit.sql import Pool

if TYPE_CHECKING:
    from tests.booking.conftest import SetClock

DAY = "2026-11-23"
ZONE = ZoneInfo("Europe/Berlin")


class House(NamedTuple):
    """What is behind the API, for the steps that no call makes: the worker's, and payment's news."""

    pool: Pool
    clock: "SetClock"
    catalogues: CatalogueCache
    payment: PaymentStandIn
    payments: PaymentClient
    files: Files


class Call(NamedTuple):
    """One request with its answer, as the document will show it."""

    method: str
    path: str
    token: str | None
    key: str | None
    body: Any
    status: int
    answer: Any

    def write(self, names: Names) -> str:
        head = [f"{self.method} {names(self.path)}"]
        head += [f"Authorization: Bearer {names(self.token)}"] if self.token else []
        head += [f"Idempotency-Key: {self.key}"] if self.key else []
        parts = ["\n".join(head)]
        parts += [lay_out(self.body, names)] if self.body is not None else []
        parts += [f"→ {self.status} {HTTPStatus(self.status).phrase}"]
        if isinstance(self.answer, Text):
            parts += [names(self.answer)]
        elif self.answer is not None:
            parts += [lay_out(self.answer, names)]
        return "```http\n" + "\n\n".join(parts) + "\n```"


class Teller:
    def __init__(self, client: AsyncTestClient[Litestar], house: House) -> None:
        self.client = client
        self.house = house
        self.names = Names()
        self.kept: dict[str, Any] = {}
        """What one chapter hands on to another."""
        self._parts: list[Callable[[Names], str]] = []
        self._time = ""
        self._keys = 0

    # --- words

    def chapter(self, time: str, title: str) -> None:
        """The clock goes on to that time."""
        now = datetime.fromisoformat(f"{DAY}T{time}").replace(tzinfo=ZONE).astimezone(UTC)
        assert now >= self.house.clock.now, "a day goes one way"
        self.house.clock.now = self.house.payment.now = now
        self._time, self._keys = time, 0
        self.tell(f"## {time} · {title}")

    def tell(self, text: str) -> None:
        """A paragraph, as wide as the house's others."""
        paragraph = " ".join(text.split())
        self._parts.append(lambda names: fill(names(paragraph), 150, break_long_words=False, break_on_hyphens=False))

    def verbatim(self, text: str) -> None:
        self._parts.append(lambda names: names(text))

    def document(self) -> str:
        return "\n\n".join(part(self.names) for part in self._parts) + "\n"

    # --- people and things

    def token(self, subject: str, role: str, tenant: str = "heinsberg") -> str:
        """Of the staff's sign-on."""
        return staff_headers(role, subject=subject, tenant=tenant)["Authorization"].removeprefix("Bearer ")

    def staff(self, name: str, subject: str, role: str, tenant: str = "heinsberg") -> str:
        """A token with a name for readers."""
        token = self.token(subject, role, tenant)
        self.names.give(token, name)
        return token

    def thing_id(self, tenant: str, kind: str, key: str) -> str:
        """Of something in the demo's files."""
        return str(id_for(tenant, kind, key))

    def thing(self, name: str, tenant: str, kind: str, key: str) -> str:
        """The same, with a name for readers."""
        id_ = self.thing_id(tenant, kind, key)
        self.names.give(id_, name)
        return id_

    def visit(self, name: str, answer: Any) -> Any:
        """An appointment's id, number and, for its citizen, token."""
        for field, what in (("id", "VISIT"), ("number", "NUMBER"), ("access_token", "TOKEN")):
            if field in answer:
                self.names.give(answer[field], f"{what}_{name}")
        self.kept[name] = self.kept.get(name, {}) | answer
        return self.kept[name]

    # --- calls

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        once: bool | str = True,
        status: int = 200,
        show: str = "",
        sent: str = "",
        entries: int | None = None,
        sent_entries: int | None = None,
        **query: Any,
    ) -> Any:
        """Recorded. `show`, `sent`: the members of answer and body that are shown; `entries`: of each list so many."""
        full = path + ("?" + urlencode(query, safe=":,+") if query else "")
        key = self._key(once) if method == "POST" else None
        answer = await self._send(method, full, body, token, key)
        assert answer.status_code == status, f"{method} {full}: {answer.status_code}, {answer.text}"
        seen = read_answer(answer)
        shown = first_lines(seen, entries) if isinstance(seen, Text) else pick(seen, show.split(), entries)
        call = Call(method, full, token, key, pick(body, sent.split(), sent_entries), status, shown)
        self._parts.append(call.write)
        return seen

    async def quietly(self, path: str, body: Any, token: str | None = None) -> Any:
        """A POST that the story only mentions."""
        answer = await self._send("POST", path, body, token, str(uuid4()))
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json()

    def _key(self, once: bool | str) -> str | None:
        """Of its own for each request, unless it says which, or needs none; a new chapter changes no other's."""
        if isinstance(once, str):
            return once
        self._keys += once
        return f"{self._time}-{self._keys}" if once else None

    async def _send(self, method: str, path: str, body: Any, token: str | None, key: str | None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        return await self.client.request(method, path, json=body, headers=headers)


def read_answer(answer: Any) -> Any:
    if not answer.content:
        return None
    return answer.json() if "json" in answer.headers["content-type"] else Text(answer.text.removeprefix("\ufeff"))


Chapter = Callable[[Teller], Any]
Chapters = Sequence[Chapter]
