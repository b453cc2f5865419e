"""Stripe's HTTP API, as far as the sandbox goes: sessions, payment intents, refunds, events."""

from datetime import timedelta

from litestar import Response, Router, get, post
from litestar.params import FromPath

from demo.sandbox import disputes
from demo.sandbox import sale as sales
from demo.sandbox import stripe_shapes as shapes
from demo.sandbox.book import find_refund
from demo.sandbox.desk import Desk, Reply, new_id
from demo.sandbox.sale import Sale
from demo.sandbox.stripe_desk import Missing, error, find, hosted_url, serve, tell
from demo.sandbox.stripe_requests import (
    CancelIntent,
    CaptureIntent,
    ListEvents,
    ListRefunds,
    Malformed,
    NewRefund,
    NewSession,
    Nothing,
)
from kit.requests import AnyRequest

DAY = timedelta(hours=24)
HALF_HOUR = timedelta(minutes=30)


def _session(desk: Desk, sale: Sale, expand: list[str]) -> Reply:
    shape = shapes.session(sale, hosted_url(desk, sale), desk.clock(), frozenset(expand))
    return Reply(200, shape)


@post("/checkout/sessions", status_code=200)
async def create_session(request: AnyRequest) -> Response[bytes]:
    return await serve(request, NewSession, _create_session)


def _create_session(desk: Desk, tenant: str, new: NewSession) -> Reply:
    now = desk.clock()
    expires_at = shapes.instant(int(new.expires_at)) if new.expires_at else now + DAY
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
        amount_cents=sum(int(item.quantity) * int(item.price_data.unit_amount) for item in new.line_items),
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
    return await serve(
        request,
        Nothing,
        lambda desk, tenant, query: _session(desk, find(desk, tenant, session_id, "checkout.session"), query.expand),
    )


@post("/checkout/sessions/{session_id:str}/expire", status_code=200)
async def expire_session(request: AnyRequest, session_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, query: Nothing) -> Reply:
        sale = find(desk, tenant, session_id, "checkout.session")
        sales.expire(sale, desk.clock())
        desk.book.save_sale(sale)
        tell(desk, sale, "checkout.session.expired")
        return _session(desk, sale, query.expand)

    return await serve(request, Nothing, act)


@get("/payment_intents/{intent_id:str}")
async def get_intent(request: AnyRequest, intent_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, query: Nothing) -> Reply:
        sale = find(desk, tenant, intent_id, "payment_intent")
        return Reply(200, shapes.intent(sale, desk.clock(), frozenset(query.expand)))

    return await serve(request, Nothing, act)


@post("/payment_intents/{intent_id:str}/capture", status_code=200)
async def capture_intent(request: AnyRequest, intent_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, params: CaptureIntent) -> Reply:
        sale = find(desk, tenant, intent_id, "payment_intent")
        sales.capture(sale, int(params.amount_to_capture or sale.amount_cents), desk.clock())
        desk.book.save_sale(sale)
        if sale.state == "expired":
            tell(desk, sale, "payment_intent.canceled")
            return error(400, "The authorisation has lapsed.", code="charge_expired_for_capture")
        tell(desk, sale, "payment_intent.succeeded")
        disputes.open_by_magic(desk, sale)
        return Reply(200, shapes.intent(sale, desk.clock(), frozenset(params.expand)))

    return await serve(request, CaptureIntent, act)


@post("/payment_intents/{intent_id:str}/cancel", status_code=200)
async def cancel_intent(request: AnyRequest, intent_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, params: CancelIntent) -> Reply:
        sale = find(desk, tenant, intent_id, "payment_intent")
        sales.void(sale, desk.clock())
        desk.book.save_sale(sale)
        tell(desk, sale, "payment_intent.canceled")
        return Reply(200, shapes.intent(sale, desk.clock(), frozenset(params.expand)))

    return await serve(request, CancelIntent, act)


@post("/refunds", status_code=200)
async def create_refund(request: AnyRequest) -> Response[bytes]:
    def act(desk: Desk, tenant: str, new: NewRefund) -> Reply:
        sale = find(desk, tenant, new.payment_intent, "payment_intent")
        left = sale.captured_cents - sale.refunded_cents
        made = sales.refund(sale, new_id("re_", 24), int(new.amount or left), new.metadata, desk.clock())
        desk.book.save_sale(sale)
        tell(desk, sale, "refund.created", shapes.refund(sale, made))
        tell(desk, sale, "charge.refunded", shapes.charge(sale))
        return Reply(200, shapes.refund(sale, made))

    return await serve(request, NewRefund, act)


@get("/refunds")
async def list_refunds(request: AnyRequest) -> Response[bytes]:
    def act(desk: Desk, tenant: str, query: ListRefunds) -> Reply:
        sale = find(desk, tenant, query.payment_intent, "payment_intent")
        items = [shapes.refund(sale, made) for made in reversed(sale.refunds)]
        return Reply(200, shapes.listing(items[: int(query.limit)], "/v1/refunds"))

    return await serve(request, ListRefunds, act)


@get("/refunds/{refund_id:str}")
async def get_refund(request: AnyRequest, refund_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = find(desk, tenant, refund_id, "refund")
        made = find_refund(sale, refund_id)
        if made is None:
            raise Missing("refund", refund_id)
        return Reply(200, shapes.refund(sale, made))

    return await serve(request, Nothing, act)


@get("/events")
async def list_events(request: AnyRequest) -> Response[bytes]:
    return await serve(
        request,
        ListEvents,
        lambda desk, tenant, query: Reply(
            200, shapes.listing(desk.book.list_events("stripe", tenant, int(query.limit)), "/v1/events")
        ),
    )


@get("/events/{event_id:str}")
async def get_event(request: AnyRequest, event_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        event = desk.book.find_event("stripe", tenant, event_id)
        if event is None:
            raise Missing("event", event_id)
        return Reply(200, event)

    return await serve(request, Nothing, act)


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
