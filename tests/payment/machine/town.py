"""Who plays: citizen, portal, provider, clock and clerk, over the real use cases and store. Any of them may be refused,
and our process may die at any call: neither may cost or give anybody a cent.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

import httpx
import msgspec
from tests.payment.machine.bank import Bank, Banks
from tests.payment.support.house import TENANT, Clock
from tests.payment.support.provider import Killed, Session

from contracts.payment import PaymentEvent
from kit.sql import Pool
from kit.tokens import StaffClaims
from payment.domain.errors import PaymentError
from payment.domain.refund import refund_key
from payment.usecases.tools import Tools


class Move(NamedTuple):
    """One operation, by numbers that Hypothesis can make smaller."""

    name: str
    whom: int
    key: int


class Sent(NamedTuple):
    refund_id: UUID
    attempt_id: UUID
    way: str


class Nobody(Exception):
    """There is nothing yet to which it could happen."""


Operation: TypeAlias = Callable[["Town", Move], Awaitable[None]]


class Town:
    def __init__(self, tools: Tools, pool: Pool, banks: Banks, clock: Clock, moves: Mapping[str, Operation]) -> None:
        self.tools, self.pool, self.banks, self.clock, self.moves = tools, pool, banks, clock, moves
        self.payments: list[UUID] = []
        self.told: list[PaymentEvent] = []
        self.faults: list[str] = []
        """What was seen on the way, and nobody could see in the end."""
        self.deaf = False
        self.outcomes: Counter[str] = Counter()
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._hear))

    def _hear(self, request: httpx.Request) -> httpx.Response:
        """The portal's endpoint; now and then it hears and does not say so."""
        self.told.append(msgspec.json.decode(request.content, type=PaymentEvent))
        return httpx.Response(503 if self.deaf else 204)

    async def play(self, moves: list[Move]) -> None:
        """All at the same time."""
        disputed, sent = await self._disputed(), await self._sent()
        self.outcomes.update(await asyncio.gather(*(self.attempt(move) for move in moves)))
        begun = {each for each in await self._sent() - sent if each.attempt_id in disputed & await self._disputed()}
        self.faults += [f"refunded while disputed: {each}" for each in begun]

    async def _disputed(self) -> set[UUID]:
        """Attempts whose money may be lost or is, as far as we know."""
        rows = await self.pool.fetch("SELECT attempt_id FROM dispute WHERE state <> 'won'")
        return {row["attempt_id"] for row in rows}

    async def _sent(self) -> set["Sent"]:
        """Refunds that a provider was asked for, or that were paid by hand."""
        asked = {key for bank in self.banks.values() for key in bank.asked}
        rows = await self.pool.fetch("SELECT id, attempt_id, state FROM refund")
        sent = {
            Sent(row["id"], row["attempt_id"], "to the provider")
            for row in rows
            if refund_key(row["id"]) in asked or row["state"] == "submitted"
        }
        by_hand = {Sent(row["id"], row["attempt_id"], "by hand") for row in rows if row["state"] == "transferred"}
        return sent | by_hand

    async def attempt(self, move: Move) -> str:
        try:
            await self.moves[move.name](self, move)
        except PaymentError as error:
            return f"{move.name}: {error.code}"
        except Nobody:
            return f"{move.name}: nobody"
        except Killed:
            return f"{move.name}: killed"
        return f"{move.name}: done"

    def payment(self, move: Move) -> UUID:
        return one_of(self.payments, move.whom)

    def bank(self, move: Move) -> Bank:
        return self.banks["paypal" if move.key % 2 else "stripe"]

    def session(self, move: Move, *statuses: str) -> tuple[Bank, Session]:
        """Of any payment, also one that is long over: some people keep many pages open."""
        found = [(bank, session) for bank in self.banks.values() for session in bank.sessions.values()]
        return one_of([each for each in found if not statuses or each[1].status in statuses], -1 - move.whom)

    def clerk(self, move: Move) -> StaffClaims:
        subject = ("anna", "bert", "carla")[move.key % 3]
        return StaffClaims(
            subject=subject, tenant=TENANT, roles=("treasurer",), expires_at=self.clock() + timedelta(hours=1)
        )

    async def refunds(self) -> list[UUID]:
        return [row["id"] for row in await self.pool.fetch("SELECT id FROM refund ORDER BY id")]


def one_of(found: list[Any], number: int) -> Any:
    if not found:
        raise Nobody
    return found[number % len(found)]
