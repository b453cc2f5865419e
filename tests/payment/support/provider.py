"""A provider in memory, for what the sandbox cannot stage: a certain moment between two calls, a lost answer.

It keeps keys as real ones do: the same key has one effect. `at` runs something just before a call's effect, `lose`
swallows the answer after the effect.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec

from contracts.money import Money
from payment.domain.attempt import Provider
from payment.domain.movement import Movement, Payout
from payment.gateways.gateway import (
    CaptureView,
    DisputeView,
    GatewayRefused,
    GatewayUnavailable,
    Movements,
    OpenedSession,
    OpenSession,
    RefundView,
    SessionView,
    VoidView,
    WebhookEvent,
    WebhookInvalid,
)


class Killed(BaseException):
    """Our process died here: nothing catches it, nothing is recorded after it."""


class Session:
    def __init__(self, request: OpenSession) -> None:
        self.id = f"ses_{uuid4().hex}"
        self.request = request
        self.status: Any = "open"
        self.amount = request.amount
        self.reference = request.reference
        self.last_decline: str | None = None

    def view(self) -> SessionView:
        has_money = self.status in ("authorised", "paid")
        return SessionView(
            session_id=self.id,
            status=self.status,
            amount=self.amount,
            reference=self.reference,
            authorization_id=f"auth_{self.id}" if has_money else None,
            capture_id=f"cap_{self.id}" if self.status == "paid" else None,
            last_decline=self.last_decline,
        )

    def pay(self) -> None:
        """The citizen pays on the hosted page."""
        assert self.status == "open"
        self.status = "authorised" if self.request.capture == "manual" else "paid"

    def approve(self) -> None:
        """PayPal's way: agreed, nothing reserved."""
        self.status = "approved"


class MemoryProvider:
    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.calls: list[tuple[str, str]] = []
        self.refunds: dict[str, RefundView] = {}
        self.movements: list[Movement] = []
        self.payouts: list[Payout] = []
        self.disputes: dict[str, DisputeView] = {}
        self.refund_status: Any = "succeeded"
        self.capture_status: Any = "paid"
        self._by_key: dict[str, Any] = {}
        self._at: dict[str, Callable[[], Awaitable[None]]] = {}
        self._lost: list[str] = []
        self._refused: dict[str, str] = {}
        self._deaths: list[tuple[str, str]] = []

    async def find(self, tenant: str, provider: Provider) -> "MemoryProvider":  # noqa: ARG002 - it is everybody's
        return self

    @property
    def latest(self) -> Session:
        return list(self.sessions.values())[-1]

    def at(self, call: str, then: Callable[[], Awaitable[None]]) -> None:
        self._at[call] = then

    def lose(self, call: str, times: int = 1) -> None:
        self._lost += [call] * times

    def forgive(self) -> None:
        """It answers again, and refuses nothing."""
        self._lost.clear()
        self._refused.clear()

    def refuse(self, call: str, code: str) -> None:
        self._refused[call] = code

    def die(self, call: str, when: str) -> None:
        """Kill whoever makes this call next, `before` or `after` its effect."""
        self._deaths.append((call, when))

    def _perhaps_die(self, call: str, when: str) -> None:
        if (call, when) in self._deaths:
            self._deaths.remove((call, when))
            raise Killed

    def count(self, call: str) -> int:
        return sum(name == call for name, _ in self.calls)

    async def _once(self, call: str, key: str, effect: Callable[[], Any]) -> Any:
        self.calls.append((call, key))
        if then := self._at.pop(call, None):
            await then()
        self._perhaps_die(call, "before")
        if code := self._refused.get(call):
            raise GatewayRefused(code)
        if key not in self._by_key:
            self._by_key[key] = effect()
        self._perhaps_die(call, "after")
        if call in self._lost:
            self._lost.remove(call)
            raise GatewayUnavailable("no_answer")
        return self._by_key[key]

    async def open_session(self, request: OpenSession) -> OpenedSession:
        def effect() -> OpenedSession:
            session = Session(request)
            self.sessions[session.id] = session
            return OpenedSession(session_id=session.id, redirect_url=f"https://pay.example/{session.id}")

        opened: OpenedSession = await self._once("open", request.key, effect)
        return opened

    async def read_session(self, session_id: str) -> SessionView:
        self.calls.append(("read", session_id))
        if then := self._at.pop("read", None):
            await then()
        if "read" in self._lost:
            self._lost.remove("read")
            raise GatewayUnavailable("no_answer")
        return self.sessions[session_id].view()

    async def close_session(self, session_id: str, key: str) -> SessionView:
        session = self.sessions[session_id]

        def effect() -> None:
            if session.status in ("open", "approved"):
                session.status = "closed"

        await self._once("close", key, effect)
        return session.view()

    async def authorise(self, session_id: str, key: str) -> SessionView:
        session = self.sessions[session_id]

        def effect() -> None:
            if session.status == "approved":
                session.status = "authorised" if session.request.capture == "manual" else "paid"

        await self._once("authorise", key, effect)
        return session.view()

    async def capture(self, authorization_id: str, amount: Money, key: str) -> CaptureView:
        session = self.sessions[authorization_id.removeprefix("auth_")]

        def effect() -> CaptureView:
            session.status = {"paid": "paid", "pending": "authorised", "refused": "closed"}[self.capture_status]
            return CaptureView(status=self.capture_status, amount=amount, capture_id=f"cap_{session.id}")

        view: CaptureView = await self._once("capture", key, effect)
        return view

    async def void(self, authorization_id: str, key: str) -> VoidView:
        session = self.sessions[authorization_id.removeprefix("auth_")]

        def effect() -> VoidView:
            if session.status == "paid":
                return VoidView(status="captured")
            session.status = "closed"
            return VoidView(status="voided")

        view: VoidView = await self._once("void", key, effect)
        return view

    async def refund(self, capture_id: str, amount: Money, key: str) -> RefundView:
        self.sessions[capture_id.removeprefix("cap_")]  # a capture of ours

        def effect() -> RefundView:
            view = RefundView(refund_id=f"re_{uuid4().hex}", status=self.refund_status, amount=amount)
            self.refunds[view.refund_id] = view
            return view

        view: RefundView = await self._once("refund", key, effect)
        return view

    async def read_refund(self, refund_id: str) -> RefundView:
        return msgspec.structs.replace(self.refunds[refund_id], status=self.refund_status)

    async def read_movements(self, since: datetime, until: datetime) -> Movements:
        """What a test put there."""
        return Movements(
            tuple(item for item in self.movements if since <= item.occurred_at < until), tuple(self.payouts), until
        )

    async def read_dispute(self, dispute_id: str) -> DisputeView:
        self.calls.append(("read_dispute", dispute_id))
        if "read_dispute" in self._lost:
            self._lost.remove("read_dispute")
            raise GatewayUnavailable("no_answer")
        if dispute_id not in self.disputes:
            raise GatewayRefused("resource_missing")
        view = self.disputes[dispute_id]
        if then := self._at.pop("read_dispute", None):
            await then()
        return view

    async def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> WebhookEvent:
        raise WebhookInvalid(f"the memory provider sends none: {len(headers)} headers, {len(raw_body)} bytes")
