from typing import Any

from litestar import Request
from litestar.exceptions import SerializationException


class JsonRequest(Request[Any, Any, Any]):
    """A body that cannot be read is its sender's fault, also where the decoder gives up for another reason."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except RecursionError as error:
            raise SerializationException("JSON nested too deeply") from error
