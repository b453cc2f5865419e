"""How a call to the sandbox's Stripe is served: whose key, which words for what went wrong, what is told."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from litestar import Response

from demo.sandbox import stripe_shapes as shapes
from demo.sandbox.desk import Call, Desk, Reply, new_id
from demo.sandbox.sale import Refused, Sale
from demo.sandbox.stripe_requests import Malformed, read
from kit.requests import AnyRequest

T = TypeVar("T")

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


async def serve(request: AnyRequest, type_: type[T], act: Callable[[Desk, str, T], Reply]) -> Response[bytes]:
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
    if code == "disputed":
        return error(400, "The charge has been charged back.", code="charge_disputed", param="payment_intent")
    if code == "amount_too_large":
        return error(400, "The amount to capture exceeds what is capturable.", code=code, param="amount_to_capture")
    return error(400, f"The sale is {code}: this is not possible now.", code="payment_intent_unexpected_state")


def hosted_url(desk: Desk, sale: Sale) -> str:
    language = f"?lang={sale.language}" if sale.language in ("de", "en") else ""
    return f"{desk.public_url}/pay/stripe/{sale.id}{language}"


def find(desk: Desk, tenant: str, id_: str, what: str) -> Sale:
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
