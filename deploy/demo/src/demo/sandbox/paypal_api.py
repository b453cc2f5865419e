"""PayPal's HTTP API, as far as the sandbox goes: token, orders, authorizations, captures, refunds, certificate."""

from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import parse_qs

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from demo.sandbox import paypal_shapes as shapes
from demo.sandbox import sale as sales
from demo.sandbox.book import find_refund
from demo.sandbox.desk import CAPITALS, Call, Desk, Reply, new_id
from demo.sandbox.paypal_requests import CaptureAuthorization, NewOrder, NewRefund, Nothing
from demo.sandbox.sale import Refused, Sale

AnyRequest = Request[Any, Any, Any]
T = TypeVar("T")
TOKEN_LIFE = timedelta(hours=9)
UNPROCESSABLE = "The requested action could not be performed, semantically incorrect, or failed business validation."
FAILURE = shapes.problem("INTERNAL_SERVER_ERROR", "The sandbox was told to fail.")
CONFLICT = Reply(
    422,
    shapes.problem("UNPROCESSABLE_ENTITY", UNPROCESSABLE, "PAYPAL_REQUEST_ID_PREVIOUSLY_USED"),
)
ISSUES = {
    "amount_too_large": "MAX_CAPTURE_AMOUNT_EXCEEDED",
    "refund_too_large": "REFUND_AMOUNT_EXCEEDED",
    "fully_refunded": "CAPTURE_FULLY_REFUNDED",
    "amount_not_positive": "CANNOT_BE_ZERO_OR_NEGATIVE",
    "pending": "PENDING_CAPTURE",
}


class Missing(Exception):
    """No such object in this account."""


def unprocessable(issue: str) -> Reply:
    return Reply(422, shapes.problem("UNPROCESSABLE_ENTITY", UNPROCESSABLE, issue))


async def _serve(request: AnyRequest, type_: type[T], act: Callable[[Desk, str, T], Reply]) -> Response[bytes]:
    desk: Desk = request.app.state.desk
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    tenant = desk.book.find_token(token, desk.clock())
    if tenant is None:
        return _answer(401, msgspec.json.encode(shapes.problem("AUTHENTICATION_FAILURE", "Token not valid.")))
    content = await request.body()
    reads = request.method == "GET"
    call = Call(
        provider="paypal",
        tenant=tenant,
        path=request.url.path,
        content=content,
        key="" if reads else request.headers.get("paypal-request-id", ""),
        reads=reads,
    )
    act_safely = _in_words(lambda: act(desk, tenant, _read(content, type_)))
    served = await desk.serve(call, act_safely, failure=FAILURE, conflict=CONFLICT)
    return _answer(served.status, served.content)


def _read(content: bytes, type_: type[T]) -> T:
    return msgspec.json.decode(content or b"{}", type=type_)


def _answer(status: int, content: bytes) -> Response[bytes]:
    headers = {"PayPal-Debug-Id": new_id("", 13)}
    return Response(content, status_code=status, media_type="application/json", headers=headers)


def _in_words(act: Callable[[], Reply]) -> Callable[[], Reply]:
    def act_safely() -> Reply:
        try:
            return act()
        except msgspec.MsgspecError as bad:
            message = "Request is not well-formed, syntactically incorrect, or violates schema."
            return Reply(400, shapes.problem("INVALID_REQUEST", message, "INVALID_PARAMETER_SYNTAX", str(bad)), False)
        except Missing:
            message = "The specified resource does not exist."
            return Reply(404, shapes.problem("RESOURCE_NOT_FOUND", message, "INVALID_RESOURCE_ID"), False)
        except Refused as refused:
            return unprocessable(ISSUES.get(refused.code, refused.code))

    return act_safely


def _find(desk: Desk, tenant: str, id_: str) -> Sale:
    sale = desk.find_sale("paypal", id_, tenant)
    if sale is None:
        raise Missing
    return sale


def _order(desk: Desk, sale: Sale, status: int = 200) -> Reply:
    return Reply(status, shapes.order(sale, desk.public_url, desk.clock()))


def tell(desk: Desk, sale: Sale, kind: str, resource: dict[str, Any]) -> None:
    id_ = new_id("WH-", 17, CAPITALS) + new_id("-", 17, CAPITALS)
    desk.tell("paypal", sale.tenant, shapes.event(id_, kind, resource, desk.clock()))


