"""Payment's HTTP contract in small, on a real socket of loopback: idempotent, with states, and with bad days.

The real service is used by the journeys; here the answers that it gives on a bad day can be asked for.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar, Response, get, post
from litestar.params import FromPath
from tests.support.worker import free_port

from contracts.money import Money
from contracts.payment import NewPayment, NewRefund, PaymentView
from kit.ids import uuid7
from kit.requests import AnyRequest

KEY = "test_key_of_erkelenz"


class PaymentStandIn:
    """`mode`: up, down (503), refuse (422), slow (no answer in time), nonsense (200, but no payment)."""

    def __init__(self) -> None:
        self.mode = "up"
        self.url = ""
        self.now = datetime.now(UTC)
        self.payments: dict[UUID, PaymentView] = {}
        self.created: list[NewPayment] = []
        self.calls: list[tuple[str, str]] = []
        self.answers: dict[str, tuple[bytes, PaymentView]] = {}
        self.refunds: list[NewRefund] = []
        self.stop: Callable[[], None] = _not_running

    def change(self, payment_id: UUID, **changes: object) -> PaymentView:
        view = self.payments[payment_id]
        view = msgspec.structs.replace(view, version=view.version + 1, **changes)
        self.payments[payment_id] = view
        return view

    async def answer(self, request: AnyRequest, verb: str, payment_id: UUID | None = None) -> Response[bytes]:
        self.calls.append((verb, request.headers.get("Idempotency-Key", "")))
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return _problem(401, "unauthorised")
        if self.mode == "slow":
            await asyncio.sleep(30)
        if self.mode in ("down", "refuse"):
            return _problem({"down": 503, "refuse": 422}[self.mode], self.mode)
        if self.mode == "nonsense":
            return Response(b"<html>", media_type="text/html", status_code=200)
        return self._once(request.headers.get("Idempotency-Key"), await request.body(), verb, payment_id)

    def _once(self, key: str | None, body: bytes, verb: str, payment_id: UUID | None) -> Response[bytes]:
        if verb != "read" and not key:
            return _problem(400, "invalid_request")
        if key in self.answers:
            known, view = self.answers[key]
            return _answer(view) if known == body else _problem(409, "idempotency_key_reused")
        if payment_id is not None and payment_id not in self.payments:
            return _problem(404, "not_found")
        view = self._create(body) if payment_id is None else self._act(verb, payment_id, body)
        if isinstance(view, Response):
            return view
        if key:
            self.answers[key] = (body, view)
        return _answer(view)

    def _create(self, body: bytes) -> PaymentView:
        new = msgspec.json.decode(body, type=NewPayment)
        self.created.append(new)
        id_ = uuid7()
        self.payments[id_] = PaymentView(
            id=id_,
            state="created",
            version=1,
            reference=new.reference,
            amount=Money(sum(item.amount_cents * item.quantity for item in new.items)),
            refunded=Money(0),
            next_url=f"{self.url}/erkelenz/checkout/{id_}",
            treasury_reference=f"ERK-{len(self.payments) + 1}",
            expires_at=self.now + timedelta(seconds=new.expires_in_s or 1800),
        )
        return self.payments[id_]

    def _act(self, verb: str, payment_id: UUID, body: bytes) -> PaymentView | Response[bytes]:
        view = self.payments[payment_id]
        if verb == "read":
            return view
        if verb == "capture":
            return self.change(payment_id, state="paid") if view.state == "authorised" else _problem(409, "conflict")
        if verb == "cancellation":
            ends = view.state in ("created", "pending", "authorised")
            return self.change(payment_id, state="cancelled") if ends else _problem(409, "conflict")
        refund = msgspec.json.decode(body, type=NewRefund)
        self.refunds.append(refund)
        return self.change(payment_id, refunded=Money(view.refunded.amount_cents + refund.amount_cents))


def _not_running() -> None:
    raise RuntimeError("the stand-in does not run")


def _answer(view: PaymentView) -> Response[bytes]:
    return Response(msgspec.json.encode(view), media_type="application/json", status_code=200)


def _problem(status: int, code: str) -> Response[bytes]:
    body = msgspec.json.encode({"status": status, "code": code, "title": code, "detail": code})
    return Response(body, media_type="application/problem+json", status_code=status)


def _app(stand_in: PaymentStandIn) -> Litestar:
    @post("/v1/payments")
    async def create(request: AnyRequest) -> Response[bytes]:
        return await stand_in.answer(request, "create")

    @get("/v1/payments/{payment_id:uuid}")
    async def read(request: AnyRequest, payment_id: FromPath[UUID]) -> Response[bytes]:
        return await stand_in.answer(request, "read", payment_id)

    @post("/v1/payments/{payment_id:uuid}/{verb:str}")
    async def act(request: AnyRequest, payment_id: FromPath[UUID], verb: FromPath[str]) -> Response[bytes]:
        return await stand_in.answer(request, verb, payment_id)

    return Litestar([create, read, act], openapi_config=None, logging_config=None)


@asynccontextmanager
async def serve_stand_in() -> AsyncIterator[PaymentStandIn]:
    """In a thread with a loop of its own: Litestar's test client blocks the test's loop while the application works."""
    stand_in = PaymentStandIn()
    port = free_port()
    stand_in.url = f"http://127.0.0.1:{port}"
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_serve, args=(loop, stand_in, port), name="payment stand-in")
    thread.start()
    await _wait_for(port)
    try:
        yield stand_in
    finally:
        loop.call_soon_threadsafe(stand_in.stop)
        await asyncio.to_thread(thread.join)


def _serve(loop: asyncio.AbstractEventLoop, stand_in: PaymentStandIn, port: int) -> None:
    async def run() -> None:
        server = Server(
            _app(stand_in),
            address="127.0.0.1",
            port=port,
            interface=Interfaces.ASGI,
            log_enabled=False,
            websockets=False,
        )
        stand_in.stop = server.stop
        await server.serve()

    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run())
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
        asyncio.set_event_loop(None)


async def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            await writer.wait_closed()
            return
    raise RuntimeError("the stand-in did not start")
