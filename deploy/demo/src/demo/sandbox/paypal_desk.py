"""How a call to the sandbox's PayPal is served: whose token, which words for what went wrong, what is told."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from litestar import Response

from demo.sandbox import paypal_shapes as shapes
from demo.sandbox.desk import CAPITALS, Call, Desk, Reply, new_id
from demo.sandbox.sale import Refused, Sale
from kit.requests import AnyRequest

T = TypeVar("T")
UNPROCESSABLE = "The requested action could not be performed, semantically incorrect, or failed business validation."
FAILURE = shapes.problem("INTERNAL_SERVER_ERROR", "The sandbox was told to fail.")
MALFORMED = "Request is not well-formed, syntactically incorrect, or violates schema."
CONFLICT = Reply(400, shapes.problem("INVALID_REQUEST", MALFORMED, "INVALID_PARAMETER_VALUE"))
ISSUES = {
    "amount_too_large": "MAX_CAPTURE_AMOUNT_EXCEEDED",
    "refund_too_large": "REFUND_AMOUNT_EXCEEDED",
    "fully_refunded": "CAPTURE_FULLY_REFUNDED",
    "amount_not_positive": "CANNOT_BE_ZERO_OR_NEGATIVE",
    "pending": "PENDING_CAPTURE",
    "disputed": "TRANSACTION_DISPUTED",
}


class Missing(Exception):
    """No such object in this account."""


def unprocessable(issue: str) -> Reply:
    return Reply(422, shapes.problem("UNPROCESSABLE_ENTITY", UNPROCESSABLE, issue))


async def serve(request: AnyRequest, type_: type[T], act: Callable[[Desk, str, T], Reply]) -> Response[bytes]:
    desk: Desk = request.app.state.desk
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    tenant = desk.book.find_token(token, desk.clock())
    if tenant is None:
        return answer(401, msgspec.json.encode(shapes.problem("AUTHENTICATION_FAILURE", "Token not valid.")))
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
    return answer(served.status, served.content)


def _read(content: bytes, type_: type[T]) -> T:
    return msgspec.json.decode(content or b"{}", type=type_)


def answer(status: int, content: bytes) -> Response[bytes]:
    headers = {"PayPal-Debug-Id": new_id("", 13)}
    return Response(content, status_code=status, media_type="application/json", headers=headers)


def _in_words(act: Callable[[], Reply]) -> Callable[[], Reply]:
    def act_safely() -> Reply:
        try:
            return act()
        except msgspec.MsgspecError as bad:
            return Reply(400, shapes.problem("INVALID_REQUEST", MALFORMED, "INVALID_PARAMETER_SYNTAX", str(bad)), False)
        except Missing:
            message = "The specified resource does not exist."
            return Reply(404, shapes.problem("RESOURCE_NOT_FOUND", message, "INVALID_RESOURCE_ID"), False)
        except Refused as refused:
            return unprocessable(ISSUES.get(refused.code, refused.code))

    return act_safely


def find(desk: Desk, tenant: str, id_: str) -> Sale:
    sale = desk.find_sale("paypal", id_, tenant)
    if sale is None:
        raise Missing
    return sale


def tell(desk: Desk, sale: Sale, kind: str, resource: dict[str, Any]) -> None:
    id_ = new_id("WH-", 17, CAPITALS) + new_id("-", 17, CAPITALS)
    desk.tell("paypal", sale.tenant, shapes.event(id_, kind, resource, desk.clock()))


def tell_capture(desk: Desk, sale: Sale) -> None:
    shape = shapes.capture(sale, desk.public_url, desk.clock())
    kind = "PENDING" if shape["status"] == "PENDING" else "COMPLETED"
    tell(desk, sale, f"PAYMENT.CAPTURE.{kind}", shape)
