"""Stripe's HTTP API, as far as the sandbox goes: sessions, payment intents, refunds, events."""

from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from demo.sandbox import sale as sales
from demo.sandbox import stripe_shapes as shapes
from demo.sandbox.book import find_refund
from demo.sandbox.desk import Call, Desk, Reply, new_id
from demo.sandbox.sale import Refused, Sale
from demo.sandbox.stripe_requests import (
    CancelIntent,
    CaptureIntent,
    ListEvents,
    ListRefunds,
    Malformed,
    NewRefund,
    NewSession,
    Nothing,
    read,
)

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")
DAY = timedelta(hours=24)
HALF_HOUR = timedelta(minutes=30)

FAILURE = {"error": {"type": "api_error", "message": "The sandbox was told to fail."}}
KEY_REUSED = Reply(
    400,
    {
        "error": {
            "type": "idempotency_error",
            "message": "This idempotency key was first used with other parameters.",
        }
    },
)


class Missing(Exception):
    def __init__(self, what: str, id_: str) -> None:
        super().__init__(id_)
        self.what, self.id = what, id_


def error(status: int, message: str, *, code: str = "", param: str = "", kept: bool = True) -> Reply:
    body = {"type": "invalid_request_error", "message": message}
    body |= {name: value for name, value in (("code", code), ("param", param)) if value}
    return Reply(status, {"error": body}, kept)


async def _serve(request: AnyRequest, type_: type[T], act: Callable[[Desk, str, T], Reply]) -> Response[bytes]:
    desk: Desk = request.app.state.desk
    tenant = desk.accounts.tenant_of_stripe_key(_api_key(request))
    if tenant is None:
        refused = error(401, "Invalid API Key provided.")
        return _answer(refused.status, msgspec.json.encode(refused.body))
    reads = request.method == "GET"
    content = request.scope["query_string"] if reads else await request.body()
    call = Call(
        provider="stripe",
        tenant=tenant,
        path=request.url.path,
        content=content,
        key="" if reads else request.headers.get("idempotency-key", ""),
        reads=reads,
    )
    act_safely = _in_words(lambda: act(desk, tenant, read(content.decode(), type_)))
    served = await desk.serve(call, act_safely, failure=FAILURE, conflict=KEY_REUSED)
    return _answer(served.status, served.content, replayed=served.replayed)


def _api_key(request: AnyRequest) -> str:
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            return b64decode(value).decode().partition(":")[0]
        except ValueError:
            return ""
    return value


def _answer(status: int, content: bytes, *, replayed: bool = False) -> Response[bytes]:
    headers = {"Request-Id": new_id("req_", 14)} | ({"Idempotent-Replayed": "true"} if replayed else {})
    return Response(content, status_code=status, media_type="application/json", headers=headers)


def _in_words(act: Callable[[], Reply]) -> Callable[[], Reply]:
    """What is malformed was never begun, so Stripe forgets it; what was refused it keeps under the key."""

    def act_safely() -> Reply:
        try:
            return act()
        except Malformed as bad:
            return error(400, bad.message, code=bad.code, param=bad.param, kept=False)
        except Missing as missing:
            return error(
                404, f"No such {missing.what}: '{missing.id}'", code="resource_missing", param="id", kept=False
            )
        except Refused as refused:
            return _refusal(refused.code)

    return act_safely


def _refusal(code: str) -> Reply:
    if code == "fully_refunded":
        return error(400, "The charge has already been refunded.", code="charge_already_refunded")
    if code in ("refund_too_large", "amount_not_positive"):
        return error(400, "Refund amount is greater than unrefunded amount on charge.", param="amount")
    if code == "amount_too_large":
        return error(400, "The amount to capture exceeds what is capturable.", code=code, param="amount_to_capture")
    return error(400, f"The sale is {code}: this is not possible now.", code="payment_intent_unexpected_state")


def hosted_url(desk: Desk, sale: Sale) -> str:
    language = f"?lang={sale.language}" if sale.language in ("de", "en") else ""
    return f"{desk.public_url}/pay/stripe/{sale.id}{language}"


def _session(desk: Desk, sale: Sale, expand: list[str]) -> Reply:
    shape = shapes.session(sale, hosted_url(desk, sale), desk.clock(), frozenset(expand))
    return Reply(200, shape)


def _find(desk: Desk, tenant: str, id_: str, what: str) -> Sale:
    sale = desk.find_sale("stripe", id_, tenant)
    if sale is None:
        raise Missing(what, id_)
    return sale


def tell(desk: Desk, sale: Sale, kind: str, subject: dict[str, Any] | None = None) -> None:
    """An event about the session or, with a kind of its own, about the intent; or about `subject`."""
    now = desk.clock()
    if subject is None:
        about_session = kind.startswith("checkout.session")
        subject = shapes.session(sale, hosted_url(desk, sale), now) if about_session else shapes.intent(sale, now)
    desk.tell("stripe", sale.tenant, shapes.event(kind, subject, now, new_id))


@post("/checkout/sessions", status_code=200)
async def create_session(request: AnyRequest) -> Response[bytes]:
    return await _serve(request, NewSession, _create_session)


