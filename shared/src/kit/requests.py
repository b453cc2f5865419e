from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import SerializationException

AnyConnection = ASGIConnection[Any, Any, Any, Any]
AnyRequest = Request[Any, Any, Any]


class JsonRequest(AnyRequest):
    """A body that cannot be read is its sender's fault, also where the decoder gives up for another reason."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except RecursionError as error:
            raise SerializationException("JSON nested too deeply") from error