def _tell_capture(desk: Desk, sale: Sale) -> None:
    shape = shapes.capture(sale, desk.public_url, desk.clock())
    kind = "PENDING" if shape["status"] == "PENDING" else "COMPLETED"
    tell(desk, sale, f"PAYMENT.CAPTURE.{kind}", shape)


@post("/v1/oauth2/token", status_code=200)
async def create_token(request: AnyRequest) -> Response[bytes]:
    desk: Desk = request.app.state.desk
    try:
        basic = b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    except ValueError:
        basic = ""
    client_id, _, secret = basic.partition(":")
    tenant = desk.accounts.tenant_of_paypal_client(client_id, secret)
    form = parse_qs((await request.body()).decode())
    if tenant is None:
        refused = {"error": "invalid_client", "error_description": "Client Authentication failed"}
        return _answer(401, msgspec.json.encode(refused))
    if form.get("grant_type") != ["client_credentials"]:
        return _answer(400, msgspec.json.encode({"error": "unsupported_grant_type", "error_description": "No."}))
    token = new_id("A21AA", 80)
    with desk.book.transaction():
        desk.book.save_token(token, tenant, desk.clock() + TOKEN_LIFE)
    body = {"access_token": token, "token_type": "Bearer", "expires_in": int(TOKEN_LIFE.total_seconds()), "scope": ""}
    return _answer(200, msgspec.json.encode(body))


@post("/v2/checkout/orders", status_code=201)
async def create_order(request: AnyRequest) -> Response[bytes]:
    return await _serve(request, NewOrder, _create_order)


def _create_order(desk: Desk, tenant: str, new: NewOrder) -> Reply:
    now, unit, context = desk.clock(), new.purchase_units[0], new.payment_source.paypal.experience_context
    sale = Sale(
        id=new_id("", 17, CAPITALS),
        provider="paypal",
        tenant=tenant,
        reference=unit.invoice_id,
        label=unit.reference_id,
        description=unit.description,
        attempt_id=unit.custom_id,
        amount_cents=int(Decimal(unit.amount.value) * 100),
        currency=unit.amount.currency_code,
        manual=new.intent == "AUTHORIZE",
        success_url=context.return_url,
        cancel_url=context.cancel_url,
        language=context.locale[:2],
        created_at=now,
        updated_at=now,
    )
    desk.book.save_sale(sale)
    return _order(desk, sale)  # PayPal answers 200 when it gives a payment source's page to go to


@get("/v2/checkout/orders/{order_id:str}")
async def get_order(request: AnyRequest, order_id: FromPath[str]) -> Response[bytes]:
    return await _serve(request, Nothing, lambda desk, tenant, _: _order(desk, _find(desk, tenant, order_id)))