def _create_session(desk: Desk, tenant: str, new: NewSession) -> Reply:
    now = desk.clock()
    expires_at = shapes.instant(new.expires_at) if new.expires_at else now + DAY
    if not now + HALF_HOUR <= expires_at <= now + DAY:
        raise Malformed(
            "parameter_invalid", "`expires_at` must lie between 30 minutes and 24 hours ahead.", "expires_at"
        )
    intent = new.payment_intent_data
    sale = Sale(
        id=new_id("cs_test_", 58),
        provider="stripe",
        tenant=tenant,
        reference=new.client_reference_id,
        label=new.line_items[0].price_data.product_data.name,
        description=intent.description,
        attempt_id=intent.metadata.get("attempt_id", ""),
        metadata=new.metadata,
        amount_cents=sum(item.quantity * item.price_data.unit_amount for item in new.line_items),
        currency=new.line_items[0].price_data.currency.upper(),
        manual=intent.capture_method == "manual",
        success_url=new.success_url,
        cancel_url=new.cancel_url,
        language=new.locale,
        created_at=now,
        updated_at=now,
        expires_at=expires_at,
    )
    desk.book.save_sale(sale)
    return _session(desk, sale, new.expand)


@get("/checkout/sessions/{session_id:str}")
async def get_session(request: AnyRequest, session_id: FromPath[str]) -> Response[bytes]:
    return await _serve(
        request,
        Nothing,
        lambda desk, tenant, query: _session(desk, _find(desk, tenant, session_id, "checkout.session"), query.expand),
    )


@post("/checkout/sessions/{session_id:str}/expire", status_code=200)
async def expire_session(request: AnyRequest, session_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, query: Nothing) -> Reply:
        sale = _find(desk, tenant, session_id, "checkout.session")
        sales.expire(sale, desk.clock())
        desk.book.save_sale(sale)
        tell(desk, sale, "checkout.session.expired")
        return _session(desk, sale, query.expand)

    return await _serve(request, Nothing, act)


@get("/payment_intents/{intent_id:str}")
async def get_intent(request: AnyRequest, intent_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, query: Nothing) -> Reply:
        sale = _find(desk, tenant, intent_id, "payment_intent")
        return Reply(200, shapes.intent(sale, desk.clock(), frozenset(query.expand)))

    return await _serve(request, Nothing, act)


@post("/payment_intents/{intent_id:str}/capture", status_code=200)
async def capture_intent(request: AnyRequest, intent_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, params: CaptureIntent) -> Reply:
        sale = _find(desk, tenant, intent_id, "payment_intent")
        sales.capture(sale, params.amount_to_capture or sale.amount_cents, desk.clock())
        desk.book.save_sale(sale)
        if sale.state == "expired":
            tell(desk, sale, "payment_intent.canceled")
            return error(400, "The authorisation has lapsed.", code="charge_expired_for_capture")
        tell(desk, sale, "payment_intent.succeeded")
        return Reply(200, shapes.intent(sale, desk.clock(), frozenset(params.expand)))

    return await _serve(request, CaptureIntent, act)


@post("/payment_intents/{intent_id:str}/cancel", status_code=200)
async def cancel_intent(request: AnyRequest, intent_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, params: CancelIntent) -> Reply:
        sale = _find(desk, tenant, intent_id, "payment_intent")
        sales.void(sale, desk.clock())
        desk.book.save_sale(sale)
        tell(desk, sale, "payment_intent.canceled")
        return Reply(200, shapes.intent(sale, desk.clock(), frozenset(params.expand)))

    return await _serve(request, CancelIntent, act)


@post("/refunds", status_code=200)
async def create_refund(request: AnyRequest) -> Response[bytes]:
    def act(desk: Desk, tenant: str, new: NewRefund) -> Reply:
        sale = _find(desk, tenant, new.payment_intent, "payment_intent")
        left = sale.captured_cents - sale.refunded_cents
        made = sales.refund(sale, new_id("re_", 24), new.amount or left, new.metadata, desk.clock())
        desk.book.save_sale(sale)
        tell(desk, sale, "refund.created", shapes.refund(sale, made))
        tell(desk, sale, "charge.refunded", shapes.charge(sale))
        return Reply(200, shapes.refund(sale, made))

    return await _serve(request, NewRefund, act)


@get("/refunds")
async def list_refunds(request: AnyRequest) -> Response[bytes]:
    def act(desk: Desk, tenant: str, query: ListRefunds) -> Reply:
        sale = _find(desk, tenant, query.payment_intent, "payment_intent")
        items = [shapes.refund(sale, made) for made in reversed(sale.refunds)]
        return Reply(200, shapes.listing(items[: query.limit], "/v1/refunds"))

    return await _serve(request, ListRefunds, act)


@get("/refunds/{refund_id:str}")
async def get_refund(request: AnyRequest, refund_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = _find(desk, tenant, refund_id, "refund")
        made = find_refund(sale, refund_id)
        if made is None:
            raise Missing("refund", refund_id)
        return Reply(200, shapes.refund(sale, made))

    return await _serve(request, Nothing, act)


@get("/events")
async def list_events(request: AnyRequest) -> Response[bytes]:
    return await _serve(
        request,
        ListEvents,
        lambda desk, tenant, query: Reply(
            200, shapes.listing(desk.book.list_events("stripe", tenant, query.limit), "/v1/events")
        ),
    )


@get("/events/{event_id:str}")
async def get_event(request: AnyRequest, event_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        event = desk.book.find_event("stripe", tenant, event_id)
        if event is None:
            raise Missing("event", event_id)
        return Reply(200, event)

    return await _serve(request, Nothing, act)


ROUTES = Router(
    "/v1",
    route_handlers=[
        create_session,
        get_session,
        expire_session,
        get_intent,
        capture_intent,
        cancel_intent,
        create_refund,
        list_refunds,
        get_refund,
        list_events,
        get_event,
    ],
)
