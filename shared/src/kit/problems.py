"""problem+json (RFC 9457) at the edge: typed errors inside, one shape outside.

Each service has a small tree of errors whose classes say status and code, and a title where that is more than the
status says; `problem_handlers` makes answers of them, of Litestar's own errors (malformed input names its field) and of
everything unforeseen (500, logged, no detail).
"""

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any, Protocol

import asyncpg
import msgspec
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.params import ParameterKwarg
from litestar.types import ExceptionHandlersMap

from kit.requests import AnyRequest

log = logging.getLogger(__name__)

_CODES = {
    400: "invalid_request",
    401: "unauthorised",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
}


INPUT_FAULTS: tuple[type[Exception], ...] = (asyncpg.CharacterNotInRepertoireError,)
"""Errors of the libraries that are somebody's input."""


class FieldError(msgspec.Struct, frozen=True):
    field: str
    message: str


TYPE = "urn:problem-type:schalter:"
"""Names a type together with its code; there is nothing to be found behind it."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    title: str = ""
    """Empty where the status says as much."""
    status: int
    detail: str
    code: str
    errors: tuple[FieldError, ...] | msgspec.UnsetType = msgspec.UNSET
    """For input: which field, and what is expected."""


class DomainError(Protocol):
    """What a service's base error offers. `title` is empty where the status says it; `errors` holds (field, message)
    pairs, for input.
    """

    status: int
    code: str
    title: str
    detail: str
    errors: Sequence[tuple[str, str]]


def to_problem(error: DomainError) -> Problem:
    fields = tuple(FieldError(field, message) for field, message in error.errors)
    return Problem(
        title=error.title, status=error.status, detail=error.detail, code=error.code, errors=fields or msgspec.UNSET
    )


def answer(
    problem: Problem, headers: dict[str, str] | None = None, more: Mapping[str, object] | None = None
) -> Response[bytes]:
    """`more`: members beyond the standard's (RFC 9457, 3.2)."""
    return Response(
        msgspec.json.encode(msgspec.to_builtins(problem) | _kind(problem) | dict(more or {})),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def _kind(problem: Problem) -> dict[str, str]:
    """What says no more than its status has no type, and the title that the status has (RFC 9457, 4.2.1)."""
    if problem.title:
        return {"title": problem.title, "type": TYPE + problem.code}
    return {"title": HTTPStatus(problem.status).phrase, "type": "about:blank"}


def problem_handlers(base: type[Exception]) -> ExceptionHandlersMap:
    """`base` is the root of the service's own error tree; its instances fit DomainError."""

    def on_domain_error(_: AnyRequest, error: Any) -> Response[bytes]:
        return answer(to_problem(error), retry_after(error), getattr(error, "more", None))

    return {
        base: on_domain_error,
        HTTPException: on_http_error,
        asyncpg.CharacterNotInRepertoireError: on_impossible_text,
        Exception: on_unforeseen,
    }


def on_impossible_text(_: AnyRequest, __: asyncpg.CharacterNotInRepertoireError) -> Response[bytes]:
    """JSON may hold a NUL character, PostgreSQL's text may not: it is nobody's name."""
    return answer(Problem(status=400, detail="Texts hold no NUL character.", code="invalid_request"))


def retry_after(error: Exception) -> dict[str, str] | None:
    """The header of RFC 9110, 10.2.3, where the error says when to come again (`retry_after_s`)."""
    seconds: float | None = getattr(error, "retry_after_s", None)
    return None if seconds is None else {"Retry-After": str(max(1, ceil(seconds)))}


def on_http_error(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    if isinstance(error, ValidationException):
        return answer(validation_problem(error, _names(request)))
    code = _CODES.get(error.status_code, "http_error")
    detail = error.detail if error.status_code < 500 else "Something went wrong on our side."
    if error.status_code == 405:
        detail = f"{request.method} is not allowed here."
    return answer(Problem(status=error.status_code, detail=detail, code=code), headers=error.headers)


def on_unforeseen(request: AnyRequest, error: Exception) -> Response[bytes]:
    log.error("unforeseen", exc_info=error, extra={"method": request.method, "path": request.url.path})
    return answer(Problem(status=500, detail="Something went wrong on our side; it was logged.", code="internal"))


def _names(request: AnyRequest) -> dict[str, str]:
    """What parameters are called outside, where that is not their name in Python (`state`, `from`)."""
    definitions = {
        name: parameter.kwarg_definition
        for name, parameter in request.route_handler.parsed_fn_signature.parameters.items()
    }
    return {
        name: definition.name
        for name, definition in definitions.items()
        if isinstance(definition, ParameterKwarg) and definition.name
    }


def validation_problem(error: ValidationException, names: Mapping[str, str]) -> Problem:
    errors = tuple(_field_errors(error, names))
    detail = "; ".join(f"{item.field}: {item.message}" for item in errors) or error.detail
    return Problem(status=400, detail=detail, code="invalid_request", errors=errors)


def _field_errors(error: ValidationException, names: Mapping[str, str]) -> list[FieldError]:
    extra = error.extra if isinstance(error.extra, list) else []
    found = [
        _field_error(names.get(key := str(item.get("key") or ""), key), str(item.get("message", "")))
        for item in extra
        if isinstance(item, dict)
    ]
    return found or [_missing_parameter(error.detail) or FieldError("body", _plain(error.detail))]


def _field_error(key: str, message: str) -> FieldError:
    """`key` is the object's place; which field of it is missing or unknown stands in msgspec's message alone."""
    if (key, message) == ("data", "'data'"):  # Litestar's word for a body that is not there
        return FieldError("body", "A JSON body is needed.")
    place = "" if key == "data" else key
    match = re.search(r"Object (missing required|contains unknown) field `([^`]+)`", message)
    if match is None:
        return FieldError(place or "body", _plain(message))
    what = "is required" if match[1] == "missing required" else "is not known here"
    return FieldError(f"{place}.{match[2]}" if place else match[2], what)


def _missing_parameter(detail: str) -> FieldError | None:
    """Litestar says "Missing required query parameter 'items' for path /…", and nothing more."""
    match = re.match(r"Missing required (\w+) parameter '([^']+)'", detail)
    return FieldError(match[2], f"this {match[1]} parameter is required") if match else None


def _plain(message: str) -> str:
    """Msgspec says "Expected `int`, got `str` - at `$.items[0].quantity`"; the place stands in `field` already."""
    return re.sub(r" - at `\$[^`]*`", "", message)
