"""Portals of different care, as ASGI applications: what the kit is to find is planted here."""

import asyncio
import json
from typing import Any

import httpx
from litestar import Litestar, Response, get, post

from demo.portal.webhooks import is_genuine
from kit.clock import system_clock
from kit.requests import AnyRequest

SECRET = "whsec_of_the_tests"


class Portal:
    """Keeps `state`, which its page shows. What is asked of it stands in the flags."""

    def __init__(
        self,
        *,
        checks: bool = True,
        believes: bool = False,
        at_most_once: bool = False,
        strict: bool = False,
        delay_s: float = 0,
    ) -> None:
        self.state = "pending"
        self.seen: set[str] = set()
        self.checks, self.believes, self.at_most_once, self.strict = checks, believes, at_most_once, strict
        self.delay_s = delay_s

    def hear(self, signature: str, body: bytes) -> int:
        if self.checks and not is_genuine(signature, body, SECRET, system_clock()):
            return 400
        event = json.loads(body)
        return self.take(event) if isinstance(event, dict) and "id" in event else 400

    def take(self, event: dict[str, Any]) -> int:
        if self.strict and (set(event) - KNOWN or event["type"] == "payment.invented"):
            return 422
        if self.at_most_once and event["id"] in self.seen:
            return 409
        self.seen.add(event["id"])
        if self.believes:
            self.state = event["state"]
        return 204

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(self._app()), base_url="https://portal.example")

    def _app(self) -> Litestar:
        @post("/hook")
        async def hook(request: AnyRequest) -> Response[None]:
            await asyncio.sleep(self.delay_s)
            try:
                status = self.hear(request.headers.get("schalter-signature", ""), await request.body())
            except ValueError:
                status = 500 if self.believes else 400
            return Response(None, status_code=status)

        @get("/order")
        async def order() -> dict[str, str]:
            return {"state": self.state}

        return Litestar([hook, order], openapi_config=None)


KNOWN = {
    "id",
    "type",
    "tenant",
    "payment_id",
    "version",
    "state",
    "reference",
    "amount",
    "refunded",
    "occurred_at",
}
