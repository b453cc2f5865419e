"""Both providers, for the state machine's stories: each keeps its truth, writes of its changes, and has bad moments."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from tests.payment.support.provider import Killed, MemoryProvider, Session

from contracts.money import Money
from payment.domain.attempt import Provider
from payment.gateways.gateway import (
    CaptureView,
    DisputeView,
    GatewayRefused,
    GatewayUnavailable,
    OpenedSession,
    OpenSession,
    RefundView,
    SessionView,
    WebhookEvent,
)

Fault = Literal["lost before", "lost after", "died before", "died after"]
FAULTS: tuple[Fault, ...] = ("lost before", "lost after", "died before", "died after")
ANY = "any"
CALLS = ("open", "read", "close", "authorise", "capture", "void", "refund", "read_refund", "read_dispute")


class Bank(MemoryProvider):
    """`is_paypal`: an approval reserves nothing yet, and an order cannot be closed."""

    def __init__(self, *, is_paypal: bool) -> None:
        super().__init__()
        self.is_paypal = is_paypal
        self.post: list[WebhookEvent] = []
        self.pending: set[str] = set()
        """Sessions whose capture the provider works on."""
        self.returned: list[tuple[str, str]] = []
        """Refund and session, of all that went back or is on its way."""
        self.asked: set[str] = set()
        """Keys of the refunds that we were asked for, whatever came of it."""
        self.declines: set[str] = set()
        self.approvals: dict[str, int] = {}
        self._faults: dict[str, Fault] = {}

    def spoil(self, call: str, fault: Fault) -> None:
        self._faults[call] = fault

    def be_well(self) -> None:
        self._faults.clear()
        self.capture_status, self.refund_status = "paid", "succeeded"

    async def _badly(self, call: str, answer: Callable[[], Awaitable[Any]]) -> Any:
        fault = self._faults.pop(call, None) or self._faults.pop(ANY, None)
        if fault == "died before":
            raise Killed
        if fault == "lost before":
            raise GatewayUnavailable("no_answer")
        found = await answer()
        if fault == "died after":
            raise Killed
        if fault == "lost after":
            raise GatewayUnavailable("no_answer")
        return found

    def write(
        self, type_: str, session: Session, *, refund_id: str | None = None, dispute_id: str | None = None
    ) -> None:
        other = refund_id or dispute_id
        event = WebhookEvent(
            id=f"{'WH' if self.is_paypal else 'evt'}-{len(self.post)}",
            type=type_,
            object_id=other or session.id,
            session_id=None if other else session.id,
            refund_id=refund_id,
            dispute_id=dispute_id,
            attempt_id=None if other or self.is_paypal else session.request.attempt_id,
        )
        self.post.append(event)

    # --- what the citizen and time do there --------------------------------------------------------------------------

    def agree(self, session: Session) -> None:
        if session.status != "open":
            return
        if self.is_paypal:
            session.approve()
            self.approvals[session.id] = self.approvals.get(session.id, 0) + 1
        else:
            session.pay()
        self.write("agreed", session)

    def decline(self, session: Session) -> None:
        """PayPal finds out when the money is to be reserved."""
        if self.is_paypal:
            self.declines.add(session.id)
        elif session.status == "open":
            session.last_decline = "card_declined"
            self.write("declined", session)

    def change(self, session: Session, source: str, target: str) -> None:
        if session.status == source:
            self.pending.discard(session.id)
            session.status = target
            self.write(target, session)

    def end_refund(self, refund_id: str, status: Any) -> None:
        view = self.refunds[refund_id]
        if view.status == "pending":
            self.refunds[refund_id] = msgspec.structs.replace(view, status=status)
            self.write(f"refund {status}", self._session_of(refund_id), refund_id=refund_id)

    def open_dispute(self, session: Session) -> None:
        """Over all that is left; once for each session."""
        id_, cents = f"du_{session.id}", self.kept_cents(session)
        if cents and id_ not in self.disputes:
            self.disputes[id_] = DisputeView(
                dispute_id=id_,
                status="opened",
                amount=Money(cents),
                capture_id=f"cap_{session.id}",
                reason="fraudulent",
                opened_at=datetime.now(UTC),
            )
            self.write("dispute", session, dispute_id=id_)

    def end_dispute(self, dispute_id: str, status: Literal["opened", "won", "lost"]) -> None:
        """Lost is what is there; what was won may be disputed again, what was lost is lost."""
        dispute, session = self.disputes[dispute_id], self.sessions[dispute_id.removeprefix("du_")]
        if (dispute.status == "opened") == (status == "opened") or dispute.status == "lost":
            return
        cents = min(dispute.amount.amount_cents, self.kept_cents(session))
        if status == "lost":
            status = "lost" if cents else "won"
            dispute = msgspec.structs.replace(dispute, amount=Money(cents or dispute.amount.amount_cents))
        self.disputes[dispute_id] = msgspec.structs.replace(dispute, status=status)
        self.write(f"dispute {status}", session, dispute_id=dispute_id)

    def _session_of(self, refund_id: str) -> Session:
        return self.sessions[dict(self.returned)[refund_id]]

    # --- what payment asks -------------------------------------------------------------------------------------------

    async def open_session(self, request: OpenSession) -> OpenedSession:
        opened: OpenedSession = await self._badly("open", lambda: super(Bank, self).open_session(request))
        return opened

    async def read_session(self, session_id: str) -> SessionView:
        view: SessionView = await self._badly("read", lambda: super(Bank, self).read_session(session_id))
        return view

    async def close_session(self, session_id: str, key: str) -> SessionView:
        async def promise() -> SessionView:
            view = self.sessions[session_id].view()
            return msgspec.structs.replace(view, status="closed") if view.status in ("open", "approved") else view

        answer = promise if self.is_paypal else lambda: super(Bank, self).close_session(session_id, key)
        view: SessionView = await self._badly("close", answer)
        return view

    async def authorise(self, session_id: str, key: str) -> SessionView:
        """Each approval has a key of its own, as the gateway makes it."""

        async def take() -> SessionView:
            session = self.sessions[session_id]
            if session_id in self.declines and session.status == "approved":
                self.declines.remove(session_id)
                session.status, session.last_decline = "open", "INSTRUMENT_DECLINED"
            before = session.status
            view = await super(Bank, self).authorise(session_id, f"{key}:{self.approvals.get(session_id)}")
            if session.status != before:
                self.write("taken", session)
            return view

        view: SessionView = await self._badly("authorise", take)
        return view

    async def capture(self, authorization_id: str, amount: Money, key: str) -> CaptureView:
        async def take() -> CaptureView:
            session = self.sessions[authorization_id.removeprefix("auth_")]
            if session.status == "closed":
                raise GatewayRefused("authorization_over")
            if session.status == "paid" or session.id in self.pending:
                status: Any = "paid" if session.status == "paid" else "pending"
                return CaptureView(status=status, amount=amount, capture_id=f"cap_{session.id}")
            if self.capture_status == "pending":
                self.pending.add(session.id)
            view = await super(Bank, self).capture(authorization_id, amount, key)
            self.write("capture", session)
            return view

        view: CaptureView = await self._badly("capture", take)
        return view

    async def void(self, authorization_id: str, key: str) -> Any:
        return await self._badly("void", lambda: super(Bank, self).void(authorization_id, key))

    async def refund(self, capture_id: str, amount: Money, key: str) -> RefundView:
        async def give_back() -> RefundView:
            session = self.sessions[capture_id.removeprefix("cap_")]
            known = set(self.refunds)
            if key not in self._by_key and amount.amount_cents > self.kept_cents(session):
                raise GatewayRefused("refund_exceeds_capture")
            if key not in self._by_key and self._refuses_disputed(session):
                raise GatewayRefused("charge_disputed")
            view = await super(Bank, self).refund(capture_id, amount, key)
            if view.refund_id not in known:
                self.returned.append((view.refund_id, session.id))
                self.write("refund", session, refund_id=view.refund_id)
            return self.refunds[view.refund_id]

        self.asked.add(key)
        view: RefundView = await self._badly("refund", give_back)
        return view

    def _refuses_disputed(self, session: Session) -> bool:
        """One of them would give back what is disputed: it is for us to know better."""
        dispute = self.disputes.get(f"du_{session.id}")
        return dispute is not None and (dispute.status == "lost" or (dispute.status == "opened" and not self.is_paypal))

    async def read_refund(self, refund_id: str) -> RefundView:
        async def read() -> RefundView:
            return self.refunds[refund_id]

        view: RefundView = await self._badly("read_refund", read)
        return view

    async def read_dispute(self, dispute_id: str) -> DisputeView:
        view: DisputeView = await self._badly("read_dispute", lambda: super(Bank, self).read_dispute(dispute_id))
        return view

    async def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> WebhookEvent:  # noqa: ARG002
        return msgspec.json.decode(raw_body, type=WebhookEvent)

    def lost_cents(self, session: Session) -> int:
        dispute = self.disputes.get(f"du_{session.id}")
        return dispute.amount.amount_cents if dispute and dispute.status == "lost" else 0

    def kept_cents(self, session: Session) -> int:
        """Taken and not given back, pending refunds counted as gone. What was lost by a dispute stands apart."""
        taken = session.amount.amount_cents if session.status == "paid" else 0
        views = [self.refunds[refund_id] for refund_id, of in self.returned if of == session.id]
        return taken - sum(view.amount.amount_cents for view in views if view.status != "failed")


class Banks(dict[Provider, Bank]):
    def __init__(self) -> None:
        super().__init__({"stripe": Bank(is_paypal=False), "paypal": Bank(is_paypal=True)})

    async def find(self, tenant: str, provider: Provider) -> Bank:  # noqa: ARG002 - there is one town
        return self[provider]
