"""What the same server, workers and database can do at most: a hello, and a hello after one trivial SELECT."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Response, get

from kit.serve import die_with_parent, serve, settle
from kit.sql import open_pool


def create() -> Litestar:
    die_with_parent()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_pool(os.environ["DATABASE_URL"]) as pool:
            app.state.pool = pool
            settle()
            yield

    @get("/hello")
    async def hello() -> Response[bytes]:
        return Response(b'{"hello":"world"}', media_type="application/json")

    @get("/select")
    async def select() -> Response[bytes]:
        async with app.state.pool.acquire() as connection:
            value = await connection.fetchval("SELECT 1")
        return Response(b'{"value":%d}' % value, media_type="application/json")

    app = Litestar([hello, select], lifespan=[lifespan], openapi_config=None, logging_config=None)
    return app


if __name__ == "__main__":
    serve("tests.bench.yardstick:create", host="127.0.0.1", port=int(sys.argv[1]), workers=int(sys.argv[2]))
