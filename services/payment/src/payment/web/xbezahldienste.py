"""XBezahldienste 1.0.0: the German standard's interface, for portals and form servers. Path, names and codes are its.

Authentication is ours: an API key as bearer, or a client certificate that a proxy verified. Whoever may not is told
403 FORBIDDEN, since the standard knows no 401.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from litestar import Response, Router, get, post
from litestar.exceptions import HTTPException, SerializationException
from litestar.handlers import BaseRouteHandler
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, JSONBody, PathParameter
from litestar.plugins import OpenAPISchemaPlugin
from litestar.types import ExceptionHandlersMap, Guard

from kit.problems import Problem, answer, problem_handlers, retry_after
from kit.requests import AnyConnection, AnyRequest
from payment.domain.api_key import Scope
from payment.domain.errors import Forbidden, PaymentError, PaymentMissing
from payment.domain.xbezahldienste import AMOUNT_MAX, ID_PATTERN, PaymentTransaction, TransactionRequest
from payment.usecases.authenticate import authenticate_certificate
from payment.usecases.start_transaction import BASE_PATH, Account, check_ready, read_transaction, start_transaction
from payment.web.client_certificate import find_fingerprint
from payment.web.wiring import caller_of, guesses_counted, let_in, needs_key, tools_of, wired

T = TypeVar("T")
IdInPath = Annotated[str, PathParameter(pattern=ID_PATTERN)]

FUNCTIONAL_CODES = {
    "originator_unknown": "NO_VALID_ORIGINATOR_OR_ENDPOINT",
    "payment_exists": "PAYMENT_EXISTS",
    "calculation_error": "CALCULATION_ERROR",
    "booking_data_missing": "BOOKING_DATA_MISSING",
    "invalid_request": "VALIDATION_ERROR",
    "unauthorised": "FORBIDDEN",
    "forbidden": "FORBIDDEN",
}
"""By our own code; all others are UNSPECIFIED."""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


class ExactRequest(AnyRequest):
    """Reads 15.10 as it stands there, not as the nearest binary fraction."""

    async def json(self) -> Any:
        try:
            return _decoder.decode(await self.body())
        except (msgspec.DecodeError, ArithmeticError, RecursionError) as error:  # 1e99999999999999999999, [[[[…
            raise SerializationException(str(error)) from error


class ExactResponse(Response[T]):
    """Writes amounts as JSON numbers, digit by digit."""

    def render(self, content: Any, media_type: object, enc_hook: object = None) -> bytes:  # noqa: ARG002 - Litestar's
        if content is None:
            return b""
        return content if isinstance(content, bytes) else _encoder.encode(content)


class AmountSchema(OpenAPISchemaPlugin):
    """What Litestar would call a string."""

    @staticmethod
    def is_plugin_supported_type(value: Any) -> bool:
        return value is Decimal

    def to_openapi_schema(self, field_definition: object, schema_creator: object) -> Schema:  # noqa: ARG002
        return Schema(type=OpenAPIType.NUMBER, minimum=0, maximum=float(AMOUNT_MAX))


def needs_client(scope: Scope) -> Guard:
    """An API key of the tenant, or a certificate of this very originator. Raises Unauthorised, Forbidden, TooMany."""
    by_key = needs_key(scope)

    async def guard(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        wiring = wired(connection)
        fingerprint = find_fingerprint(connection, wiring.settings)
        if fingerprint is None or "authorization" in connection.headers:
            await by_key(connection, handler)  # type: ignore[misc] # the guard made above is awaitable
            return
        with guesses_counted(connection):
            originator = await authenticate_certificate(wiring.tools, fingerprint)
        wiring.limits.count_certificate(fingerprint)
        if connection.path_params.get("originator_id") != originator.originator_id:
            raise Forbidden("This certificate belongs to another originator.")
        let_in(connection, originator.tenant, f"certificate:{fingerprint[:16]}")

    return guard


@post(
    "/paymenttransaction/{originator_id:str}/{end_point_id:str}",
    status_code=200,
    guards=[needs_client("payments:create")],
)
async def start(
    request: AnyRequest, originator_id: IdInPath, end_point_id: IdInPath, data: JSONBody[TransactionRequest]
) -> PaymentTransaction:
    """Order a payment. The very same request again gets the same one, another with its requestId PAYMENT_EXISTS."""
    caller = caller_of(request)
    account = Account(caller.tenant, originator_id, end_point_id)
    return await start_transaction(tools_of(request), account, data, caller.actor)


@get(
    "/paymenttransaction/{originator_id:str}/{end_point_id:str}/{transaction_id:str}",
    guards=[needs_client("payments:read")],
)
async def read(
    request: AnyRequest, originator_id: IdInPath, end_point_id: IdInPath, transaction_id: FromPath[str]
) -> PaymentTransaction:
    """How it stands. There is no push here: ask until the status is no more INITIAL."""
    account = Account(caller_of(request).tenant, originator_id, end_point_id)
    try:
        payment_id = UUID(transaction_id)
    except ValueError:
        raise PaymentMissing("There is no such transaction.") from None
    return await read_transaction(tools_of(request), account, payment_id)


@get("/status/{originator_id:str}/{end_point_id:str}", guards=[needs_client("payments:read")])
async def status(request: AnyRequest, originator_id: IdInPath, end_point_id: IdInPath) -> None:
    """200 without a body: payments are taken. 403: not from you. 503: not now."""
    await check_ready(tools_of(request), Account(caller_of(request).tenant, originator_id, end_point_id))


def _exception_handlers() -> ExceptionHandlersMap:
    """The kit's problems, with the standard's code in each."""
    plain = problem_handlers(PaymentError)

    def choose(kind: type[Exception]) -> Callable[[AnyRequest, Any], Response[bytes]]:
        def handle(request: AnyRequest, error: Any) -> Response[bytes]:
            given: Response[bytes] = plain[kind](request, error)
            problem = msgspec.json.decode(given.content, type=Problem)
            code = FUNCTIONAL_CODES.get(problem.code, "UNSPECIFIED")
            if problem.status == 401:
                problem = msgspec.structs.replace(problem, status=403)
            return answer(problem, retry_after(error), more={"functionalCode": code})

        return handle

    kinds = (PaymentError, HTTPException, asyncpg.CharacterNotInRepertoireError, Exception)
    return {
        **{kind: choose(kind) for kind in kinds},
        OSError: _unavailable,
        asyncpg.PostgresConnectionError: _unavailable,
    }


def _unavailable(_: AnyRequest, __: Exception) -> Response[bytes]:
    problem = Problem(title="Not available", status=503, detail="Come again in a moment.", code="unavailable")
    return answer(problem, more={"functionalCode": "UNSPECIFIED"})


router = Router(
    BASE_PATH,
    route_handlers=[start, read, status],
    tags=["XBezahldienste"],
    request_class=ExactRequest,
    response_class=ExactResponse,
    exception_handlers=_exception_handlers(),
)
