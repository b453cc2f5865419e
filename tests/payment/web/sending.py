"""A provider's webhook, sent on to payment by a test."""

import httpx
from tests.payment.web.conftest import Till
from tests.support.sandbox import Webhook


async def send(till: Till, webhook: Webhook, body: bytes | None = None, path: str | None = None) -> httpx.Response:
    return await till.app.post(path or webhook.path, content=body or webhook.body, headers=webhook.headers)
