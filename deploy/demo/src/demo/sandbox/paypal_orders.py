"""PayPal's token and orders, as far as the sandbox goes."""

from base64 import b64decode
from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qs

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath

from demo.sandbox import disputes
from demo.sandbox import paypal_shapes as shapes
from demo.sandbox import sale as sales
from demo.sandbox.desk import CAPITALS, Desk, Reply, new_id
from demo.sandbox.paypal_desk import answer, find, serve, tell, tell_capture, unprocessable
from demo.sandbox.paypal_requests import NewOrder, Nothing
from demo.sandbox.sale import Sale
from kit.requests import AnyRequest

TOKEN_LIFE = timedelta(hours=9)


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
        return answer(401, msgspec.json.encode(refused))
    if form.get("grant_type") != ["client_credentials"]:
        return answer(400, msgspec.json.encode({"error": "unsupported_grant_type", "error_description": "No."}))
    token = new_id("A21AA", 80)
    with desk.book.transaction():
        desk.book.save_token(token, tenant, desk.clock() + TOKEN_LIFE)
    body = {"access_token": token, "token_type": "Bearer", "expires_in": int(TOKEN_LIFE.total_seconds()), "scope": ""}
    return answer(200, msgspec.json.encode(body))


def _order(desk: Desk, sale: Sale, status: int = 200) -> Reply:
    return Reply(status, shapes.order(sale, desk.public_url, desk.clock()))


@post("/v2/checkout/orders", status_code=201)
async def create_order(request: AnyRequest) -> Response[bytes]:
    return await serve(request, NewOrder, _create_order)


def _create_order(desk: Desk, tenant: str, new: NewOrder) -> Reply:
    now, unit, context = desk.clock(), new.purchase_units[0], new.payment_source.paypal.experience_context
    sale = Sale(
        id=new_id("", 17, CAPITALS),
        provider="paypal",
        tenant=tenant,
        reference=unit.invoice_id,
        unit_id=unit.reference_id,
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
    return await serve(request, Nothing, lambda desk, tenant, _: _order(desk, find(desk, tenant, order_id)))


@post("/v2/checkout/orders/{order_id:str}/authorize", status_code=201)
async def authorize_order(request: AnyRequest, order_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        return _take(desk, find(desk, tenant, order_id), manual=True)

    return await serve(request, Nothing, act)


@post("/v2/checkout/orders/{order_id:str}/capture", status_code=201)
async def capture_order(request: AnyRequest, order_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        return _take(desk, find(desk, tenant, order_id), manual=False)

    return await serve(request, Nothing, act)


def _take(desk: Desk, sale: Sale, *, manual: bool) -> Reply:
    if sale.manual != manual:
        return unprocessable("ACTION_DOES_NOT_MATCH_INTENT")
    if sale.state != "approved":
        done = "ORDER_ALREADY_AUTHORIZED" if manual else "ORDER_ALREADY_CAPTURED"
        return unprocessable("ORDER_NOT_APPROVED" if sale.state == "open" else done)
    now = desk.clock()
    if sales.declines_by_magic(sale):
        code = "TRANSACTION_REFUSED" if manual else "INSTRUMENT_DECLINED"
        sales.decline(sale, code, now)
        desk.book.save_sale(sale)
        return unprocessable(code)
    sales.take(sale, now)
    if manual:
        sale.authorization_id = new_id("", 17, CAPITALS)
        desk.book.save_sale(sale)
        tell(desk, sale, "PAYMENT.AUTHORIZATION.CREATED", shapes.authorization(sale, desk.public_url, now))
    else:
        sale.capture_id = new_id("", 17, CAPITALS)
        desk.book.save_sale(sale)
        tell_capture(desk, sale)
        disputes.open_by_magic(desk, sale)
    return _order(desk, sale, 201)


ROUTES = Router("/", route_handlers=[create_token, create_order, get_order, authorize_order, capture_order])
