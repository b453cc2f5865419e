"""How every API call is served, whichever provider's: faults, idempotent replay, one transaction per call."""

import asyncio
import hashlib
import secrets
import string
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal

import msgspec

from demo.sandbox.accounts import Accounts, Provider
from demo.sandbox.book import Book, StoredReply
from demo.sandbox.faults import FailureKind, Faults, sendings, spend, spend_event, spend_slowness
from demo.sandbox.sale import Sale, settle
from kit.clock import Clock

LETTERS = string.ascii_letters + string.digits
CAPITALS = string.ascii_uppercase + string.digits


def new_id(prefix: str, length: int, alphabet: str = LETTERS) -> str:
    return prefix + "".join(secrets.choice(alphabet) for _ in range(length))


class Reply(msgspec.Struct, frozen=True):
    """`kept`: replayed to who comes again with the same idempotency key."""

    status: int
    body: Any
    kept: bool = True


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One authenticated request of an account. `key` is its idempotency key, if any."""

    provider: Provider
    tenant: str
    path: str
    content: bytes = b""
    key: str = ""
    reads: bool = False

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.path.encode() + b"\0" + self.content).hexdigest()


class Served(msgspec.Struct, frozen=True):
    status: int
    content: bytes
    replayed: bool = False


class Desk:
    """`make_event` builds what a provider's webhook says about a sale: see stripe_shapes and paypal_shapes."""

    def __init__(self, book: Book, accounts: Accounts, clock: Clock, public_url: str) -> None:
        self.book = book
        self.accounts = accounts
        self.clock = clock
        self.public_url = public_url.rstrip("/")

    async def serve(self, call: Call, act: Callable[[], Reply], *, failure: Any, conflict: Reply) -> Served:
        """`failure` is the provider's body of a 5xx, `conflict` its answer to a key that comes with another body."""
        await self._slow_down(call.tenant)
        if failed := await self._fail(call, "before", failure):
            return failed
        with self.book.transaction():
            served = self._replay(call, conflict) or self._act(call, act)
        return await self._fail(call, "after", failure) or served

    async def _slow_down(self, tenant: str) -> None:
        owner, faults = self.book.read_faults(tenant)
        if faults.latency_ms:
            self._keep(owner, faults, spend_slowness(faults))
            await asyncio.sleep(faults.latency_ms / 1000)

    async def _fail(self, call: Call, when: Literal["before", "after"], failure: Any) -> Served | None:
        """As ordered: with 503 at once, or with 504 after everybody's patience. Reads have no after."""
        if call.reads:
            fails = when == "before" and self._spend(call.tenant, "fail_reads")
            return Served(503, msgspec.json.encode(failure)) if fails else None
        if faults := self._spend(call.tenant, "timeout_before" if when == "before" else "timeout_after"):
            await asyncio.sleep(faults.timeout_s)
            return Served(504, msgspec.json.encode(failure))
        if self._spend(call.tenant, "fail_before" if when == "before" else "fail_after"):
            return Served(503, msgspec.json.encode(failure))
        return None

    def _spend(self, tenant: str, kind: FailureKind) -> Faults | None:
        owner, faults = self.book.read_faults(tenant)
        left = spend(faults, kind)
        if left:
            self.book.save_faults(owner, left)
        return left

    def _keep(self, owner: str, before: Faults, after: Faults) -> None:
        if after != before:
            self.book.save_faults(owner, after)

    def _replay(self, call: Call, conflict: Reply) -> Served | None:
        stored = self.book.find_reply(call.provider, call.tenant, call.key) if call.key else None
        if stored is None:
            return None
        if stored.fingerprint != call.fingerprint:
            return Served(conflict.status, msgspec.json.encode(conflict.body))
        return Served(stored.status, stored.body, replayed=True)

    def _act(self, call: Call, act: Callable[[], Reply]) -> Served:
        reply = act()
        content = b"" if reply.body is None else msgspec.json.encode(reply.body)
        if call.key and reply.kept:
            stored = StoredReply(call.fingerprint, reply.status, content)
            self.book.save_reply(call.provider, call.tenant, call.key, stored)
        return Served(reply.status, content)

    def find_sale(self, provider: Provider, name: str, tenant: str | None = None) -> Sale | None:
        """As it is now: what lapsed or was pending meanwhile is settled."""
        sale = self.book.find_sale(provider, name, tenant)
        if sale is None:
            return None
        settle(sale, self.clock())
        self.book.save_sale(sale)
        return sale

    def tell(self, provider: Provider, tenant: str, event: dict[str, Any]) -> None:
        """Record an event and plan its webhook, in the caller's transaction."""
        owner, faults = self.book.read_faults(tenant)
        due = [self.clock() + timedelta(seconds=span) for span in sendings(faults, self.book.count_waiting(tenant))]
        self._keep(owner, faults, spend_event(faults))
        if self.accounts.webhook_url(tenant, provider) is None:
            due = []
        self.book.add_event(event["id"], provider, tenant, msgspec.json.encode(event), due)
