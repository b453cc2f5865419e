"""Health and metrics, the same in every service."""

import asyncio
from collections.abc import Callable

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kit.sql import Pool

READY_TIMEOUT_S = 2


@get("/health/live", include_in_schema=False, sync_to_thread=False)
def live() -> dict[str, str]:
    return {"status": "live"}


@get("/metrics", include_in_schema=False, sync_to_thread=False)
def metrics() -> Response[bytes]:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def ready_handler(find_pool: Callable[[], Pool]) -> HTTPRouteHandler:
    """Ready means that the database answers. NATS is not asked: without it events wait, and nothing fails."""

    @get("/health/ready", include_in_schema=False)
    async def ready() -> Response[dict[str, str]]:
        try:
            async with asyncio.timeout(READY_TIMEOUT_S), find_pool().acquire() as connection:
                await connection.execute("SELECT 1")
        except (OSError, TimeoutError) as error:
            return Response({"status": "not ready", "cause": type(error).__name__}, status_code=503)
        return Response({"status": "ready"})

    return ready
