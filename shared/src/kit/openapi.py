"""The OpenAPI document, completed by what Litestar does not know of us: every error is a problem+json, and a request
with a field that nobody knows is refused.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import OpenAPI, OpenAPIMediaType, OpenAPIResponse, Operation, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.routes import HTTPRoute

from kit.requests import AnyRequest

_METHODS = ("get", "post", "put", "delete", "patch")
_TEXT = Schema(type=OpenAPIType.STRING)
_PROBLEM = Schema(
    title="Problem",
    description="RFC 9457. `code` is for programs and stays; `detail` is for people and may change.",
    type=OpenAPIType.OBJECT,
    required=["type", "title", "status", "detail", "code"],
    properties={
        "type": Schema(
            type=OpenAPIType.STRING, description="about:blank where `code` says no more than the status does."
        ),
        "title": _TEXT,
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": _TEXT,
        "code": _TEXT,
        "errors": Schema(
            type=OpenAPIType.ARRAY,
            description="For input: which field, and what is expected.",
            items=Schema(
                type=OpenAPIType.OBJECT, required=["field", "message"], properties={"field": _TEXT, "message": _TEXT}
            ),
        ),
    },
)


def openapi_config(title: str) -> OpenAPIConfig:
    """The document at `/schema`, also as JSON and YAML."""
    return OpenAPIConfig(
        title=title, version="1", path="/schema", render_plugins=[_Json(path=["/", "/openapi.json"]), _Yaml()]
    )


def openapi_document(app: Litestar) -> dict[str, Any]:
    """Made when it is first asked for: that takes longer than to make the rest of the application."""
    if not hasattr(app.state, "openapi_document"):
        app.state.openapi_document = _complete(app).to_schema()
    document: dict[str, Any] = app.state.openapi_document
    return document


class _Json(JsonRenderPlugin):
    def render(self, request: AnyRequest, _: dict[str, Any]) -> bytes:
        return super().render(request, openapi_document(request.app))


class _Yaml(YamlRenderPlugin):
    def render(self, request: AnyRequest, _: dict[str, Any]) -> bytes:
        return super().render(request, openapi_document(request.app))


def _complete(app: Litestar) -> OpenAPI:
    document = app.openapi_schema
    assert document.components is not None
    for item in (document.paths or {}).values():
        for method in _METHODS:
            operation: Operation | None = getattr(item, method)
            if operation is not None:
                _document_problems(operation)
    document.components.schemas["Problem"] = _PROBLEM
    closed = {type_.__name__ for type_ in _closed_bodies(app)}
    for schema in document.components.schemas.values():
        if schema.title in closed:
            schema.additional_properties = False
    return document


def _document_problems(operation: Operation) -> None:
    responses = operation.responses or {}
    responses.pop("400", None)
    content = {"application/problem+json": OpenAPIMediaType(schema=Reference(ref="#/components/schemas/Problem"))}
    responses["default"] = OpenAPIResponse(description="What went wrong, and what to do", content=content)


def _closed_bodies(app: Litestar) -> Iterator[type]:
    """The types of requests, and what they hold, that refuse unknown fields."""
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                body = handler.parsed_fn_signature.parameters.get("data")
                if body is not None:
                    yield from _closed(msgspec.inspect.type_info(body.annotation))


def _closed(info: Any) -> Iterator[type]:
    if isinstance(info, msgspec.inspect.StructType):
        if info.forbid_unknown_fields:
            yield info.cls
        for field in info.fields:
            yield from _closed(field.type)
    for part in (getattr(info, "item_type", None), *getattr(info, "types", ())):
        if part is not None:
            yield from _closed(part)