@post("/v2/checkout/orders/{order_id:str}/authorize", status_code=201)
async def authorize_order(request: AnyRequest, order_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        return _take(desk, _find(desk, tenant, order_id), manual=True)

    return await _serve(request, Nothing, act)


@post("/v2/checkout/orders/{order_id:str}/capture", status_code=201)
async def capture_order(request: AnyRequest, order_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        return _take(desk, _find(desk, tenant, order_id), manual=False)

    return await _serve(request, Nothing, act)


def _take(desk: Desk, sale: Sale, *, manual: bool) -> Reply:
    if sale.manual != manual:
        return unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
    if sale.state != "approved":
        done = "ORDER_ALREADY_AUTHORIZED" if manual else "ORDER_ALREADY_CAPTURED"
        return unprocessable("ORDER_NOT_APPROVED" if sale.state == "open" else done)
    now = desk.clock()
    if sales.declines_by_magic(sale):
        sales.decline(sale, "INSTRUMENT_DECLINED", now)
        desk.book.save_sale(sale)
        return unprocessable("INSTRUMENT_DECLINED")
    sales.take(sale, now)
    if manual:
        sale.authorization_id = new_id("", 17, CAPITALS)
        desk.book.save_sale(sale)
        tell(desk, sale, "PAYMENT.AUTHORIZATION.CREATED", shapes.authorization(sale, desk.public_url, now))
    else:
        sale.capture_id = new_id("", 17, CAPITALS)
        desk.book.save_sale(sale)
        _tell_capture(desk, sale)
    return _order(desk, sale, 201)


@get("/v2/payments/authorizations/{authorization_id:str}")
async def get_authorization(request: AnyRequest, authorization_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = _find(desk, tenant, authorization_id)
        return Reply(200, shapes.authorization(sale, desk.public_url, desk.clock()))

    return await _serve(request, Nothing, act)


@post("/v2/payments/authorizations/{authorization_id:str}/capture", status_code=201)
async def capture_authorization(request: AnyRequest, authorization_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, wanted: CaptureAuthorization) -> Reply:
        sale = _find(desk, tenant, authorization_id)
        if sale.state in ("paid", "voided", "expired"):
            words = {"paid": "AUTHORIZATION_ALREADY_CAPTURED", "voided": "AUTHORIZATION_VOIDED"}
            return unprocessable(words.get(sale.state, "AUTHORIZATION_EXPIRED"))
        cents = int(Decimal(wanted.amount.value) * 100) if wanted.amount else sale.amount_cents
        sales.capture(sale, cents, desk.clock())
        if sale.state == "expired":
            desk.book.save_sale(sale)
            return unprocessable("AUTHORIZATION_EXPIRED")
        sale.capture_id = new_id("", 17, CAPITALS)
        desk.book.save_sale(sale)
        _tell_capture(desk, sale)
        return Reply(201, shapes.capture(sale, desk.public_url, desk.clock()))

    return await _serve(request, CaptureAuthorization, act)


@post("/v2/payments/authorizations/{authorization_id:str}/void", status_code=200)
async def void_authorization(request: AnyRequest, authorization_id: FromPath[str]) -> Response[bytes]:
    whole = "return=representation" in request.headers.get("prefer", "")

    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = _find(desk, tenant, authorization_id)
        if sale.state != "authorised":
            words = {"paid": "PREVIOUSLY_CAPTURED", "voided": "PREVIOUSLY_VOIDED"}
            return unprocessable(words.get(sale.state, "CANNOT_BE_VOIDED"))
        sales.void(sale, desk.clock())
        desk.book.save_sale(sale)
        shape = shapes.authorization(sale, desk.public_url, desk.clock())
        tell(desk, sale, "PAYMENT.AUTHORIZATION.VOIDED", shape)
        return Reply(200, shape) if whole else Reply(204, None)

    return await _serve(request, Nothing, act)


@get("/v2/payments/captures/{capture_id:str}")
async def get_capture(request: AnyRequest, capture_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        return Reply(200, shapes.capture(_find(desk, tenant, capture_id), desk.public_url, desk.clock()))

    return await _serve(request, Nothing, act)


@post("/v2/payments/captures/{capture_id:str}/refund", status_code=201)
async def refund_capture(request: AnyRequest, capture_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, wanted: NewRefund) -> Reply:
        sale = _find(desk, tenant, capture_id)
        left = sale.captured_cents - sale.refunded_cents
        cents = int(Decimal(wanted.amount.value) * 100) if wanted.amount else left
        names = {"custom_id": wanted.custom_id, "invoice_id": wanted.invoice_id}
        metadata = {name: value for name, value in names.items() if value}
        made = sales.refund(sale, new_id("", 17, CAPITALS), cents, metadata, desk.clock())
        desk.book.save_sale(sale)
        shape = shapes.refund(sale, made, desk.public_url)
        tell(desk, sale, "PAYMENT.CAPTURE.REFUNDED", shape)
        return Reply(201, shape)

    return await _serve(request, NewRefund, act)


@get("/v2/payments/refunds/{refund_id:str}")
async def get_refund(request: AnyRequest, refund_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = _find(desk, tenant, refund_id)
        made = find_refund(sale, refund_id)
        if made is None:
            raise Missing
        return Reply(200, shapes.refund(sale, made, desk.public_url))

    return await _serve(request, Nothing, act)


@get("/v1/notifications/certs/{name:str}")
async def get_certificate(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    signer = request.app.state.signer
    if name != signer.name:
        return Response(b"", status_code=404)
    return Response(signer.chain_pem, media_type="application/x-pem-file")


ROUTES = Router(
    "/",
    route_handlers=[
        create_token,
        create_order,
        get_order,
        authorize_order,
        capture_order,
        get_authorization,
        capture_authorization,
        void_authorization,
        get_capture,
        refund_capture,
        get_refund,
        get_certificate,
    ],
)
