"""PayPal's authorizations, captures and refunds, and the certificate of its webhooks."""

from decimal import Decimal

from litestar import Response, Router, get, post
from litestar.params import FromPath

from demo.sandbox import disputes
from demo.sandbox import paypal_shapes as shapes
from demo.sandbox import sale as sales
from demo.sandbox.book import find_refund
from demo.sandbox.desk import CAPITALS, Desk, Reply, new_id
from demo.sandbox.paypal_desk import Missing, find, serve, tell, tell_capture, unprocessable
from demo.sandbox.paypal_requests import CaptureAuthorization, NewRefund, Nothing
from kit.requests import AnyRequest


@get("/v2/payments/authorizations/{authorization_id:str}")
async def get_authorization(request: AnyRequest, authorization_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = find(desk, tenant, authorization_id)
        return Reply(200, shapes.authorization(sale, desk.public_url, desk.clock()))

    return await serve(request, Nothing, act)


@post("/v2/payments/authorizations/{authorization_id:str}/capture", status_code=201)
async def capture_authorization(request: AnyRequest, authorization_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, wanted: CaptureAuthorization) -> Reply:
        sale = find(desk, tenant, authorization_id)
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
        tell_capture(desk, sale)
        disputes.open_by_magic(desk, sale)
        return Reply(201, shapes.capture(sale, desk.public_url, desk.clock()))

    return await serve(request, CaptureAuthorization, act)


@post("/v2/payments/authorizations/{authorization_id:str}/void", status_code=200)
async def void_authorization(request: AnyRequest, authorization_id: FromPath[str]) -> Response[bytes]:
    whole = "return=representation" in request.headers.get("prefer", "")

    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = find(desk, tenant, authorization_id)
        if sale.state != "authorised":
            words = {"paid": "PREVIOUSLY_CAPTURED", "voided": "PREVIOUSLY_VOIDED"}
            return unprocessable(words.get(sale.state, "CANNOT_BE_VOIDED"))
        sales.void(sale, desk.clock())
        desk.book.save_sale(sale)
        shape = shapes.authorization(sale, desk.public_url, desk.clock())
        tell(desk, sale, "PAYMENT.AUTHORIZATION.VOIDED", shape)
        return Reply(200, shape) if whole else Reply(204, None)

    return await serve(request, Nothing, act)


@get("/v2/payments/captures/{capture_id:str}")
async def get_capture(request: AnyRequest, capture_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        return Reply(200, shapes.capture(find(desk, tenant, capture_id), desk.public_url, desk.clock()))

    return await serve(request, Nothing, act)


@post("/v2/payments/captures/{capture_id:str}/refund", status_code=201)
async def refund_capture(request: AnyRequest, capture_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, wanted: NewRefund) -> Reply:
        sale = find(desk, tenant, capture_id)
        left = sale.captured_cents - sale.refunded_cents
        cents = int(Decimal(wanted.amount.value) * 100) if wanted.amount else left
        names = {"custom_id": wanted.custom_id, "invoice_id": wanted.invoice_id}
        metadata = {name: value for name, value in names.items() if value}
        made = sales.refund(sale, new_id("", 17, CAPITALS), cents, metadata, desk.clock())
        desk.book.save_sale(sale)
        shape = shapes.refund(sale, made, desk.public_url)
        tell(desk, sale, "PAYMENT.CAPTURE.REFUNDED", shape)
        return Reply(201, shape)

    return await serve(request, NewRefund, act)


@get("/v2/payments/refunds/{refund_id:str}")
async def get_refund(request: AnyRequest, refund_id: FromPath[str]) -> Response[bytes]:
    def act(desk: Desk, tenant: str, _: Nothing) -> Reply:
        sale = find(desk, tenant, refund_id)
        made = find_refund(sale, refund_id)
        if made is None:
            raise Missing
        return Reply(200, shapes.refund(sale, made, desk.public_url))

    return await serve(request, Nothing, act)


@get("/v1/notifications/certs/{name:str}")
async def get_certificate(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
    signer = request.app.state.signer
    if name != signer.name:
        return Response(b"", status_code=404)
    return Response(signer.chain_pem, media_type="application/x-pem-file")


ROUTES = Router(
    "/",
    route_handlers=[
        get_authorization,
        capture_authorization,
        void_authorization,
        get_capture,
        refund_capture,
        get_refund,
        get_certificate,
    ],
)
