"""Sends what is due: signed webhooks, again and again until somebody answers 2xx."""

import asyncio
import hmac
import logging
import zlib
from base64 import b64encode
from datetime import datetime, timedelta
from uuid import uuid4

import httpx

from demo.sandbox.accounts import Account
from demo.sandbox.book import Delivery
from demo.sandbox.certificates import Signer
from demo.sandbox.desk import Desk

log = logging.getLogger(__name__)

IDLE_S = 0.05
RETRY_S = (1, 2, 5, 10, 30, 60, 300, 600, 1800, 3600)
TIMEOUT_S = 10

Headers = dict[str, str]


class Sender:
    def __init__(self, desk: Desk, signer: Signer, http: httpx.AsyncClient) -> None:
        self._desk = desk
        self._signer = signer
        self._http = http

    async def run(self) -> None:
        while True:
            due = self._desk.book.list_due(self._desk.clock())
            await asyncio.gather(*(self._send(delivery) for delivery in due))
            if not due:
                await asyncio.sleep(IDLE_S)

    async def _send(self, delivery: Delivery) -> None:
        account = self._desk.accounts.find(delivery.tenant)
        url = self._desk.accounts.webhook_url(delivery.tenant, delivery.provider)
        if account is None or url is None or await self._accepted(url, delivery, account):
            self._desk.book.end_delivery(delivery.number)
        elif delivery.attempts < len(RETRY_S):
            later = self._desk.clock() + timedelta(seconds=RETRY_S[delivery.attempts])
            self._desk.book.postpone_delivery(delivery.number, later)
        else:
            self._desk.book.end_delivery(delivery.number)
            log.warning("webhook given up", extra={"event": delivery.event_id})

    async def _accepted(self, url: str, delivery: Delivery, account: Account) -> bool:
        now = self._desk.clock()
        headers = {"Content-Type": "application/json"} | (
            stripe_headers(delivery.body, account.stripe.webhook_secrets, now)
            if delivery.provider == "stripe"
            else paypal_headers(delivery.body, account.paypal.webhook_id, now, self._signer, self._desk.public_url)
        )
        try:
            response = await self._http.post(url, content=delivery.body, headers=headers, timeout=TIMEOUT_S)
        except httpx.HTTPError as error:
            log.info("webhook not delivered", extra={"event": delivery.event_id, "cause": type(error).__name__})
            return False
        return response.is_success


def stripe_headers(body: bytes, secrets: tuple[str, ...], now: datetime) -> Headers:
    """One signature per secret, as Stripe sends while a secret is being rolled (docs.stripe.com/webhooks/signature)."""
    stamp = int(now.timestamp())
    signatures = [hmac.new(secret.encode(), f"{stamp}.".encode() + body, "sha256").hexdigest() for secret in secrets]
    return {"Stripe-Signature": ",".join([f"t={stamp}", *(f"v1={signature}" for signature in signatures)])}


def paypal_headers(body: bytes, webhook_id: str, now: datetime, signer: Signer, public_url: str) -> Headers:
    transmission, stamp = str(uuid4()), now.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"{transmission}|{stamp}|{webhook_id}|{zlib.crc32(body)}"
    return {
        "PayPal-Transmission-Id": transmission,
        "PayPal-Transmission-Time": stamp,
        "PayPal-Transmission-Sig": b64encode(signer.sign(text.encode())).decode(),
        "PayPal-Cert-Url": f"{public_url}/v1/notifications/certs/{signer.name}",
        "PayPal-Auth-Algo": "SHA256withRSA",
    }
